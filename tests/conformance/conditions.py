"""The suite's conditions: what must hold of each answer, whichever module asked. Warnings count as failures here."""

import math
import re
import time
from base64 import urlsafe_b64decode
from collections import Counter
from typing import Any

import requests

from codeflow.core import jose
from codeflow.core.claims import SCOPE_CLAIMS
from demo_site.conformance.configuration import StaticClient
from tests.conformance.suite import Answer, Suite, Tokens
from tests.conformance.user_agent import ERROR, element

NEEDS_A_PAGE = ("login_required", "interaction_required", "consent_required", "account_selection_required")
"""OIDC Core 3.1.2.6: the errors that prompt=none may have."""

PROFILE_CLAIMS = tuple(name for claims in SCOPE_CLAIMS.values() for name in claims)
"""Claims that a scope asks for at userinfo; none of them belongs into an ID token of this flow (OIDC Core 5.4)."""

_VSCHARS = re.compile(r"[\x20-\x7e]+")
_B64TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_CLOCK_SKEW = 300
MINIMUM_BITS = 128
MINIMUM_ENTROPY = 96.0

STRINGS = {
    "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website",
    "email", "gender", "birthdate", "zoneinfo", "locale", "phone_number",
}  # fmt: skip
BOOLEANS = {"email_verified", "phone_number_verified"}
ADDRESS_MEMBERS = {"formatted", "street_address", "locality", "region", "postal_code", "country"}


# -- the authorization response ------------------------------------------------------------------------------------


def check_arrived(suite: Suite, answer: Answer) -> None:
    """At the redirect_uri, in the way that was asked for, each parameter once, and the browser's page is the suite's."""
    assert answer.heard is not None, f"stayed at {suite.agent.page.url}: {suite.agent.page.text[:1000]}"
    assert suite.redirect_uri == f"{suite.listener.origin}{answer.heard.path}"
    if suite.form_post:
        assert (answer.heard.method, answer.heard.query) == ("POST", [])
        assert answer.heard.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    else:
        assert (answer.heard.method, answer.heard.form) == ("GET", [])
        assert "Referer" not in answer.heard.headers  # RFC 9700 4.2.4
    assert len(answer.pairs) == len(answer.parameters)
    _check_sending_response(suite)


def _check_sending_response(suite: Suite) -> None:
    """What carried the code must not be stored."""
    sender = next(hop for hop in reversed(suite.agent.hops) if hop.url.startswith(suite.issuer))
    assert "no-store" in sender.headers["Cache-Control"]
    assert "#" not in sender.headers.get("Location", "")


def check_state_and_issuer(suite: Suite, answer: Answer) -> None:
    assert answer.parameters.get("state") == answer.request.get("state")
    assert suite.metadata["authorization_response_iss_parameter_supported"] is True
    assert answer.parameters["iss"] == suite.issuer  # RFC 9207 2.4


def check_code(suite: Suite, answer: Answer) -> None:
    check_arrived(suite, answer)
    assert "error" not in answer.parameters, answer.parameters
    check_state_and_issuer(suite, answer)
    assert answer.parameters.keys() == {"code", "state", "iss"}
    check_random(answer.parameters["code"])


def check_error(suite: Suite, answer: Answer, *errors: str) -> None:
    """An error response: one of `errors`, nothing that is not registered, and texts in RFC 6749's characters."""
    check_arrived(suite, answer)
    check_state_and_issuer(suite, answer)
    assert answer.parameters["error"] in errors
    assert answer.parameters.keys() <= {"error", "error_description", "error_uri", "state", "iss"}
    check_error_text(answer.parameters)


def check_error_text(members: Any) -> None:
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", members["error"])
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", members.get("error_description", ""))


def check_error_page(suite: Suite, answer: Answer, *, reason: str, error: str = "invalid_request") -> None:
    """The browser stays at the provider, on a page that says what is wrong; nobody is sent to any client. `reason` as in
    docs/errors.md.
    """
    page = suite.agent.page
    assert answer.heard is None
    assert page.url.startswith(suite.issuer)
    assert page.status_code == 400
    assert page.headers["Content-Type"].startswith("text/html")
    assert answer.shown == [ERROR]
    message = element(page, ERROR)
    assert message is not None
    assert (message.attributes["data-error"], message.attributes["data-reason"]) == (error, reason)
    for part in ("codeflow-what", "codeflow-todo", "codeflow-reference"):
        assert element(page, part) is not None
    check_page_headers(page)
    assert "Location" not in page.headers
    assert "Refresh" not in page.headers


