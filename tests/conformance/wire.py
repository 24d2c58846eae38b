"""HTTPS between suite, browser and provider: certificates of our own, a TLS-terminating proxy, and the suite's listener.

The provider answers as https://op.example, a name that only the tests' sessions know; the suite listens on https://localhost.
"""

import datetime
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter

PROVIDER_HOST = "op.example"
LOOPBACK = "127.0.0.1"
TIMEOUT = 30


class Authority:
    """A certificate for both names, which `bundle` (a file) trusts."""

    def __init__(self, directory: Path) -> None:
        self.bundle = directory / "certificate.pem"
        key_file = directory / "key.pem"
        key = ec.generate_private_key(ec.SECP256R1())
        self.bundle.write_bytes(_certificate(key).public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.bundle, key_file)


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "codeflow tests")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(PROVIDER_HOST), x509.DNSName("localhost")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


class TlsServer(ThreadingHTTPServer):
    """One thread and one connection for each request."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], authority: Authority) -> None:
        super().__init__((LOOPBACK, 0), handler)
        self.socket = authority.context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    timeout = TIMEOUT
    server: Any

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    do_POST = do_HEAD = do_OPTIONS = do_GET

    def answer(self, body: bytes) -> None:
        raise NotImplementedError


class TlsProxy(TlsServer):
    """Ends TLS in front of the provider, which speaks plain HTTP and is told so by X-Forwarded-Proto."""

    def __init__(self, authority: Authority, upstream: str) -> None:
        self.upstream = urlsplit(upstream).netloc
        super().__init__(_ProxyHandler, authority)


class _ProxyHandler(_Handler):
    def answer(self, body: bytes) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() != "x-forwarded-proto"}
        connection = HTTPConnection(self.server.upstream, timeout=TIMEOUT)
        try:
            sent = {**headers, "X-Forwarded-Proto": "https", "Connection": "close"}
            connection.request(self.command, self.path, body or None, sent)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A request that reached the suite."""

    method: str
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]] = field(repr=False)
    headers: Mapping[str, str]
    tls_version: str


class Listener(TlsServer):
    """Where the suite hears of answers and logouts: whatever comes is noted and answered 200."""

    def __init__(self, authority: Authority) -> None:
        self.heard: list[Heard] = []
        super().__init__(_ListenerHandler, authority)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"


class _ListenerHandler(_Handler):
    def answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        self.server.heard.append(
            Heard(
                method=self.command,
                path=parts.path,
                query=parse_qsl(parts.query, keep_blank_values=True),
                form=parse_qsl(body.decode(), keep_blank_values=True),
                headers=self.headers,
                tls_version=self.connection.version(),
            )
        )
        self.send_response(200)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", "0")
        self.end_headers()


class ToProxy(HTTPAdapter):
    """Connects to the proxy for https://op.example; certificate and Host header stay those of the name."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__()

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        names = {"assert_hostname": PROVIDER_HOST, "server_hostname": PROVIDER_HOST}
        return self.poolmanager.connection_from_host(LOOPBACK, self.port, "https", pool_kwargs=names)

    def add_headers(self, request: Any, **kwargs: Any) -> None:
        request.headers["Host"] = PROVIDER_HOST


def new_session(authority: Authority, proxy: TlsProxy) -> requests.Session:
    """A session of its own (cookies, connections) that knows the provider's name and trusts the tests' certificate."""
    session = requests.Session()
    session.trust_env = False
    session.verify = str(authority.bundle)
    session.mount(f"https://{PROVIDER_HOST}/", ToProxy(proxy.port))
    return session
