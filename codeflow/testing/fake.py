"""A provider that lives in the test: what a test may tell it, and what it remembers."""

from collections.abc import Mapping
from typing import Any

from codeflow.relying_party.bearer import introspection
from codeflow.testing import back_channel, front_channel
from codeflow.testing.front_channel import AuthorizationAnswer
from codeflow.testing.issuing import jwt_access_token, logout_token
from codeflow.testing.messages import Reply, Request
from codeflow.testing.misbehaviours import MISBEHAVIOURS
from codeflow.testing.people import Person, new_person
from codeflow.testing.state import ApiAnswer, Grant, Registration, State, new_secret
from codeflow.testing.ways import Ways
from codeflow.testing.wire import forget_documents


class FakeProvider:
    """What `fake_provider("acme")` gives. Nothing here opens a socket."""

    def __init__(self, registration: Registration) -> None:
        self.state = State(registration=registration)

    def __repr__(self) -> str:
        return f"<FakeProvider {self.name!r} at {self.issuer}>"

    @property
    def name(self) -> str:
        """The provider's key in the site's settings."""
        return self.state.registration.name

    @property
    def issuer(self) -> str:
        return self.state.registration.issuer

    @property
    def ways(self) -> Ways:
        """Members to replace by hand, for what no misbehaviour does."""
        return self.state.ways

    @property
    def requests(self) -> list[Request]:
        """What the site's server has sent here, in order."""
        return self.state.requests

    def requests_to(self, ending: str) -> list[Request]:
        """Those whose path ends so: `op.requests_to("/token")`."""
        return [request for request in self.requests if request.path.endswith(ending)]

    def user(
        self, name: str, *, email: str = "", groups: list[str] | None = None, acr: str = "", **claims: Any
    ) -> Person:
        """Makes an account, or replaces it; `claims` are any others (`sub` too). Its owner comes to the browser."""
        person = new_person(name, email=email, groups=groups, acr=acr, claims=claims)
        self.state.people[name] = person
        self.state.current = name
        return person

    def at_the_browser(self, name: str) -> Person:
        """The person called `name` is the one who signs in from now on."""
        if name not in self.state.people:
            raise LookupError(f"nobody called {name!r} has an account at {self.name!r}: op.user({name!r}) makes one")
        self.state.current = name
        return self.state.people[name]

    def api(self, name: str, answers: Mapping[str, ApiAnswer]) -> None:
        """Answers of the API that the settings call `name`: "/path" or "METHOD /path" → JSON, a Reply, or a function."""
        if name not in self.state.registration.apis:
            known = ", ".join(self.state.registration.apis) or "none"
            raise LookupError(f"the settings of {self.name!r} name no API {name!r}; they name: {known}")
        self.state.apis.setdefault(name, {}).update(answers)

    def misbehave(self, *names: str) -> None:
        """From now on the answers break these rules too: see MISBEHAVIOURS. What the site has cached is forgotten."""
        for name in names:
            if name not in MISBEHAVIOURS:
                raise LookupError(f"no misbehaviour is called {name!r}; there are: {', '.join(MISBEHAVIOURS)}")
            MISBEHAVIOURS[name].change(self.state)
        forget_documents()

    def behave(self) -> None:
        """Everything is right again."""
        self.state.ways = Ways()
        forget_documents()

    def expire_access_tokens(self) -> None:
        """The APIs refuse every access token issued so far; refresh tokens still work."""
        self.state.access_tokens.clear()

    def access_token(
        self,
        name: str,
        *,
        audience: str | list[str],
        scope: str = "",
        client_id: str = "another-client",
        lifetime: int = 3600,
        opaque: bool = False,
        **claims: Any,
    ) -> str:
        """An access token for an API of the site itself: an RFC 9068 JWT, or one that only introspection explains."""
        person = self.state.people[name] if name in self.state.people else self.user(name)
        grant = Grant(person=person, scope=scope, client_id=client_id, sid="", audience=audience)
        if not opaque:
            return jwt_access_token(self.state, grant, lifetime=lifetime, more=claims)
        token = new_secret("opaque")
        self.state.access_tokens[token] = grant
        return token

    def revoke_access_token(self, token: str) -> None:
        """Introspection says that it is not active; what the site remembers of it is forgotten."""
        self.state.access_tokens.pop(token, None)
        introspection.forget()

    def logout_token(self, name: str, **claims: Any) -> str:
        """A logout token about the newest session of the person (Back-Channel Logout 2.4); `claims` replace its own."""
        person = self.state.people[name]
        sid = person.sids[-1] if person.sids else "no-session"
        grant = Grant(person=person, scope="", client_id=self.state.registration.client_id, sid=sid)
        return logout_token(self.state, grant, claims)

    def authorize(self, url: str) -> AuthorizationAnswer:
        """What a browser brings back from the authorization request at `url`, for tests that carry it themselves."""
        return front_channel.authorize(self.state, url)

    def serves(self, url: str) -> int:
        return back_channel.serves(self.state, url)

    def answer(self, request: Request) -> Reply:
        return back_channel.answer(self.state, request)

    def has_page(self, url: str) -> bool:
        """Whether this address is for browsers."""
        return front_channel.is_front_channel(self.state, url)

    def browse(self, request: Request) -> Reply:
        return front_channel.browse(self.state, request)
