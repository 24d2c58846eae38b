"""What every attack's script works with: journeys up to the callback, the client's own requests, and shots.

A shot is one request of the attacker with what came of it. Who refused, and with which error, is read from the answer and
from what the parties reported to the observer, never from the attack's own row.
"""

import copy
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import Cookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from demo_site import environment
from demo_site.attacks.user_agent import Unexpected, UserAgent
from demo_site.attacks.world import World
from demo_site.trace.middleware import CLIENT_COOKIE
from demo_site.trace.models import Artifact, Event

VICTIM, ATTACKER = "alice", "bob"
SESSION = "codeflow_provider_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One attempt: `party` answered with `status` and `error`; `succeeded` says whether the attacker got what it wanted."""

    label: str
    request: str
    status: int
    party: str
    error: str
    succeeded: bool
    run_id: uuid.UUID | None = None


@dataclass(slots=True)
class Journey:
    """A round trip stopped before the callback: the code is in the address, and the client has not seen it."""

    agent: UserAgent
    callback: str = field(repr=False)

    @property
    def run_id(self) -> uuid.UUID | None:
        return run_of(self.agent)

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.callback).query))

    def callback_with(self, **changed: str | None) -> str:
        """The callback's address with other values; None leaves one out."""
        kept = {name: value for name, value in {**self.parameters, **changed}.items() if value is not None}
        return f"{self.callback.partition('?')[0]}?{urlencode(kept)}"


@dataclass(slots=True)
class Bench:
    """One attack in one world: makes journeys, sends shots, and collects them."""

    world: World
    shots: list[Shot] = field(default_factory=list)
    agents: list[UserAgent] = field(default_factory=list)
    sessions: dict[str, Cookie] = field(default_factory=dict, repr=False)
    """Who has signed in at the server already, so that several shots need one password."""

    def agent(self, person: str = "") -> UserAgent:
        """A browser with no cookies yet, but for the server's session of `person` where there is one."""
        made = UserAgent(stop_before=lambda url: self.world.ends_at_client(url) or not is_ours(url))
        self.agents.append(made)
        if person in self.sessions:
            made.session.cookies.set_cookie(copy.copy(self.sessions[person]))
        return made

    def journey(self, person: str = VICTIM, *, start: str = "", allow: bool = True) -> Journey:
        """`person` asks for their notes, signs in and decides; the browser stops before the client hears of it."""
        agent = self.agent(person)
        agent.open(start or self.world.login)
        return self.go_on(agent, person, allow=allow)

    def go_on(self, agent: UserAgent, person: str = VICTIM, *, allow: bool = True) -> Journey:
        """From the server's pages to the callback's address."""
        self.sign_in(agent, person)
        if not agent.next_url and agent.has(self.world.consent_form):
            name, yes = self.world.consent_button
            agent.submit(self.world.consent_form, button=(name, yes if allow else "no"))
        if not self.world.ends_at_client(agent.next_url):
            where = (agent.next_url or agent.answer.url).partition("?")[0]
            raise Unexpected(f"the journey ended at {where} ({agent.answer.status_code})")
        return Journey(agent, agent.next_url)

    def sign_in(self, agent: UserAgent, person: str) -> None:
        """Where the server asks for it."""
        if agent.has("codeflow-login"):
            agent.submit("codeflow-login", username=person, password=person)
            self.sessions[person] = next(one for one in agent.session.cookies if one.name == SESSION)

    def bring(self, label: str, agent: UserAgent, url: str) -> Shot:
        """A browser opens a callback; the attacker wins where it is signed in by it."""
        answer = agent.step(url)
        signed_in = answer.is_redirect and not answer.headers["Location"].startswith(self.world.login)
        return self.note(label, answer, succeeded=signed_in, run_id=run_of(agent))

    def redeem(self, label: str, journey: Journey, *, secret: str | None = None, **changed: str | None) -> Shot:
        """A token request with the journey's code, as the client would make it, but for what is `changed`."""
        answer = self.token_request(journey, secret=secret, **changed)
        return self.note(label, answer, succeeded=answer.ok, run_id=journey.run_id)

    def token_request(self, journey: Journey, *, secret: str | None = None, **changed: str | None) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": journey.parameters["code"],
            "redirect_uri": self.world.callback,
            "code_verifier": verifier_of(journey.run_id),
            **self.world.credentials(secret),
            **changed,
        }
        return self.post(self.world.token, form, run_id=journey.run_id)

    def refresh(self, refresh_token: str, *, run_id: uuid.UUID | None) -> requests.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **self.world.credentials()}
        return self.post(self.world.token, form, run_id=run_id)

    def call_api(
        self, access_token: str, *, run_id: uuid.UUID | None, method: str = "GET", api: str = "", **how: Any
    ) -> Any:
        headers = {"Authorization": f"Bearer {access_token}", **traced(run_id)}
        return requests.request(method, api or self.world.api, headers=headers, timeout=10, **how)

    def post(self, url: str, form: Mapping[str, str | None], *, run_id: uuid.UUID | None) -> requests.Response:
        data = {name: value for name, value in form.items() if value is not None}
        return requests.post(url, data=data, headers=traced(run_id), timeout=10, allow_redirects=False)

    def note(
        self,
        label: str,
        answer: requests.Response,
        *,
        succeeded: bool,
        run_id: uuid.UUID | None,
        error: str = "",
        party: str = "",
    ) -> Shot:
        """Keeps a shot; what is not given is read from the answer: whose address it is, and what that party says."""
        party = party or party_at(answer.url)
        shot = Shot(
            label=label,
            request=f"{answer.request.method} {answer.url.partition('?')[0]}",
            status=answer.status_code,
            party=party,
            error="" if succeeded else error or error_of(answer, party, run_id),
            succeeded=succeeded,
            run_id=run_id,
        )
        self.shots.append(shot)
        return shot

    def close(self) -> None:
        for agent in self.agents:
            agent.session.close()


