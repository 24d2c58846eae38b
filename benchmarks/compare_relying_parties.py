"""The same bad answers of a provider, given to five Django relying parties: who signs the person in all the same?

python -m benchmarks.compare_relying_parties            prints docs/comparison.md
python -m benchmarks.compare_relying_parties --write    writes it

Needs requirements.txt, tests/interop/requirements.txt and social-auth-app-django. Each library is a site of its own
(benchmarks/relying_parties), configured as its documentation says and as strictly as it can be: PKCE, nonce, RS256.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
import requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.projects.both.settings")
django.setup()

from tests.end_to_end.running_demo import free_ports  # noqa: E402  # Django first
from tests.relying_party import test_refusals as cases  # noqa: E402
from tests.relying_party.misbehaving_provider import CLIENT_ID, MisbehavingProvider  # noqa: E402

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "comparison.md"
COMMAND = "python -m benchmarks.compare_relying_parties --write"
SECRET = "s3cret:with/special+characters"
SECONDS = 20

LIBRARIES = {
    "codeflow": ("django-codeflow", "/auth/login/op/"),
    "mozilla": ("mozilla-django-oidc", "/oidc/authenticate/"),
    "allauth": ("django-allauth", "/accounts/oidc/op/login/"),
    "authlib": ("Authlib", "/login/"),
    "social": ("social-auth-app-django", "/login/oidc/"),
}
AREAS = {
    "authorization response": cases.AUTHORIZATION_RESPONSE,
    "token response": cases.TOKEN_RESPONSE,
    "ID token": cases.ID_TOKEN,
    "userinfo": cases.USERINFO,
}
LEFT_OUT = ("drips",)
"""The deadline of codeflow's own tests is shortened there; the sites here keep their libraries' own."""
NEW_KEYS = ("weak key", "key for", "outside the pin", "unknown kid")
"""They publish other keys: the site starts anew before and after, so that no cache decides."""

NOTE = """\
The list is codeflow's own (tests/relying_party/test_refusals.py) and so holds what codeflow is built to refuse. Not all of it is a MUST: OIDC Core
3.1.3.7 (6), for one, lets a client leave out the signature of an ID token that came over TLS, and RFC 9207 binds those clients that support it."""

REFUSED, ACCEPTED, BROKE, NOT_ASKED, HUNG = "refused", "accepted", "broke", "not asked", "hung"


class Provider(MisbehavingProvider):
    """Also for clients that send no nonce (then the good ID token has none), or a charset with their form."""

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        if (content_type := handler.headers.get("Content-Type")) and ";" in content_type:
            handler.headers.replace_header("Content-Type", content_type.partition(";")[0])
        super().serve(handler)

    def id_token_claims(self, asked: dict[str, str], access_token: str) -> dict[str, Any]:
        return super().id_token_claims({"nonce": ..., **asked}, access_token)  # type: ignore[dict-item]  # ... leaves it out


@dataclass
class Site:
    """One library's site, as a process."""

    name: str
    op: MisbehavingProvider
    folder: Path
    process: subprocess.Popen[bytes] = field(init=False)
    origin: str = ""

    def start(self) -> None:
        [port] = free_ports(1)
        self.origin = f"http://127.0.0.1:{port}"
        peer = {"issuer": self.op.issuer, "client_id": CLIENT_ID, "client_secret": SECRET}
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(self.folder / f"{self.name}-{port}.sqlite3")}
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": f"benchmarks.relying_parties.{self.name}",
            "PEER": json.dumps(peer),
            "CODEFLOW_TEST_DATABASE": json.dumps(database),
            "AUTHLIB_INSECURE_TRANSPORT": "1",
        }
        with (self.folder / f"{self.name}.log").open("ab") as log:
            command = [sys.executable, "-m", "tests.interop.projects.serve", str(port)]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self._wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def outcome(self, misbehave: Callable[[MisbehavingProvider], object], area: str = "", case: str = "") -> str:
        """One sign-in of one fresh browser."""
        reset(self.op)
        browser = requests.Session()
        browser.trust_env = False
        location = self._start(browser)
        if "nonce" in case and "nonce=" not in location:
            return NOT_ASKED
        misbehave(self.op)
        redirect_uri = requests.utils.unquote(location.partition("redirect_uri=")[2].partition("&")[0])
        separator = "&" if "?" in redirect_uri else "?"
        try:
            answer = browser.get(f"{redirect_uri}{separator}{self.op.authorize(location)}", timeout=SECONDS)
        except requests.Timeout:
            return HUNG
        if area == "userinfo" and not self.op.requests_to("/op/userinfo"):
            return NOT_ASKED
        if browser.get(self.origin + "/", timeout=SECONDS).json()["signed_in"]:
            return ACCEPTED
        return BROKE if answer.status_code == 500 else REFUSED

    def _start(self, browser: requests.Session) -> str:
        """The authorization request. Where a link may not start a sign-in, the site's form does."""
        url = self.origin + LIBRARIES[self.name][1]
        answer = browser.get(url, allow_redirects=False, timeout=SECONDS)
        if answer.status_code == 405:
            browser.get(self.origin + "/", timeout=SECONDS)
            form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
            answer = browser.post(url, form, allow_redirects=False, timeout=SECONDS)
        return answer.headers["Location"]

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                requests.get(self.origin + "/", timeout=SECONDS)
            except requests.ConnectionError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit(f"{self.name} does not start: {self.folder / f'{self.name}.log'}")


