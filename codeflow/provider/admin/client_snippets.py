"""Ready settings for the sites and programs that connect: with this server's issuer and the client's key, and without its secret.

RFC 6749 4.1; RFC 7636 4; OIDC Core 3.1. The secret belongs into the environment, so every text names a variable for it.
"""

import json
import re
from dataclasses import dataclass
from textwrap import dedent
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from codeflow.provider.conf import provider_settings
from codeflow.provider.metadata import endpoint
from codeflow.provider.models import Client

SECRET_VARIABLE = "CODEFLOW_CLIENT_SECRET"
UNKNOWN_ISSUER = "https://your.host/o"
_ENVIRON = f'os.environ["{SECRET_VARIABLE}"]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """`name` is for ids; `where` says in which file the text belongs."""

    name: str
    title: str
    where: str
    text: str
    note: str = ""


def snippets(client: Client) -> list[Snippet]:
    made = [_codeflow, _allauth, _mozilla, _introspection, _oauth2_proxy, _curl]
    return [snippet for make in made if (snippet := make(client))]


def relying_party_settings(client: Client) -> str:
    """Settings for codeflow's relying party."""
    entry: dict[str, Any] = {"issuer": issuer(), "client_id": client.client_id}
    lines = [f'"{name}": {_literal(value)},' for name, value in entry.items()]
    if not client.is_public:
        lines.append(f'"client_secret": {_ENVIRON},')
    lines.append(f'"scope": {_literal(client.scope)},')
    body = "\n".join(f"            {line}" for line in lines)
    head = "" if client.is_public else "import os\n\n"
    return f"""{head}CODEFLOW_RELYING_PARTY = {{
    "PROVIDERS": {{
        "{provider_name(client)}": {{
{body}
        }},
    }},
}}
"""


def issuer() -> str:
    try:
        return provider_settings.issuer
    except ImproperlyConfigured:
        return UNKNOWN_ISSUER


def endpoint_or_guess(name: str, path: str) -> str:
    """The endpoint's address; what it would be where the issuer is not set yet."""
    try:
        return endpoint(name)
    except ImproperlyConfigured:
        return f"{UNKNOWN_ISSUER}/{path}/"


def provider_name(client: Client) -> str:
    """The name that the client's site calls this server: the last part of codeflow's callback address."""
    found = re.search(r"/callback/([A-Za-z0-9_-]+)/(?:\s|$)", client.redirect_uris)
    return found[1] if found else "provider"


def _literal(text: str) -> str:
    """A Python (and TOML) string: what JSON writes is one."""
    return json.dumps(text, ensure_ascii=True)


def _method(client: Client) -> str:
    return "none" if client.is_public else client.token_endpoint_auth_method or "client_secret_basic"


def _redirect_uri(client: Client) -> str:
    return next(iter(client.redirect_uris.split()), "https://app.example/callback")


def _codeflow(client: Client) -> Snippet:
    name = provider_name(client)
    note = _("Its callback address is %(address)s on the site's host.") % {"address": f"/auth/callback/{name}/"}
    return Snippet(
        name="codeflow",
        title="codeflow",
        where="settings.py",
        text=relying_party_settings(client),
        note=note,
    )


def _allauth(client: Client) -> Snippet:
    """The form that the project's own exchange with django-allauth is tested with."""
    scopes = json.dumps(client.scope.split())
    secret = "" if client.is_public else f'\n                "secret": {_ENVIRON},'
    text = f"""{"" if client.is_public else "import os" + chr(10) + chr(10)}SOCIALACCOUNT_PROVIDERS = {{
    "openid_connect": {{
        "OAUTH_PKCE_ENABLED": True,
        "SCOPE": {scopes},
        "APPS": [
            {{
                "provider_id": "{provider_name(client)}",
                "name": "codeflow",
                "client_id": {_literal(client.client_id)},{secret}
                "settings": {{"server_url": {_literal(issuer())}{_allauth_method(client)}}},
            }},
        ],
    }},
}}
"""
    note = _("Its callback address ends in /oidc/%(name)s/login/callback/.") % {"name": provider_name(client)}
    return Snippet(name="allauth", title="django-allauth", where="settings.py", text=text, note=note)


def _allauth_method(client: Client) -> str:
    return "" if client.is_public else f', "token_auth_method": "{_method(client)}"'


