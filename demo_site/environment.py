"""What the demo knows before Django starts: its folder, its secrets' files and its addresses.

Standard library only: manage.py, both settings modules and the launcher read it.
A folder or port comes from the environment (which the `demo` command sets), else from the last start, else from the default.
"""

import argparse
import json
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

DATA, PROVIDER_PORT, CLIENT_PORT = "CODEFLOW_DEMO_DATA", "CODEFLOW_DEMO_PROVIDER_PORT", "CODEFLOW_DEMO_CLIENT_PORT"
MORE_PROVIDERS = "CODEFLOW_DEMO_PROVIDERS"

PROVIDER_KEY, CLIENT_KEY, CLIENT_SECRET, PORTS = "provider.key", "client.key", "notes.secret", "ports.json"
WEATHER_SECRET = "weather.secret"
PROVIDER_DATABASE, CLIENT_DATABASE, TRACE_DATABASE = "provider.sqlite3", "client.sqlite3", "trace.sqlite3"
PROVIDER_LOG, CLIENT_LOG = "provider.log", "client.log"
LOCK = "demo.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Two origins on one machine; different host names, since cookies ignore ports."""

    provider_port: int = 8000
    client_port: int = 8001

    @property
    def provider(self) -> str:
        return f"http://localhost:{self.provider_port}"

    @property
    def client(self) -> str:
        return f"http://127.0.0.1:{self.client_port}"

    @property
    def provider_host(self) -> str:
        return self.provider.removeprefix("http://")

    @property
    def client_host(self) -> str:
        return self.client.removeprefix("http://")

    @property
    def issuer(self) -> str:
        return f"{self.provider}/o"

    @property
    def redirect_uri(self) -> str:
        return f"{self.client}/auth/callback/demo/"

    @property
    def weather_api(self) -> str:
        """An API of the client's own, which the tokens for notes are not for."""
        return f"{self.client}/lab/api/weather/"

    @property
    def post_logout_redirect_uri(self) -> str:
        return f"{self.client}/auth/signed-out/"

    @property
    def backchannel_logout_uri(self) -> str:
        return f"{self.client}/auth/backchannel/demo/"


def adopt_arguments(argv: Sequence[str]) -> None:
    """`demo --data-dir … --provider-port …` must be known before the settings are read, so they travel as environment."""
    if argv[1:2] != ["demo"]:
        return
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    names = {"--data-dir": DATA, "--provider-port": PROVIDER_PORT, "--client-port": CLIENT_PORT}
    for flag, variable in names.items():
        parser.add_argument(flag, dest=variable)
    try:
        given, _ = parser.parse_known_args(argv[2:])
    except argparse.ArgumentError:
        return  # the command's own parser says what is wrong
    ports = {name: value for name, value in vars(given).items() if name != DATA and (value or "").isdigit()}
    os.environ.update(ports)
    if folder := getattr(given, DATA):
        os.environ[DATA] = folder
    os.environ.setdefault(PROVIDER_PORT, str(Addresses().provider_port))
    os.environ.setdefault(CLIENT_PORT, str(Addresses().client_port))


def data_dir() -> Path:
    """The demo's folder, made on first use and readable by its owner alone."""
    chosen = os.environ.get(DATA)
    folder = Path(chosen).expanduser().absolute() if chosen else _cache_dir() / "codeflow-demo"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def addresses() -> Addresses:
    """Where both sites are now: the environment, else the last start, else 8000 and 8001."""
    try:
        last = json.loads((data_dir() / PORTS).read_text())
    except (OSError, ValueError):
        last = {}
    default = Addresses()
    return Addresses(
        provider_port=int(os.environ.get(PROVIDER_PORT) or last.get("provider", default.provider_port)),
        client_port=int(os.environ.get(CLIENT_PORT) or last.get("client", default.client_port)),
    )


def remember_addresses(current: Addresses) -> None:
    """So that other commands on the running demo see the same issuer."""
    ports = {"provider": current.provider_port, "client": current.client_port}
    (data_dir() / PORTS).write_text(json.dumps(ports))


def secret(name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """The secret kept in file `name` of the demo's folder, made at first use."""
    path = data_dir() / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        write_secret(name, make())
        return path.read_text().strip()


def read_secret(name: str) -> str:
    """The secret in file `name`, or "" while nobody has made it."""
    try:
        return (data_dir() / name).read_text().strip()
    except FileNotFoundError:
        return ""


def write_secret(name: str, value: str) -> None:
    """Replaces file `name` at once, readable by its owner alone."""
    path = data_dir() / name
    draft = path.with_name(f"{name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
    draft.replace(path)


def reset() -> list[Path]:
    """Removes what the demo made in its folder and nothing else; gives back what was removed."""
    databases = [PROVIDER_DATABASE, CLIENT_DATABASE, TRACE_DATABASE]
    made = [PROVIDER_KEY, CLIENT_KEY, CLIENT_SECRET, WEATHER_SECRET, PORTS, PROVIDER_LOG, CLIENT_LOG]
    made += [name + suffix for name in databases for suffix in ("", "-wal", "-shm", "-journal")]
    removed = [path for path in (data_dir() / name for name in made) if path.exists()]
    for path in removed:
        path.unlink()
    return removed


def more_providers() -> dict[str, dict[str, str]]:
    """Further providers of the client, from CODEFLOW_DEMO_PROVIDERS; a readable error when it cannot be used."""
    text = os.environ.get(MORE_PROVIDERS, "").strip()
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise SystemExit(f"{MORE_PROVIDERS} is not JSON: {error}. {_SHAPE}") from None
    if not isinstance(found, dict):
        raise SystemExit(f"{MORE_PROVIDERS} must be a JSON object, not {type(found).__name__}. {_SHAPE}")
    for name, provider in found.items():
        _check_provider(name, provider)
    return found


_SHAPE = 'Its form is {"name": {"issuer": "https://…", "client_id": "…", "client_secret": "…", "scope": "openid …"}}.'


def _check_provider(name: str, provider: object) -> None:
    if name == "demo":
        raise SystemExit(f'{MORE_PROVIDERS}: "demo" is the name of the demo\'s own provider; choose another.')
    if not isinstance(provider, dict):
        raise SystemExit(f'{MORE_PROVIDERS}: "{name}" must be a JSON object. {_SHAPE}')
    missing = [key for key in ("issuer", "client_id") if not provider.get(key)]
    if missing:
        raise SystemExit(f'{MORE_PROVIDERS}: "{name}" lacks {" and ".join(missing)}. {_SHAPE}')


def _cache_dir() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
