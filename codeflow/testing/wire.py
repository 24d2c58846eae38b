"""Where a site's requests are caught: below the door (codeflow.http) and below Django's test client.

Requests to addresses of a fake provider are answered here; all others go on as ever. While a fake is up, what the
relying party caches of metadata and keys is kept in a memory of the kit's own, so nothing of it outlives the test.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from typing import Any, Protocol
from unittest import mock

from django.core.cache.backends.locmem import LocMemCache
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, HttpResponseBase
from django.test.client import ClientHandler
from requests.structures import CaseInsensitiveDict

from codeflow.http import Answer, BrokeTheRules, Door
from codeflow.relying_party.flow import documents
from codeflow.testing.messages import Reply, Request


class Server(Protocol):
    """Answers for some addresses."""

    def serves(self, url: str) -> int: ...
    def answer(self, request: Request) -> Reply: ...
    def has_page(self, url: str) -> bool: ...
    def browse(self, request: Request) -> Reply: ...


_up: list[Server] = []
_memory: list[LocMemCache] = []


class WiredDoor(Door):
    """The door, its last step answered by a fake where one serves the address; every rule of the door stays."""

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, until: float, max_body: int
    ) -> Answer:
        server = _server(url)
        if server is None:
            return super()._ask(method, url, headers, body, until, max_body)
        named = {name.lower(): value for name, value in headers.items()}
        reply = server.answer(Request(method=method, url=url, headers=named, body=body))
        if len(reply.body) > max_body:
            raise BrokeTheRules(f"the body is larger than {max_body} bytes")
        received = CaseInsensitiveDict({"Date": formatdate(usegmt=True), **reply.headers})
        return Answer(status_code=reply.status, headers=received, body=reply.body)


@contextlib.contextmanager
def wired(server: Server) -> Iterator[None]:
    """`server` answers until the block ends."""
    with contextlib.ExitStack() as stack:
        if not _up:
            stack.enter_context(_patches())
        _up.append(server)
        stack.callback(_up.remove, server)
        forget_documents()
        stack.callback(documents.forget)
        yield


def forget_documents() -> None:
    """Metadata and keys are fetched anew."""
    documents.forget()
    for memory in _memory:
        memory.clear()


@contextlib.contextmanager
def _patches() -> Iterator[None]:
    memory = LocMemCache(f"codeflow.testing {uuid.uuid4()}", {})
    caught = _caught(ClientHandler.__call__)
    with (
        mock.patch("codeflow.relying_party.conf.Door", WiredDoor),
        mock.patch("codeflow.relying_party.shared_cache.caches", _OneCache(memory)),
        mock.patch.object(ClientHandler, "__call__", caught),
    ):
        _memory.append(memory)
        try:
            yield
        finally:
            _memory.remove(memory)


class _OneCache:
    """Stands for django.core.cache.caches: every alias is the kit's own memory."""

    def __init__(self, memory: LocMemCache) -> None:
        self._memory = memory

    def __getitem__(self, alias: str) -> LocMemCache:
        return self._memory


def _server(url: str) -> Server | None:
    """The one that names most of the address: two issuers may share a host."""
    best = max(_up, key=lambda server: server.serves(url), default=None)
    return best if best is not None and best.serves(url) else None


def _caught(original: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    def call(self: ClientHandler, environ: dict[str, Any]) -> HttpResponseBase:
        response = _page(environ)
        return original(self, environ) if response is None else response

    return call


def _page(environ: dict[str, Any]) -> HttpResponse | None:
    """A page of a fake provider, where the test client followed a redirect to it."""
    url = _url(environ)
    server = _server(url)
    if server is None or not server.has_page(url):
        return None
    wsgi_request = WSGIRequest(environ)
    headers = {name.lower(): value for name, value in wsgi_request.headers.items()}
    request = Request(method=str(wsgi_request.method), url=url, headers=headers, body=wsgi_request.body)
    return _as_response(server.browse(request), wsgi_request)


def _as_response(reply: Reply, wsgi_request: WSGIRequest) -> HttpResponse:
    response = HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))
    response.wsgi_request = wsgi_request  # type: ignore[attr-defined]  # the test client looks for both here
    response.url = reply.headers.get("Location", "")  # type: ignore[attr-defined]
    return response


def _url(environ: Mapping[str, Any]) -> str:
    """The address the test client asked for; its SERVER_PORT stays 80 where a redirect names none."""
    host, port = environ.get("SERVER_NAME", ""), str(environ.get("SERVER_PORT", "80"))
    shown = "" if port in ("80", "443") else f":{port}"
    query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
    return f"{environ.get('wsgi.url_scheme', 'http')}://{host}{shown}{environ.get('PATH_INFO', '')}{query}"