def _mozilla(client: Client) -> Snippet | None:
    """mozilla-django-oidc reads no metadata, so each endpoint is named; it cannot be a public client."""
    if client.is_public:
        return None
    text = f"""import os

OIDC_RP_CLIENT_ID = {_literal(client.client_id)}
OIDC_RP_CLIENT_SECRET = {_ENVIRON}
OIDC_RP_SIGN_ALGO = "{client.signing_algorithm}"
OIDC_RP_SCOPES = {_literal(client.scope)}
OIDC_OP_AUTHORIZATION_ENDPOINT = {_literal(endpoint_or_guess("authorization_endpoint", "authorize"))}
OIDC_OP_TOKEN_ENDPOINT = {_literal(endpoint_or_guess("token_endpoint", "token"))}
OIDC_OP_USER_ENDPOINT = {_literal(endpoint_or_guess("userinfo_endpoint", "userinfo"))}
OIDC_OP_JWKS_ENDPOINT = {_literal(endpoint_or_guess("jwks_uri", "jwks"))}
OIDC_TOKEN_USE_BASIC_AUTH = {_method(client) == "client_secret_basic"}
OIDC_USE_PKCE = True
"""
    note = _("Its callback address ends in /oidc/callback/.")
    return Snippet(name="mozilla", title="mozilla-django-oidc", where="settings.py", text=text, note=note)


def _introspection(client: Client) -> Snippet | None:
    """django-oauth-toolkit at an API: it asks this server what a token is good for (RFC 7662)."""
    if client.is_public:
        return None
    text = f"""import os

OAUTH2_PROVIDER = {{
    "RESOURCE_SERVER_INTROSPECTION_URL": {_literal(endpoint_or_guess("introspection_endpoint", "introspect"))},
    "RESOURCE_SERVER_INTROSPECTION_CREDENTIALS": ({_literal(client.client_id)}, {_ENVIRON}),
}}
"""
    note = "" if client.may_introspect else _("First let a superuser tick “may introspect others' tokens”.")
    return Snippet(
        name="toolkit", title=_("django-oauth-toolkit, at an API"), where="settings.py", text=text, note=note
    )


def _oauth2_proxy(client: Client) -> Snippet | None:
    if client.is_public:
        return None
    text = f"""provider = "oidc"
oidc_issuer_url = {_literal(issuer())}
client_id = {_literal(client.client_id)}
# OAUTH2_PROXY_CLIENT_SECRET and OAUTH2_PROXY_COOKIE_SECRET come from the environment
redirect_url = {_literal(_redirect_uri(client))}
scope = {_literal(client.scope)}
code_challenge_method = "S256"
email_domains = ["*"]
"""
    note = _("It wants e-mail addresses that are verified: let USER_CLAIMS say email_verified where you know it.")
    return Snippet(name="oauth2-proxy", title="oauth2-proxy", where="oauth2-proxy.cfg", text=text, note=note)


def _curl(client: Client) -> Snippet:
    """Both channels by hand."""
    query = urlencode(
        {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": _redirect_uri(client),
            "scope": client.scope,
        }
    )
    quiet = '--data-urlencode "client_id=' + client.client_id + '"'
    post = f'{quiet} --data-urlencode "client_secret=${SECRET_VARIABLE}"'
    basic = f'--user "{client.client_id}:${SECRET_VARIABLE}"'
    credentials = {"none": quiet, "client_secret_post": post}.get(_method(client), basic)
    text = rf"""
        VERIFIER=$(openssl rand -hex 32)
        CHALLENGE=$(printf %s "$VERIFIER" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')
        STATE=$(openssl rand -hex 16)

        # Open this in a browser, and copy the code from the address that you come back to:
        echo "{endpoint_or_guess("authorization_endpoint", "authorize")}?{query}&state=$STATE&code_challenge=$CHALLENGE&code_challenge_method=S256"

        read -r CODE
        curl {credentials} \
          --data-urlencode "grant_type=authorization_code" \
          --data-urlencode "code=$CODE" \
          --data-urlencode "redirect_uri={_redirect_uri(client)}" \
          --data-urlencode "code_verifier=$VERIFIER" \
          {endpoint_or_guess("token_endpoint", "token")}
        """
    note = _("A code works once, and for a minute.")
    return Snippet(name="curl", title="curl", where=_("a shell"), text=dedent(text).lstrip("\n"), note=note)