def is_ours(url: str) -> bool:
    """Whether the address is one of the demo's two origins; nothing is ever sent to another."""
    at = environment.addresses()
    return url.startswith((f"{at.client}/", f"{at.provider}/"))


def party_at(url: str) -> str:
    """Whose address it is: client, server or api."""
    if "/api/" in urlsplit(url).path:
        return "api"
    return "client" if url.startswith(environment.addresses().client) else "server"


def run_of(agent: UserAgent) -> uuid.UUID | None:
    """The observer's run of this browser, by the lab cookie that both sites set."""
    held = agent.session.cookies.get(CLIENT_COOKIE)
    return uuid.UUID(hex=held) if held else None


def verifier_of(run_id: uuid.UUID | None) -> str | None:
    """What the client kept to itself; the observer saw it only if the client has already sent it."""
    found = Artifact.objects.filter(run_id=run_id, kind="verifier").first() if run_id else None
    return found.value if found else None


def token_of(run_id: uuid.UUID | None, kind: str) -> str:
    """The newest token of a run, from the observer, for who is to play the thief."""
    found = Artifact.objects.filter(run_id=run_id, kind=kind).last() if run_id else None
    return (found.value or "") if found else ""


def traced(run_id: uuid.UUID | None) -> dict[str, str]:
    """The header by which the server's copy finds the run (demo_site.trace.back_channel)."""
    return {"traceparent": f"00-{run_id.hex}-{secrets.token_hex(8)}-01"} if run_id else {}


def error_of(answer: requests.Response, party: str, run_id: uuid.UUID | None) -> str:
    """The error code that the answer names, else the reason that its party reported last."""
    if "json" in answer.headers.get("Content-Type", ""):
        named = answer.json().get("error", "")
        if named:
            return str(named)
    challenge = answer.headers.get("WWW-Authenticate", "")
    if 'error="' in challenge:
        return challenge.partition('error="')[2].partition('"')[0]
    if run_id is None:
        return ""
    told = Event.objects.filter(run_id=run_id, recorded_by=party, channel="internal").exclude(outcome="ok").last()
    return str(told.params.get("reason", "")) if told else ""