def check_page_headers(page: requests.Response) -> None:
    assert "no-store" in page.headers["Cache-Control"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"


# -- the token response --------------------------------------------------------------------------------------------


def check_random(value: str) -> None:
    """Long enough, and as surprising as random text: the suite measures Shannon entropy (RFC 6749 10.10)."""
    assert _VSCHARS.fullmatch(value)
    assert len(value) * 6 >= MINIMUM_BITS
    counted = Counter(value)
    per_character = -sum(count / len(value) * math.log2(count / len(value)) for count in counted.values())
    assert per_character * len(value) >= MINIMUM_ENTROPY


def check_json_headers(response: requests.Response) -> None:
    assert response.headers["Content-Type"].partition(";")[0] == "application/json"
    assert "no-store" in response.headers["Cache-Control"].replace(" ", "").split(",")
    assert response.headers.get("Pragma", "no-cache") == "no-cache"


def check_tokens(suite: Suite, answer: Answer, response: requests.Response, role: str = "client") -> Tokens:
    """A successful token response and its ID token."""
    tokens = _check_token_members(suite, answer, response, role)
    assert tokens.id_token.get("nonce") == answer.request.get("nonce")  # OIDC Core 2: the one sent, and none unsent
    return tokens


def check_refreshed(suite: Suite, first: Tokens, response: requests.Response, role: str) -> Tokens:
    """The same for a refresh: the ID token is about the same sign-in (OIDC Core 12.2)."""
    second = _check_token_members(suite, first.answer, response, role)
    for name in ("iss", "sub", "aud", "auth_time"):
        assert second.id_token[name] == first.id_token[name]
    assert second.id_token["iat"] > first.id_token["iat"]
    assert second.id_token.get("nonce", first.id_token["nonce"]) == first.id_token["nonce"]
    assert second.access_token != first.access_token
    return second


def _check_token_members(suite: Suite, answer: Answer, response: requests.Response, role: str) -> Tokens:
    assert response.status_code == 200, response.text
    check_json_headers(response)
    members = response.json()
    assert members["token_type"].lower() == "bearer"
    assert isinstance(members["expires_in"], int)
    assert members["expires_in"] > 0
    assert _B64TOKEN.fullmatch(members["access_token"])
    check_random(members["access_token"])
    assert "error" not in members
    client = suite.configuration.client(role)
    return Tokens(client=client, answer=answer, members=members, id_token=check_id_token(suite, client, members))


def check_id_token(suite: Suite, client: StaticClient, members: dict[str, Any]) -> dict[str, Any]:
    """OIDC Core 2, 3.1.3.6, 3.1.3.7, 10.1; and none of the claims that userinfo is for."""
    verified = jose.verify(members["id_token"], suite.jwks(), algorithms=["RS256"])
    assert verified.header["alg"] == "RS256"
    assert verified.header["kid"]
    claims = dict(verified.claims)
    now = time.time()
    assert claims["iss"] == suite.issuer
    assert claims["aud"] in (client.client_id, [client.client_id])
    assert claims.get("azp", client.client_id) == client.client_id
    assert now - _CLOCK_SKEW < claims["iat"] <= now + 1
    assert now < claims["exp"] <= now + 24 * 3600
    assert isinstance(claims["sub"], str)
    assert 0 < len(claims["sub"]) <= 255
    assert claims["sub"].isascii()
    assert claims["at_hash"] == jose.left_half_hash(members["access_token"], "RS256")
    assert isinstance(claims["auth_time"], int)
    assert claims["auth_time"] <= claims["iat"]
    assert isinstance(claims["acr"], str)
    assert all(isinstance(method, str) for method in claims["amr"])
    assert not claims.keys() & set(PROFILE_CLAIMS), "profile claims in the ID token"
    assert not claims.keys() & {"c_hash", "s_hash"}
    assert b"\n" not in urlsafe_b64decode(members["id_token"].split(".")[0] + "==")
    return claims


def check_grant_error(response: requests.Response) -> None:
    """RFC 6749 5.2."""
    assert response.status_code == 400
    check_json_headers(response)
    members = response.json()
    assert members["error"] == "invalid_grant"
    assert members.keys() <= {"error", "error_description", "error_uri"}
    check_error_text(members)


# -- userinfo ------------------------------------------------------------------------------------------------------


def check_userinfo(tokens: Tokens, response: requests.Response) -> dict[str, Any]:
    """OIDC Core 5.3.2, 5.3.4: JSON, about the same person, each claim of its type."""
    assert response.status_code == 200, response.text
    check_json_headers(response)
    claims: dict[str, Any] = response.json()
    assert claims["sub"] == tokens.id_token["sub"]
    for name, value in claims.items():
        assert value not in (None, "", {}, []), f"{name} is empty: it should be left out"
        assert isinstance(value, str) or name not in STRINGS
        assert isinstance(value, bool) or name not in BOOLEANS
    if "address" in claims:
        assert isinstance(claims["address"], dict)
        assert claims["address"].keys() <= ADDRESS_MEMBERS
    if "updated_at" in claims:
        assert isinstance(claims["updated_at"], int)
        assert not isinstance(claims["updated_at"], bool)
        assert claims["updated_at"] <= time.time()
    if "birthdate" in claims:
        assert re.fullmatch(r"\d{4}(-\d\d-\d\d)?", claims["birthdate"])
    for name in {"profile", "picture", "website"} & claims.keys():
        assert claims[name].startswith("https://")
    return claims


def check_scopes(claims: dict[str, Any], *scopes: str) -> None:
    """Every claim of these scopes, and none of others."""
    wanted = {"sub", *(name for scope in scopes for name in SCOPE_CLAIMS[scope])}
    assert claims.keys() == wanted


# -- the whole flow ------------------------------------------------------------------------------------------------


def check_flow(suite: Suite, role: str = "client", **changes: str | None) -> Tokens:
    """Request, code, tokens and userinfo, each checked."""
    return check_rest_of_flow(suite, suite.authorize(role, **changes), role)


def check_rest_of_flow(suite: Suite, answer: Answer, role: str = "client", **more: str) -> Tokens:
    check_code(suite, answer)
    tokens = check_tokens(suite, answer, suite.redeem(answer, role, **more), role)
    check_userinfo(tokens, suite.userinfo(tokens.access_token))
    return tokens


def check_signed_out(suite: Suite) -> None:
    """prompt=none must now say that a page would be needed."""
    answer = suite.authorize(prompt="none")
    check_error(suite, answer, *NEEDS_A_PAGE)
    assert answer.shown == []
