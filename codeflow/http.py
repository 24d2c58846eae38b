"""The one outbound door: every request that codeflow sends to another server leaves here.

https only (plain http on loopback hosts where the caller allows it), no redirects (RFC 9700 4.12 in spirit), a total
deadline that also ends slow drips, a cap on the body, no cookies, no environment (netrc, proxies), strict JSON (RFC 8259 4).
Left out: resolving names within the deadline; the operating system's resolver has its own.
"""

import contextlib
import io
import ipaddress
import json
import math
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from codeflow import __version__
from codeflow.core import jose
from codeflow.core.errors import CodeflowError
from codeflow.core.uris import is_loopback_host, split_uri

USER_AGENT = f"django-codeflow/{__version__}"
JSON = "application/json"
MAX_BODY = 1024 * 1024
_IDEMPOTENT = frozenset({"GET", "HEAD"})
_CHUNK = 16 * 1024


class HttpError(CodeflowError):
    """The exchange did not end in an answer that can be used."""

    code = "http"


class Unreachable(HttpError):
    """Nothing usable came: name, connection, TLS, timeout or deadline."""

    code = "unreachable"
    retryable = True


class BrokeTheRules(HttpError):
    """An answer came that must not be used: too large, a redirect, not the JSON it should be."""

    code = "broke_the_rules"


