"""The front channel of both sites, and the back channel as the server receives it.

Outermost, so that what is recorded is what was really sent. Which run a hop belongs to is told by the digest of `state`, code
or token, by the `traceparent` of the back channel, or by a lab cookie that joins pages without any of these.
Recording never breaks a request: whatever goes wrong here is logged at debug and forgotten.
"""

import contextlib
import logging
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from demo_site.trace import marks, recorder, steps
from demo_site.trace.back_channel import span_of
from demo_site.trace.hop import Hop, Message, current
from demo_site.trace.models import ANOTHER_CLIENT, Run

logger = logging.getLogger(__name__)

SERVER_COOKIE, CLIENT_COOKIE = "codeflow_provider_lab", "codeflow_client_lab"
STEP_COOKIE = "codeflow_client_steps"
"""Set where the person wants to stop at every step; the run keeps that from its beginning."""
RUN = "demo_site.run"
"""Where the request's META names the run it belongs to, for the middleware outside this one."""
NOT_WATCHED = (
    "/static/",
    "/lab/",
    "/admin/",
    "/theme/",
    "/language/",
    "/open/",
    "/auth/before-token-request/",
    "/favicon.ico",
)
LARGEST_BODY = 64 * 1024
AUTHORIZE = "/o/authorize/"  # the twin has one of its own, below /unsafe/
SPOKEN_DIGESTS = ("code", "refresh_token", "access_token")


class TraceMiddleware:
    """Opens a hop before the request is served, and writes it when the answer is ready."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.site = ClientSite() if settings.DEMO_ROLE == "relying_party" else ServerSite()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/" or request.path.startswith(NOT_WATCHED):
            return self.get_response(request)
        hop, asked = Hop(party=self.site.party_of(request)), None
        with never_in_the_way():
            asked = self.site.open(hop, request)
        token = current.set(hop)
        try:
            response = self.get_response(request)
        finally:
            current.reset(token)
        if asked is not None:
            with never_in_the_way():
                self.site.close(hop, asked, request, response)
        return response


@contextlib.contextmanager
def never_in_the_way() -> Iterator[None]:
    try:
        yield
    except Exception:
        logger.debug("not recorded", exc_info=True)


class Site:
    """What both sites record alike."""

    party = ""
    cookie = ""

    def party_of(self, request: HttpRequest) -> str:
        return self.party

    def find(self, request: HttpRequest, asked: Message) -> uuid.UUID | None:
        raise NotImplementedError

    def settle(self, hop: Hop, request: HttpRequest, response: HttpResponse) -> str:
        """The run's status after this hop, or "" while it goes on."""
        raise NotImplementedError

    def open(self, hop: Hop, request: HttpRequest) -> Message:
        """The request as a message; read before the view, since a body can be read once."""
        back = steps.is_back_channel(request.path, self.party)
        body = _body_of(request)
        asked = Message(
            kind="http_in",
            recorded_by=hop.party,
            channel="back" if back else "front",
            from_party=("server" if self.party == "client" else "client") if back else "browser",
            to_party=hop.party,
            method=request.method or "",
            url=request.build_absolute_uri(),
            headers=_headers_of(request, body),
            body=body,
            content_type=request.headers.get("Content-Type", "") if body else "",
            span=span_of(request.headers.get("traceparent", "")),
        )
        if back:
            asked.step = steps.of_back_channel(request.path, body, answer=False)
            asked.summary_id = steps.summary_of_back_channel(request.path, body)
        else:
            asked.step, asked.summary_id = steps.of_request(request, hop.party)
        hop.run_id = self.find(request, asked)
        if hop.run_id and asked.step == 1 and asked.summary_id == "front.page" and not _is_pending(hop.run_id):
            asked.step = 7
        hop.items.append(asked)
        return asked

    def close(self, hop: Hop, asked: Message, request: HttpRequest, response: HttpResponse) -> None:
        answer = self._answer(hop, asked, request, response)
        hop.items.append(answer)
        self.begin_if_needed(hop, request, response)
        if hop.run_id is None:
            return
        request.META[RUN] = hop.run_id
        recorder.write(hop, status=self.settle(hop, request, response), signed_in_as=self.person(request))
        if asked.channel == "front" and request.COOKIES.get(self.cookie) != hop.run_id.hex:
            response.set_cookie(self.cookie, hop.run_id.hex, httponly=True, samesite="Lax")

    def begin_if_needed(self, hop: Hop, request: HttpRequest, response: HttpResponse) -> None:
        """Begins a run where this hop is the first of one."""

    def person(self, request: HttpRequest) -> str:
        return ""

    def from_cookie(self, request: HttpRequest) -> uuid.UUID | None:
        with contextlib.suppress(ValueError):
            run_id = uuid.UUID(hex=request.COOKIES.get(self.cookie, ""))
            return run_id if Run.objects.filter(pk=run_id).exists() else None
        return None

    def _answer(self, hop: Hop, asked: Message, request: HttpRequest, response: HttpResponse) -> Message:
        answer = Message(
            kind="redirect" if "Location" in response.headers else "page",
            recorded_by=hop.party,
            channel=asked.channel,
            from_party=asked.to_party,
            to_party=asked.from_party,
            headers=[*response.headers.items(), *(("Set-Cookie", m.OutputString()) for m in response.cookies.values())],
            body=_text_of(response),
            content_type=response.headers.get("Content-Type", ""),
            span=asked.span,
            status=response.status_code,
            outcome="ok" if response.status_code < 400 else "refused",
            answers=asked,
        )
        answer.duration_ms = answer.monotonic_ms - asked.monotonic_ms
        if asked.channel == "back":
            answer.step = steps.of_back_channel(request.path, asked.body, answer=True)
            answer.summary_id = f"{asked.summary_id}.answer"
        else:
            answer.step, answer.summary_id = steps.of_response(request, response, hop.party)
            if asked.summary_id == "front.page" and answer.summary_id == "front.page.answer":
                answer.step = asked.step
        return answer


