"""The outbound door, against a real server on loopback that behaves badly."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
import urllib3

from codeflow import http
from codeflow.http import BrokeTheRules, Door, Exchange, NotSent, Unreachable


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.server.seen.append((self.command, self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        getattr(self, self.path.strip("/").partition("?")[0] or "plain")()

    do_POST = do_GET

    def reply(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def plain(self) -> None:
        self.reply(b'{"a": 1}', Content_Type="application/json; charset=utf-8", Set_Cookie="a=b; Path=/")

    def redirect(self) -> None:
        self.reply(b"", 302, Location="/plain")

    def large(self) -> None:
        self.reply(b"x" * 2000)

    def chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nhello\r\n0\r\n\r\n")

    def slow_body(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.drip(b" " * 100)

    def slow_head(self) -> None:
        self.drip(b"HTTP/1.1 200 OK" * 10)

    def silent(self) -> None:
        time.sleep(2)

    def hang_up(self) -> None:
        self.close_connection = True

    def half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half")
        self.close_connection = True

    def garbage(self) -> None:
        self.wfile.write(b"\x00\x01 no HTTP\r\n\r\n")
        self.close_connection = True

    def drip(self, octets: bytes) -> None:
        for octet in octets:
            self.wfile.write(bytes([octet]))
            self.wfile.flush()
            time.sleep(0.05)


@pytest.fixture
def server() -> Iterator[Any]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    running.handle_error = lambda *args: None  # type: ignore[method-assign]  # clients hang up on purpose
    running.seen = []  # type: ignore[attr-defined]
    running.url = f"http://127.0.0.1:{running.server_port}"  # type: ignore[attr-defined]
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join(5)


@pytest.fixture
def door() -> Door:
    return Door(allow_http_loopback=True, deadline=0.5)


def test_get_brings_status_headers_and_body(server, door):
    answer = door.get(f"{server.url}/plain")
    assert (answer.status_code, answer.ok, answer.content_type) == (200, True, "application/json")
    assert answer.json_object() == answer.json() == {"a": 1}
    assert answer.headers["content-type"].startswith("application/json")
    assert "a" not in repr(answer.body) or "body" not in repr(answer)


def test_request_says_who_asks_and_keeps_no_cookie(server, door):
    door.get(f"{server.url}/plain")
    door.get(f"{server.url}/plain")
    for _, _, headers, _ in server.seen:
        assert headers["User-Agent"].startswith("django-codeflow/")
        assert "Cookie" not in headers


def test_form_is_posted_url_encoded(server, door):
    door.post_form(f"{server.url}/plain", {"code": "a b&c"}, headers={"Authorization": "Basic x"}, deadline=1)
    ((method, _, headers, body),) = server.seen
    assert (method, body) == ("POST", b"code=a+b%26c")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Authorization"] == "Basic x"


def test_environment_is_ignored(server, door, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert door.get(f"{server.url}/plain").ok
    assert "Authorization" not in server.seen[0][2]


def test_redirect_is_handed_back_and_not_followed(server, door):
    assert door.get(f"{server.url}/redirect").status_code == 302
    assert len(server.seen) == 1


def test_body_is_capped(server, door):
    with pytest.raises(BrokeTheRules, match="larger than 1000"):
        door.get(f"{server.url}/large", max_body=1000)
    assert len(door.get(f"{server.url}/large").body) == 2000


def test_chunks_are_joined(server, door):
    assert door.get(f"{server.url}/chunked").text == "hello"


@pytest.mark.parametrize("path", ["slow_body", "slow_head", "silent"])
def test_deadline_covers_everything(server, door, path):
    started = time.monotonic()
    with pytest.raises(Unreachable, match="timed out"):
        door.get(f"{server.url}/{path}")
    assert time.monotonic() - started < 1.5


def test_calls_may_share_one_deadline(server):
    together = Door(allow_http_loopback=True, until=time.monotonic() + 0.3)
    assert together.get(f"{server.url}/plain").status_code == 200
    with pytest.raises(Unreachable):
        together.get(f"{server.url}/slow_body")
    with pytest.raises(Unreachable, match="together"):
        together.get(f"{server.url}/plain")


def test_deadline_may_have_passed_before_a_read(server):
    with pytest.raises(Unreachable):
        Door(allow_http_loopback=True, deadline=1e-9).get(f"{server.url}/plain")


def test_read_timeout_is_its_own(server):
    with pytest.raises(Unreachable, match="timed out"):
        Door(allow_http_loopback=True, read_timeout=0.1).get(f"{server.url}/silent")


@pytest.mark.parametrize("path", ["hang_up", "half", "garbage"])
def test_broken_answers_are_unreachable(server, door, path):
    with pytest.raises(Unreachable, match="broke off"):
        door.get(f"{server.url}/{path}")
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://login.acme.example/",
        "ftp://login.acme.example/",
        "file:///etc/passwd",
        "https://user:secret@login.acme.example/",
        "https:///path",
        "not a url",
        "https://a.example:port/",
    ],
)
def test_only_https_leaves(door, url):
    with pytest.raises(NotSent) as caught:
        door.get(url)
    assert "secret" not in str(caught.value)


def test_http_on_loopback_needs_permission(server):
    with pytest.raises(NotSent):
        Door().get(server.url)


def test_certificate_is_checked(server, door):
    with pytest.raises(Unreachable, match="TLS failed"):
        door.get(server.url.replace("http://", "https://"))


def test_refused_connection_is_tried_twice_for_get_alone(door, monkeypatch):
    tried: list[str] = []

    def refuse(self: object, method: str, url: str, **options: Any) -> None:
        tried.append(method)
        reason = urllib3.exceptions.NewConnectionError(None, "refused")  # type: ignore[arg-type]
        raise requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(None, url, reason))  # type: ignore[arg-type]

    monkeypatch.setattr(requests.Session, "request", refuse)
    for call in (lambda: door.get("http://127.0.0.1/"), lambda: door.post_form("http://127.0.0.1/", {})):
        with pytest.raises(Unreachable, match="no connection"):
            call()
    assert tried == ["GET", "GET", "POST"]


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (requests.exceptions.ConnectTimeout(), "timed out"),
        (requests.exceptions.ConnectionError(), "broke off"),
        (
            requests.exceptions.ConnectionError(urllib3.exceptions.ReadTimeoutError(None, "/", "slow")),  # type: ignore[arg-type]
            "timed out",
        ),
        (requests.exceptions.ContentDecodingError("secret"), "ContentDecodingError"),
        (OSError("secret"), "OSError"),
    ],
)
def test_every_failure_has_one_vocabulary_without_secrets(door, monkeypatch, raised, message):
    def fail(*args: object, **options: object) -> None:
        raise raised

    monkeypatch.setattr(requests.Session, "request", fail)
    with pytest.raises(Unreachable, match=message) as caught:
        door.post_form("http://127.0.0.1/", {})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html", b"{}"),
        ("", b"{}"),
        ("application/json", b"[]"),
        ("application/json", b'{"a": 1, "a": 2}'),
        ("application/json", b'{"a": NaN}'),
        ("application/json", b"\xff"),
        ("application/json", b""),
    ],
)
def test_json_is_strict(content_type, body):
    answer = http.Answer(status_code=200, headers={"Content-Type": content_type}, body=body)
    with pytest.raises(BrokeTheRules):
        answer.json_object()


def test_json_may_have_a_suffix():
    answer = http.Answer(status_code=200, headers={"Content-Type": "application/jwk-set+json"}, body=b"{}")
    assert answer.json_object() == {}


def test_observer_sees_both_sides_and_its_repr_hides_them(server, door, monkeypatch):
    seen: list[Exchange] = []

    def fail(exchange: Exchange) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(http, "exchange_observers", [fail, seen.append])
    door.post_form(f"{server.url}/plain?a=secret", {"code": "secret"}, headers={"Authorization": "secret"})
    with pytest.raises(Unreachable):
        door.get(f"{server.url}/hang_up")
    good, bad = seen
    assert (good.status, good.request_body, good.response_body, good.error) == (200, b"code=secret", b'{"a": 1}', "")
    assert good.request_headers["Authorization"] == "secret"
    assert good.duration_ms > 0
    assert "secret" not in repr(good)
    assert (bad.status, bad.response_body) == (0, b"")
    assert "broke off" in bad.error


def test_hooks_add_headers_and_may_fail(server, door, monkeypatch):
    monkeypatch.setattr(http, "request_header_hooks", [lambda: {"traceparent": "00-1"}, lambda: 1 / 0])
    door.get(f"{server.url}/plain")
    assert server.seen[0][2]["traceparent"] == "00-1"


def test_session_is_one_until_a_process_forks(server, door):
    door.get(f"{server.url}/plain")
    session = http._session()
    assert http._session() is session
    http._shared.clear()  # what happens in the child
    assert http._session() is not session


def resolving_to(*addresses: str) -> Any:
    return lambda host, port, **options: [(2, 1, 6, "", (address, port)) for address in addresses]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["93.184.215.14", "192.168.0.1"],
        ["::1"],
        ["fe80::1%eth0"],
        ["::ffff:10.0.0.1"],
        ["224.0.0.1"],
        [],
    ],
)
@pytest.mark.spec("CWE", "918", "a name that others chose leads to no private address")
def test_private_address_is_not_connected(monkeypatch, addresses):
    monkeypatch.setattr(http.socket, "getaddrinfo", resolving_to(*addresses))
    with pytest.raises(NotSent, match="not public"):
        Door(public_addresses_only=True).get("https://client.example/")


def test_public_address_is_the_one_that_is_connected(monkeypatch):
    connected: list[str] = []

    def refuse(address: tuple[str, int], *args: object, **options: object) -> None:
        connected.append(address[0])
        raise OSError

    monkeypatch.setattr(http.socket, "getaddrinfo", resolving_to("93.184.215.14"))
    monkeypatch.setattr("urllib3.util.connection.create_connection", refuse)
    with pytest.raises(Unreachable):
        Door(public_addresses_only=True).get("https://client.example/")
    with pytest.raises(Unreachable):
        Door(public_addresses_only=True, allow_http_loopback=True).get("http://localhost:9/")
    assert set(connected) == {"93.184.215.14"}


def test_unknown_name_is_unreachable(monkeypatch):
    def unknown(*args: object, **options: object) -> None:
        raise OSError

    monkeypatch.setattr(http.socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match="name is not known"):
        Door(public_addresses_only=True).get("https://client.example/")