class NotSent(HttpError):
    """Our own rules forbid the request (scheme, host); nothing left this machine."""

    code = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: any status, redirects included (they are never followed)."""

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    """Case-insensitive."""
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status_code < 300

    @property
    def content_type(self) -> str:
        """The media type in lower case, its parameters left out."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Any JSON value; for the answers of APIs, which are the caller's to judge. Raises ValueError."""
        return json.loads(self.body)

    def json_object(self) -> dict[str, Any]:
        """The JSON object of an answer declared as one. Raises BrokeTheRules (type, syntax, duplicate members)."""
        if self.content_type != JSON and not self.content_type.endswith("+json"):
            raise BrokeTheRules(f"content type {self.content_type[:60]!r} instead of {JSON}")
        try:
            return jose.strict_json_object(self.body)
        except jose.JoseError as error:
            raise BrokeTheRules(str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, as an observer sees it. Full of secrets: `repr` hides headers and bodies."""

    method: str
    url: str = field(repr=False)
    request_headers: Mapping[str, str] = field(repr=False)
    request_body: bytes = field(repr=False)
    status: int
    """0 where no answer came."""
    response_headers: Mapping[str, str] = field(repr=False)
    response_body: bytes = field(repr=False)
    duration_ms: float
    error: str = ""


exchange_observers: list[Callable[[Exchange], None]] = []
"""Called after each exchange, with its secrets. Meant for a trace on a developer's machine; empty by default."""

request_header_hooks: list[Callable[[], Mapping[str, str]]] = []
"""Each adds headers to every request (a `traceparent`, say)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Sends requests. Times are seconds; `deadline` covers everything from the first byte sent to the last one read."""

    allow_http_loopback: bool = False
    connect_timeout: float = 3.05
    read_timeout: float = 5.0
    deadline: float = 10.0
    until: float = math.inf
    """A moment (time.monotonic) that no exchange goes on beyond: a deadline for several calls together."""
    max_body: int = MAX_BODY
    public_addresses_only: bool = False
    """For URLs that others chose: the name is looked up once, no address of it may be private, and that one is connected."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, max_body: int | None = None) -> Answer:
        return self.send("GET", url, headers={"Accept": JSON, **(headers or {})}, max_body=max_body)

    def post_form(
        self,
        url: str,
        form: Mapping[str, str],
        *,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> Answer:
        sent = {"Accept": JSON, "Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.send("POST", url, headers=sent, body=urlencode(form).encode("ascii"), deadline=deadline)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline: float | None = None,
        max_body: int | None = None,
    ) -> Answer:
        """One exchange. Raises NotSent, Unreachable or BrokeTheRules (body over the cap)."""
        self._check_url(url)
        sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **(headers or {}), **_hooked_headers()}
        until = min(time.monotonic() + (deadline or self.deadline), self.until)
        if self.until <= time.monotonic():
            raise Unreachable("the deadline of all calls together has passed")
        attempts = 2 if method in _IDEMPOTENT else 1
        while True:
            attempts -= 1
            try:
                return self._exchange(method, url, sent, body, until, max_body or self.max_body)
            except _CouldNotConnect:
                if not attempts or time.monotonic() >= until:
                    raise

    def _check_url(self, url: str) -> None:
        parts = split_uri(url)
        if parts is None or not parts.hostname or parts.username is not None:
            raise NotSent("the address is no absolute URL")
        if parts.scheme == "https":
            return
        if parts.scheme != "http" or not (self.allow_http_loopback and is_loopback_host(parts.hostname)):
            raise NotSent(f"{parts.scheme}://{parts.hostname} is not https")  # OIDC Core 16.17

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, until: float, max_body: int
    ) -> Answer:
        started = time.monotonic()
        answer, error = None, ""
        try:
            answer = self._ask(method, url, headers, body, until, max_body)
        except HttpError as failure:
            error = str(failure)
            raise
        finally:
            if exchange_observers:
                _observe(method, url, headers, body, answer, (time.monotonic() - started) * 1000, error)
        return answer

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, until: float, max_body: int
    ) -> Answer:
        timeout = (min(self.connect_timeout, max(until - time.monotonic(), 0.001)), self.read_timeout)
        with _errors_translated(), _deadline(until, self.read_timeout):
            response = _session(public_addresses_only=self.public_addresses_only).request(
                method,
                url,
                headers=dict(headers),
                data=body or None,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            )
            with response:
                received = _read_capped(response, max_body)
        return Answer(status_code=response.status_code, headers=response.headers, body=received)


class _CouldNotConnect(Unreachable):
    """No connection was made, so nothing was sent."""


def _read_capped(response: requests.Response, max_body: int) -> bytes:
    received = bytearray()
    for chunk in response.iter_content(_CHUNK):
        received += chunk
        if len(received) > max_body:
            raise BrokeTheRules(f"the body is larger than {max_body} bytes")
    return bytes(received)


@contextlib.contextmanager
def _errors_translated() -> Iterator[None]:
    """One vocabulary for what can go wrong below; the causes' texts can hold secrets, so only their types are kept."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise Unreachable(_tls_problem(error)) from error
    except requests.exceptions.Timeout as error:
        kind = _CouldNotConnect if isinstance(error, requests.exceptions.ConnectTimeout) else Unreachable
        raise kind("timed out") from error
    except requests.exceptions.ConnectionError as error:
        raise _connection_problem(error) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise Unreachable(f"the exchange broke off ({type(error).__name__})") from error


def _tls_problem(error: requests.exceptions.SSLError) -> str:
    """OpenSSL's names for what stands there in place of TLS; its texts are not repeated."""
    told = str(error)
    if "WRONG_VERSION_NUMBER" in told or "HTTP_REQUEST" in told or "wrong version number" in told:
        return (
            "TLS failed: the server speaks http here, not https; compare the issuer with the address that it listens at"
        )
    if "CERTIFICATE_VERIFY_FAILED" in told:
        return "TLS failed: the server's certificate is not trusted here"
    return "TLS failed"


def _connection_problem(error: requests.exceptions.ConnectionError) -> Unreachable:
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return _CouldNotConnect("no connection")
    if isinstance(reason, (urllib3.exceptions.ReadTimeoutError, TimeoutError)):
        return Unreachable("timed out")
    return Unreachable("the connection broke off")


def _hooked_headers() -> dict[str, str]:
    added: dict[str, str] = {}
    for hook in request_header_hooks:
        with contextlib.suppress(Exception):  # a trace may never break the flow it watches
            added.update(hook())
    return added


def _observe(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    answer: Answer | None,
    duration_ms: float,
    error: str,
) -> None:
    exchange = Exchange(
        method=method,
        url=url,
        request_headers=dict(headers),
        request_body=body,
        status=answer.status_code if answer else 0,
        response_headers=dict(answer.headers) if answer else {},
        response_body=answer.body if answer else b"",
        duration_ms=duration_ms,
        error=error,
    )
    for observer in tuple(exchange_observers):
        with contextlib.suppress(Exception):  # as above
            observer(exchange)


# The deadline: a socket's own timeout starts anew with every byte, so each read gets what is left of the whole.

_call = threading.local()


@contextlib.contextmanager
def _deadline(until: float, read_timeout: float) -> Iterator[None]:
    _call.until, _call.read_timeout = until, read_timeout
    try:
        yield
    finally:
        del _call.until, _call.read_timeout


class _DeadlineReader(io.RawIOBase):
    """The raw side of a response's file; every read waits no longer than the call's deadline allows."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = _call.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline")
        self._sock.settimeout(min(left, _call.read_timeout))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_DeadlineReader(sock))


class _PlainConnection(HTTPConnection):
    response_class = _DeadlineResponse


class _TlsConnection(HTTPSConnection):
    response_class = _DeadlineResponse


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    pools: Mapping[str, type] = {"http": _PlainPool, "https": _TlsPool}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = dict(self.pools)


# Addresses that others chose (CWE-918): what is checked is what is connected, so a second look-up cannot answer otherwise.


def public_address(host: str, port: int | None) -> str:
    """The first address of `host`. Raises NotSent where any of its addresses is not public, Unreachable where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _CouldNotConnect("the name is not known") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise NotSent("the host has an address that is not public")
    return addresses[0]


_TRANSLATED = tuple(
    map(ipaddress.ip_network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10"))
)
"""IPv6 ranges that stand for IPv4 addresses (NAT64, 6to4, Teredo), or for a site's own."""


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    if any(mapped in network for network in _TRANSLATED if network.version == mapped.version):
        return False
    return mapped.is_global and not mapped.is_multicast


class _PublicPlainConnection(_PlainConnection):
    def _new_conn(self) -> socket.socket:
        self._dns_host = public_address(self._dns_host, self.port)
        return super()._new_conn()


class _PublicTlsConnection(_TlsConnection):
    def _new_conn(self) -> socket.socket:
        self._dns_host = public_address(self._dns_host, self.port)
        return super()._new_conn()


class _PublicPlainPool(HTTPConnectionPool):
    ConnectionCls = _PublicPlainConnection


class _PublicTlsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTlsConnection


class _PublicAdapter(_Adapter):
    pools = {"http": _PublicPlainPool, "https": _PublicTlsPool}


_shared: dict[bool, requests.Session] = {}


def _session(*, public_addresses_only: bool = False) -> requests.Session:
    """The process's one session of each kind: it keeps connections and nothing else."""
    if public_addresses_only not in _shared:
        session = requests.Session()
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _PublicAdapter if public_addresses_only else _Adapter
        for scheme in ("https://", "http://"):
            session.mount(scheme, adapter(pool_maxsize=32, max_retries=0))
        _shared[public_addresses_only] = session
    return _shared[public_addresses_only]


os.register_at_fork(after_in_child=_shared.clear)  # two processes may not share a connection
