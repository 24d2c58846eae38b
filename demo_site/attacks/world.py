"""The two worlds an attack is tried in: the demo's two sites, and their unsafe twin. The same script runs in both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from demo_site import environment
from demo_site.launch.first_run import SCOPE


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Addresses of one client and one server, and what the client holds."""

    name: str
    login: str
    callback: str
    authorize: str
    token: str
    revoke: str
    api: str
    other_api: str
    """One that the client's tokens are not for."""
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    consent_form: str
    consent_button: tuple[str, str]
    lying_login: str
    lying_callback: str

    def login_with(self, **parameters: str) -> str:
        return f"{self.login}?{urlencode(parameters)}" if parameters else self.login

    def ends_at_client(self, url: str) -> bool:
        return url.startswith((self.callback, self.lying_callback))

    def credentials(self, secret: str | None = None) -> Mapping[str, str]:
        """RFC 6749 2.3.1, in the body."""
        return {"client_id": self.client_id, "client_secret": self.client_secret if secret is None else secret}


def codeflow() -> World:
    """The demo's client, which uses codeflow.relying_party, and its server, which uses codeflow.provider."""
    at = environment.addresses()
    return World(
        name="codeflow",
        login=f"{at.client}/auth/login/demo/",
        callback=at.redirect_uri,
        authorize=f"{at.issuer}/authorize/",
        token=f"{at.issuer}/token/",
        revoke=f"{at.issuer}/revoke/",
        api=f"{at.provider}/api/notes/",
        other_api=at.weather_api,
        client_id="notes",
        client_secret=environment.read_secret(environment.CLIENT_SECRET),
        scope=SCOPE,
        consent_form="codeflow-consent",
        consent_button=("allow", "yes"),
        lying_login=f"{at.client}/auth/login/unsafe/",
        lying_callback=f"{at.client}/auth/callback/unsafe/",
    )


def twin() -> World:
    """demo_site/unsafe: a client and a server that leave the checks out."""
    at = environment.addresses()
    client, server = f"{at.client}/unsafe/client", f"{at.provider}/unsafe"
    return World(
        name="twin",
        login=f"{client}/login/",
        callback=f"{client}/callback/",
        authorize=f"{server}/o/authorize/",
        token=f"{server}/o/token/",
        revoke=f"{server}/o/revoke/",
        api=f"{server}/api/notes/",
        other_api=f"{server}/api/weather/",
        client_id="twin",
        client_secret="the twin's server never looks at it",
        scope="openid profile notes.read",
        consent_form="unsafe-consent",
        consent_button=("allow", "yes"),
        lying_login=f"{client}/login/",
        lying_callback=f"{client}/callback/",
    )
