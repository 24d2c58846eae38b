"""What is tried, row by row of tests/data/provider.csv and at_rest_and_admin.csv. Each returns whether the row holds."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from urllib.parse import urlencode

from django.db import connection
from django.test import Client as Browser

from benchmarks.providers.site import CHALLENGE, PATHS, REDIRECT_URI, TOOLKIT, VERIFIER, Site, answer_in

Probe = Callable[[Site], bool]

PROBES: list[tuple[str, str, Probe]] = []


def probe(row: str, what: str) -> Callable[[Probe], Probe]:
    def keep(function: Probe) -> Probe:
        PROBES.append((row, what, function))
        return function

    return keep


def _no_code(answer: object) -> bool:
    return "code" not in answer_in(answer)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


probe("AZ-20", "malformed percent-encoding is a clear refusal")(
    lambda site: site.authorize(urlencode(site.request()) + "&x=%zz").status_code < 500
)
probe("AZ-10", "a request without scope does not get every scope")(lambda site: _no_code(site.authorize(scope=None)))
probe("AZ-50", "`request` is refused, not ignored")(lambda site: _no_code(site.authorize(request="a.b.c")))
probe("AZ-51", "`request_uri` is refused, not ignored")(
    lambda site: _no_code(site.authorize(request_uri="https://internal.example/"))
)
probe("AZ-42", "a forged id_token_hint is refused")(
    lambda site: _no_code(site.authorize(id_token_hint="eyJhbGciOiJub25lIn0.e30."))
)
probe("AZ-67", "an error response carries iss")(lambda site: "iss" in answer_in(site.authorize(response_type="token")))
probe("PK-05", "PKCE without a method is not plain")(lambda site: _no_code(site.authorize(code_challenge_method=None)))
probe("PK-07", "an empty code_challenge is refused")(lambda site: _no_code(site.authorize(code_challenge="")))
probe("PK-08", "a challenge that is too short is refused")(
    lambda site: _no_code(site.authorize(code_challenge="short"))
)
probe("RU-07", "redirect_uri is compared as a string: host in another case")(
    lambda site: _no_code(site.authorize(redirect_uri="https://RP.example/cb"))
)
probe("RU-12", "redirect_uri is compared as a string: empty port")(
    lambda site: _no_code(site.authorize(redirect_uri="https://rp.example:/cb"))
)
probe("RU-19", "redirect_uri is compared as a string: line feed at the end")(
    lambda site: _no_code(site.authorize(redirect_uri=REDIRECT_URI + "\n"))
)
probe("RU-26", "redirect_uri may not be left out with openid")(lambda site: _no_code(site.authorize(redirect_uri=None)))
probe("CN-03", "a wider scope posted with the consent form changes nothing")(
    lambda site: "email" not in _granted(site, {"scope": "openid profile email"})
)


def _granted(site: Site, widened: dict[str, str]) -> str:
    answer = site.authorize(widened=widened)
    code = answer_in(answer).get("code", "")
    return str(site.redeem(code).json().get("scope", "")) if code else ""


@probe("CN-04", "another challenge posted with the consent form changes nothing")
def _other_challenge(site: Site) -> bool:
    verifier = secrets.token_urlsafe(48)
    answer = site.authorize(widened={"code_challenge": _challenge(verifier)})
    code = answer_in(answer).get("code", "")
    return not code or site.redeem(code, code_verifier=verifier).status_code == 400


@probe("CN-13", "the consent page has a Content-Security-Policy")
def _policy(site: Site) -> bool:
    answer = site.browser.get(f"/o/authorize/?{urlencode(site.request())}", secure=True)
    return "frame-ancestors 'none'" in answer.headers.get("Content-Security-Policy", "")


@probe("AZ-61", "HEAD makes no code")
def _head(site: Site) -> bool:
    site.authorize()
    again = urlencode(site.request(approval_prompt="auto"))  # the toolkit's own way to spare the question
    return _no_code(site.browser.head(f"/o/authorize/?{again}", secure=True))


@probe("PK-13", "a verifier of five characters is refused")
def _short_verifier(site: Site) -> bool:
    answer = site.authorize(code_challenge=_challenge("short"))
    code = answer_in(answer).get("code", "")
    return not code or site.redeem(code, code_verifier="short").status_code == 400


@probe("CD-04", "a code redeemed twice ends what came of it")
def _replay(site: Site) -> bool:
    code = site.code()
    tokens = site.redeem(code).json()
    return site.redeem(code).status_code == 400 and site.userinfo(tokens["access_token"]).status_code == 401


@probe("CD-09", "redirect_uri may not be left out at the token endpoint")
def _no_redirect_uri(site: Site) -> bool:
    return bool(site.redeem(site.code(), redirect_uri=None).status_code == 400)


@probe("CD-10", "a person who was disabled meanwhile gets no tokens")
def _disabled(site: Site) -> bool:
    code = site.code()
    site.user.is_active = False
    site.user.save()
    return bool(site.redeem(code).status_code == 400)


@probe("RF-10", "a person who was disabled meanwhile is not refreshed")
def _disabled_refresh(site: Site) -> bool:
    tokens = site.tokens()
    site.user.is_active = False
    site.user.save()
    return "refresh_token" not in tokens or site.refresh(tokens["refresh_token"]).status_code == 400


@probe("US-10", "a person who was disabled meanwhile has no userinfo")
def _disabled_userinfo(site: Site) -> bool:
    tokens = site.tokens()
    site.user.is_active = False
    site.user.save()
    return bool(site.userinfo(tokens["access_token"]).status_code == 401)


@probe("RF-02", "a refresh token used twice ends its family")
def _family(site: Site) -> bool:
    if not TOOLKIT:
        site.client, site.secret = site.register()
    first = site.redeem(site.code(scope="openid offline_access" if not TOOLKIT else "openid")).json()
    second = site.refresh(first["refresh_token"]).json()
    third = site.refresh(second["refresh_token"]).json()
    site.refresh(first["refresh_token"])
    return bool(site.refresh(third["refresh_token"]).status_code == 400)


@probe("RF-14", "without offline_access there is no refresh token")
def _offline(site: Site) -> bool:
    return "refresh_token" not in site.tokens()


@probe("TK-11", "a repeated parameter is refused")
def _repeated(site: Site) -> bool:
    fields = {"code": site.code(), "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
    return bool(
        site.post("/o/token/", f"grant_type=x&grant_type=authorization_code&{urlencode(fields)}").status_code == 400
    )


@probe("CA-01", "two ways of client authentication at once are refused")
def _two_ways(site: Site) -> bool:
    return bool(
        site.redeem(site.code(), client_id=site.client.client_id, client_secret=site.secret).status_code in (400, 401)
    )


@probe("CA-20", "fifty wrong secrets end in 429")
def _guesses(site: Site) -> bool:
    body = {"grant_type": "refresh_token", "refresh_token": "x"}
    answers = [site.post("/o/token/", body, secret="wrong") for _ in range(50)]
    return answers[-1].status_code == 429 and "Retry-After" in answers[-1].headers


@probe("IN-03", "a client learns nothing of another client's token")
def _introspection(site: Site) -> bool:
    token = site.tokens()["access_token"]
    site.client, site.secret = site.register()
    answer = site.post(PATHS["introspect"], {"token": token})
    return answer.status_code in (401, 403) or answer.json() == {"active": False}


@probe("IN-09", "a public client introspects nothing")
def _public_introspection(site: Site) -> bool:
    token = site.tokens()["access_token"]
    site.client, site.secret = site.register(public=True)
    return bool(site.post(PATHS["introspect"], {"token": token}).status_code in (401, 403))


@probe("DS-04", "the metadata names response_type=code and S256 alone")
def _metadata(site: Site) -> bool:
    document = site.browser.get("/o/.well-known/openid-configuration", secure=True).json()
    return document["response_types_supported"] == ["code"] and document.get("code_challenge_methods_supported") == [
        "S256"
    ]


@probe("LO-10", "an unknown client at the end-session endpoint is a page")
def _logout(site: Site) -> bool:
    return bool(
        Browser(raise_request_exception=False)
        .get("/o/logout/?client_id=nobody&post_logout_redirect_uri=https://rp.example/", secure=True)
        .status_code
        < 500
    )


@probe("CN-24", "who is signed in cannot register clients")
def _registration(site: Site) -> bool:
    return bool(site.browser.get("/o/applications/register/", secure=True).status_code in (403, 404))


@probe("AR-03", "a code does not rest in clear")
def _code_at_rest(site: Site) -> bool:
    return site.code() not in _dump()


@probe("AR-01", "an access token does not rest in clear")
def _token_at_rest(site: Site) -> bool:
    return site.tokens()["access_token"] not in _dump()


def _dump() -> str:
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  a table's own name
            rows += cursor.fetchall()
    return repr(rows)


assert _challenge(VERIFIER) == CHALLENGE
