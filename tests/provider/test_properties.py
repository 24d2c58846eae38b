"""Whatever is sent: never a server error, never a redirect to an address that is not registered."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codeflow.core.redirect_uris import redirect_uri_problem
from codeflow.core.uris import redirect_uri_matches
from codeflow.provider.models import AccessToken, AuthorizationCode
from tests.provider.exchange import FORM, answer_in, basic
from tests.provider.factories import CHALLENGE, REDIRECT_URI, SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

few = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)

texts = st.text(max_size=60)
near_misses = st.builds(
    lambda head, at, insert: head[:at] + insert + head[at:],
    st.just(REDIRECT_URI),
    st.integers(min_value=0, max_value=len(REDIRECT_URI)),
    st.sampled_from(
        ["@", "\\", "/", "//", "..", "#", "?", "%2e", "%00", ":", ";", " ", "\n", "\x00", "é", "A", "", "&code=x"]
    ),
)
percent_soup = st.lists(
    st.one_of(
        st.sampled_from(["%", "%%", "%0", "%00", "%ff", "%c3%28", "%F0%9F%92%A9", "+", "&", "=", ";"]),
        st.text("abc=&", max_size=5),
    ),
    max_size=12,
).map("".join)
values = st.one_of(
    texts,
    st.sampled_from(
        ["", " ", "openid", "code", "none", "login", "S256", "form_post", "query", CHALLENGE, "{}", "0", "-1", "1e9"]
    ),
    st.integers().map(str),
)
names = st.sampled_from(
    [
        "response_type", "response_mode", "scope", "state", "nonce", "prompt", "max_age", "code_challenge",
        "code_challenge_method", "claims", "id_token_hint", "login_hint", "acr_values", "ui_locales", "display", "resource",
        "request", "request_uri", "registration", "x",
    ]
)  # fmt: skip


def assert_safe(answer):
    assert answer.status_code in (200, 302, 303, 400, 413), answer.status_code
    location = answer.headers.get("Location", "")
    assert location == "" or location.startswith((f"{REDIRECT_URI}?", "/o/login/?next="))
    assert "\n" not in location
    assert "\r" not in location
    assert location.isascii()


def ask(party, browser, query):
    return browser.transport.send("GET", f"/o/authorize/?{query}", headers={})


@few
@given(redirect_uri=st.one_of(near_misses, texts))
def test_redirect_uri_is_the_registered_one_or_nothing_happens(signed_in, party, redirect_uri):
    answer = ask(party, signed_in, urlencode(party.request(redirect_uri=redirect_uri, prompt="none")))
    assert_safe(answer)
    if redirect_uri != REDIRECT_URI:
        assert answer.status_code == 400
        assert "Location" not in answer.headers


@few
@given(state=texts)
def test_state_comes_back_as_it_was_or_the_request_is_refused(signed_in, party, state):
    answer = ask(party, signed_in, urlencode(party.request(state=state, prompt="none")))
    assert_safe(answer)
    if "Location" in answer.headers:
        assert answer_in(answer.headers["Location"]).get("state", "") == state


@few
@given(
    scope=st.one_of(texts, st.lists(st.sampled_from(["openid", "profile", "notes.write", "x", "*", "é"])).map(" ".join))
)
def test_scope_never_grants_what_the_client_may_not_have(signed_in, party, scope):
    AuthorizationCode.objects.all().delete()
    party.row.skip_authorization = True
    party.row.save()
    answer = ask(party, signed_in, urlencode(party.request(scope=scope)))
    assert_safe(answer)
    for code in AuthorizationCode.objects.all():
        assert set(code.scope.split()) <= party.row.allowed_scopes & set(scope.split(" "))


@few
@given(changes=st.dictionaries(names, values, max_size=6))
def test_any_parameters_are_answered(signed_in, party, changes):
    answer = ask(party, signed_in, urlencode(party.request(**changes)))
    assert_safe(answer)


@few
@given(pairs=st.lists(st.tuples(st.one_of(names, st.sampled_from(["client_id", "redirect_uri"])), values), max_size=5))
def test_repeated_parameters_are_never_chosen_from(signed_in, party, pairs):
    base = list(party.request().items())
    answer = ask(party, signed_in, urlencode([*base, *pairs]))
    assert_safe(answer)
    repeated = {name for name, _ in base} & {name for name, _ in pairs} - {"resource"}
    if repeated:
        assert answer.status_code == 400 or answer_in(answer.headers["Location"])["error"]


@few
@given(soup=percent_soup)
def test_any_query_is_answered(signed_in, party, soup):
    assert_safe(ask(party, signed_in, f"{urlencode(party.request(prompt='none'))}&{soup}"))
    assert_safe(ask(party, signed_in, soup))
    assert_safe(signed_in.transport.send("POST", "/o/authorize/", body=soup, headers={"Content-Type": FORM}))
    assert signed_in.transport.send("GET", f"/o/logout/?{soup}", headers={}).status_code in (200, 400)
    assert signed_in.transport.send("GET", f"/o/login/?next={soup}", headers={}).status_code in (200, 400)


@few
@given(
    fields=st.dictionaries(
        st.sampled_from(
            [
                "grant_type",
                "code",
                "redirect_uri",
                "code_verifier",
                "refresh_token",
                "scope",
                "resource",
                "client_id",
                "client_secret",
                "client_assertion",
                "token",
                "token_type_hint",
                "x",
            ]
        ),
        st.one_of(values, st.sampled_from(["authorization_code", "refresh_token"])),
        max_size=6,
    ),
    known=st.booleans(),
)
def test_any_form_is_answered_with_json_and_no_token(party, fields, known):
    headers = {"Authorization": basic(party.row.client_id, SECRET)} if known else {}
    for path in ("/o/token/", "/o/introspect/", "/o/revoke/"):
        answer = party.post_as_is(path, urlencode(fields), **headers)
        assert answer.status_code in (200, 400, 401), answer.status_code
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.status_code != 200 or "access_token" not in answer.text
    assert not AccessToken.objects.exists()


@few
@given(body=st.one_of(percent_soup.map(str.encode), st.binary(max_size=80)))
def test_any_bytes_are_answered(party, body):
    for path in ("/o/token/", "/o/userinfo/", "/o/revoke/", "/o/introspect/"):
        answer = party.post_as_is(path, body)
        assert answer.status_code in (400, 401, 413, 415), answer.status_code


@few
@given(
    authorization=st.one_of(texts, texts.map(lambda text: f"Bearer {text}"), texts.map(lambda text: f"Basic {text}"))
)
def test_any_authorization_header_is_answered(party, authorization):
    header = (
        quote(authorization, safe=" !#$&'()*+,/:;=?@[]~\"\\<>^`{|}%") if not authorization.isascii() else authorization
    )
    if not header.isprintable():
        return
    for path in ("/o/userinfo/", "/api/notes/"):
        answer = party.transport.send("GET", path, headers={"Authorization": header})
        assert answer.status_code in (400, 401), answer.status_code
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    answer = party.post_as_is("/o/token/", "grant_type=authorization_code", Authorization=header)
    assert answer.status_code in (400, 401)


@few
@given(uri=st.one_of(near_misses, texts, st.from_regex(r"https?://[a-z@:\[\]./%\\]{1,30}", fullmatch=True)))
def test_what_cannot_be_registered_is_never_matched_by_accident(uri):
    if uri != REDIRECT_URI:
        assert not redirect_uri_matches(uri, [REDIRECT_URI], public_client=False)
    problem = redirect_uri_problem(uri)
    if problem is None:
        assert uri.isascii()
        assert uri.isprintable()
        assert "#" not in uri