class ClientSite(Site):
    """The client: a run begins where it sends the browser to sign in."""

    party, cookie = "client", CLIENT_COOKIE

    def find(self, request: HttpRequest, asked: Message) -> uuid.UUID | None:
        if state := request.GET.get("state"):
            return _by("state", state) or self.from_cookie(request)  # sign-out has a state of its own
        if asked.channel == "back":
            return recorder.run_of_logout_token(asked)
        return self.from_cookie(request)

    def begin_if_needed(self, hop: Hop, request: HttpRequest, response: HttpResponse) -> None:
        location = urlsplit(response.headers.get("Location", ""))
        query = QueryDict(location.query)
        starts = "response_type" in query or location.path.startswith("/auth/login/")
        if not starts or request.GET.get("state"):
            return
        if hop.run_id is None or not _is_pending(hop.run_id) or recorder.has_state(hop.run_id):
            hop.run_id = recorder.begin_run(client_name="notes", step_mode=STEP_COOKIE in request.COOKIES)

    def settle(self, hop: Hop, request: HttpRequest, response: HttpResponse) -> str:
        if "/callback/" not in request.path:
            return ""
        if request.GET.get("error") == "access_denied":
            return Run.Status.REFUSED
        return Run.Status.OK if response.status_code in (302, 303) else Run.Status.FAILED

    def person(self, request: HttpRequest) -> str:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return ""
        return str(user.get_full_name() or user.get_username())


class ServerSite(Site):
    """The server: runs of the demo's client are known by what both share; another client's begins at authorize/."""

    party, cookie = "server", SERVER_COOKIE

    def party_of(self, request: HttpRequest) -> str:
        return "api" if steps.is_api(request.path) else "server"

    def find(self, request: HttpRequest, asked: Message) -> uuid.UUID | None:
        trace = request.headers.get("traceparent", "").split("-")
        if len(trace) == 4 and (run_id := _by("traceparent", trace[1])):
            return run_id
        if request.path.endswith("/authorize/") and (state := request.GET.get("state")):
            return _by("state", state)
        if asked.channel == "back":
            return self._by_secret(asked)
        return self.from_cookie(request) if request.path.startswith("/o/") else None

    def begin_if_needed(self, hop: Hop, request: HttpRequest, response: HttpResponse) -> None:
        client_id = request.GET.get("client_id", "")
        if hop.run_id is None and request.path == AUTHORIZE and client_id:
            hop.run_id = recorder.begin_run(client_name=client_id[:100], scenario=ANOTHER_CLIENT)

    def settle(self, hop: Hop, request: HttpRequest, response: HttpResponse) -> str:
        if request.path.endswith("/authorize/") and 400 <= response.status_code < 500:
            return Run.Status.REFUSED
        if request.path.endswith("/token/") and response.status_code == 200:
            return Run.Status.OK if hop.run_id and _is_of_another_client(hop.run_id) else ""  # nobody else will say so
        return ""

    def _by_secret(self, asked: Message) -> uuid.UUID | None:
        found = {one.kind: one for one in marks.in_body(asked.body, asked.content_type)}
        found |= {one.kind: one for one in marks.in_headers(asked.headers, {})}
        for kind in SPOKEN_DIGESTS:
            if kind in found and (run_id := recorder.find_run(kind, found[kind].digest)):
                return run_id
        return None


def _by(kind: str, value: str) -> uuid.UUID | None:
    return recorder.find_run(kind, marks.Found(kind=kind, value=value, place="").digest)


def _is_of_another_client(run_id: uuid.UUID) -> bool:
    return Run.objects.filter(pk=run_id, scenario=ANOTHER_CLIENT).exists()


def _is_pending(run_id: uuid.UUID) -> bool:
    return Run.objects.filter(pk=run_id, status=Run.Status.PENDING).exists()


def _body_of(request: HttpRequest) -> str:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return ""
    return request.body.decode("utf-8", "replace") if 0 < length <= LARGEST_BODY else ""


def _headers_of(request: HttpRequest, body: str) -> list[tuple[str, str]]:
    """As they came; without a body WSGI still names a type and a length that nobody sent."""
    made_up = set() if body else {"Content-Type", "Content-Length"}
    return [(name, value) for name, value in request.headers.items() if name not in made_up]


def _text_of(response: HttpResponse) -> str:
    """JSON as it is; of a page only that it is one."""
    if response.streaming or not response.content:
        return ""
    kind = response.headers.get("Content-Type", "")
    if "html" in kind:
        return f"(a page of {len(response.content)} bytes)"
    return response.content.decode("utf-8", "replace")