def reset(op: MisbehavingProvider) -> None:
    """Everything is right again; its server and its address stay."""
    op.__init__()  # type: ignore[misc]  # a fresh state for the same server


def bad_answers() -> Iterator[tuple[str, str, Any]]:
    for area, listed in AREAS.items():
        for name, misbehave, *_ in listed:
            if not any(word in name for word in LEFT_OUT):
                yield area, name, misbehave


def results_of(name: str, op: MisbehavingProvider, folder: Path) -> dict[tuple[str, str], str]:
    site = Site(name, op, folder)
    site.start()
    try:
        good = site.outcome(lambda op: None)
        assert good == ACCEPTED, f"{name} does not even take a good answer ({good}): see {folder}"
        found = {}
        for area, case, misbehave in bad_answers():
            other_keys = any(word in case for word in NEW_KEYS)
            if other_keys:
                site.stop()
                site.start()
            found[area, case] = site.outcome(misbehave, area, case)
            if other_keys:
                site.stop()
                site.start()
        assert site.outcome(lambda op: None) == ACCEPTED
        return found
    finally:
        site.stop()


def page(results: dict[str, dict[tuple[str, str], str]]) -> str:
    names = list(results)
    heads = [f"{LIBRARIES[name][0]} {version_of(LIBRARIES[name][0])}" for name in names]
    lines = [
        "# How relying parties for Django answer a provider that breaks the rules",
        "",
        f"Made by `{COMMAND}`, with Python {sys.version.split()[0]} and Django {django.get_version()}. Every answer below must be refused:",
        "nobody may be signed in. Each library is set up as its documentation says, with PKCE, nonce and RS256 where it has them",
        "([benchmarks/relying_parties](../benchmarks/relying_parties)); a good answer signs in with each of them, before and after.",
        "",
        "Answers that signed the person in all the same:",
        "",
        f"| area | answers | {' | '.join(heads)} |",
        f"|---|---|{'---|' * len(names)}",
    ]
    for area in AREAS:
        of_area = [case for case in results[names[0]] if case[0] == area]
        cells = [_count(results[name], of_area, ACCEPTED) for name in names]
        lines.append(f"| {area} | {len(of_area)} | {' | '.join(cells)} |")
    every = list(results[names[0]])
    lines.append(
        f"| **all** | {len(every)} | {' | '.join(f'**{_count(results[name], every, ACCEPTED)}**' for name in names)} |"
    )
    lines.append(
        f"| refused by an error page of status 500 | | {' | '.join(_count(results[name], every, BROKE) for name in names)} |"
    )
    lines.append(
        f"| no answer within {SECONDS} s | | {' | '.join(_count(results[name], every, HUNG) for name in names)} |"
    )
    lines += [
        "",
        'A status of 500 refuses too, but tells the person nothing and wakes the operator. "not asked": the library sends no nonce, or asks no userinfo,',
        "so there is nothing that it could refuse.",
        "",
        NOTE,
        "",
    ]
    lines += [
        "## Which",
        "",
        f"| answer | {' | '.join(LIBRARIES[name][0] for name in names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for area, case in every:
        cells = [
            {ACCEPTED: "**accepted**", BROKE: "500"}.get(results[name][area, case], results[name][area, case])
            for name in names
        ]
        lines.append(f"| {area}: {case} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _count(results: dict[tuple[str, str], str], listed: list[tuple[str, str]], outcome: str) -> str:
    return str(sum(results[case] == outcome for case in listed))


def version_of(distribution: str) -> str:
    if distribution == "django-codeflow":
        from codeflow import __version__

        return __version__
    return version(distribution)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Provider() as op:
        results = {}
        for name in LIBRARIES:
            results[name] = results_of(name, op, Path(folder))
            print(
                name,
                {kind: list(results[name].values()).count(kind) for kind in set(results[name].values())},
                file=sys.stderr,
            )
    text = page(results)
    if "--write" in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
