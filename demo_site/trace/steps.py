"""Which of the seven steps a message belongs to, told from its address and its place in the flow."""

from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest, HttpResponse

_BACK = {
    "token": "token",
    "userinfo": "userinfo",
    "jwks": "jwks",
    "introspect": "introspect",
    "revoke": "revoke",
}
_LOGOUT = "/auth/backchannel/"


def is_api(path: str) -> bool:
    return path.startswith("/api/")


def is_back_channel(path: str, party: str = "server") -> bool:
    """Whether this party hears this address from another server, not from a browser."""
    if party == "client":
        return path.startswith(_LOGOUT)
    return is_api(path) or ".well-known" in path or _endpoint(path) in _BACK


def of_back_channel(path: str, body: str, *, answer: bool) -> int:
    """5 asks for tokens, 6 answers, 7 uses them; 1 learns where to send the browser; 0 is outside the flow."""
    endpoint = _endpoint(path)
    if ".well-known" in path:
        return 1
    if endpoint == "token":
        if "grant_type=refresh_token" in body:
            return 7
        return 6 if answer else 5
    return 7 if is_api(path) or endpoint in ("userinfo", "jwks") else 0


def summary_of_back_channel(path: str, body: str) -> str:
    if is_api(path):
        return "back.api"
    if ".well-known" in path:
        return "back.metadata"
    if path.startswith(_LOGOUT):
        return "back.backchannel"
    endpoint = _BACK.get(_endpoint(path), "other")
    return "back.refresh" if endpoint == "token" and "grant_type=refresh_token" in body else f"back.{endpoint}"


def of_request(request: HttpRequest, party: str) -> tuple[int, str]:
    """(step, sentence's id) of a request from the browser."""
    path = request.path
    if "/callback/" in path:
        return 4, "front.callback.error" if "error" in request.GET else "front.callback"
    if "logout" in path:
        return 0, "front.logout"
    if party == "server":
        if path.endswith("/consent/"):
            return 2, "front.consent.answer"
        if path.endswith("/authorize/"):
            return (1, "front.authorize") if "response_type" in request.GET else (2, "front.authorize.again")
        return 2, "front.login.answer" if request.method == "POST" else "front.login"
    if path.startswith("/auth/signed-out/"):
        return 0, "front.page"
    if path.startswith("/auth/"):
        return 1, "front.start"
    return 1, "front.page"


def of_response(request: HttpRequest, response: HttpResponse, party: str) -> tuple[int, str]:
    """(step, sentence's id) of an answer to the browser."""
    if "logout" in request.path:
        return 0, "front.logout.answer"
    location = response.headers.get("Location", "")
    query = parse_qs(urlsplit(location).query)
    if party == "server":
        return _of_servers_answer(request, response, location, query)
    if "response_type" in query:
        return 1, "front.go_authorize"
    if "/callback/" in request.path:
        return (7, "front.signed_in") if response.status_code in (302, 303) else (4, "front.callback.page")
    if location.startswith("/auth/login/"):
        return 1, "front.sign_in_first"
    return 1, "front.go_on" if location else "front.page.answer"


def _of_servers_answer(
    request: HttpRequest, response: HttpResponse, location: str, query: dict[str, list[str]]
) -> tuple[int, str]:
    if "code" in query:
        return 3, "front.code"
    if "error" in query and "state" in query:
        return 3, "front.refusal"
    if location:
        return 2, "front.go_login" if "login" in location else "front.go_on"
    if response.status_code >= 400:
        return 2, "front.error.page"
    return 2, "front.login.page" if "login" in request.path else "front.consent.page"


def _endpoint(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
