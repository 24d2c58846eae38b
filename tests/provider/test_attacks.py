"""Attacks that no row of the case table names: each test is somebody's attempt, and says why it must fail."""

import json
import threading
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, OperationalError

from codeflow.core import jose
from codeflow.core.sealing import Sealer
from codeflow.provider import audit, keys
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow import step2_authentication
from codeflow.provider.models import (
    AccessToken,
    AuditEvent,
    AuthorizationCode,
    Consent,
    ProviderSession,
    RefreshToken,
)
from tests.provider.cases.world import assert_consent, assert_json, assert_page, assert_sign_in
from tests.provider.exchange import FORM, Browser, Party, answer_in, basic, code_for, tokens_for
from tests.provider.factories import (
    PASSWORD,
    SECRET,
    ClientFactory,
    CodeFactory,
    ConsentFactory,
    RefreshTokenFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


# The authorization request and its way through the sign-in page


@pytest.mark.parametrize("purpose", ["logout request", "signing key", "refresh token successor", "server secret"])
def test_text_sealed_for_another_purpose_is_no_resume_address(signed_in, party, purpose):
    content = json.dumps([list(party.request().items()), 1e12, 0]).encode()
    sealed = Sealer(provider_settings.secrets, purpose=purpose).seal(content)
    assert_page(signed_in.open("/o/authorize/?" + urlencode({"resume": sealed})))


def test_confirmation_of_a_logout_cannot_be_made_from_a_resume_address(signed_in, party):
    sealed = step2_authentication.new_request([("state", "x")]).seal()
    signed_in.open("/o/logout/")
    answer = signed_in.submit("codeflow-logout", confirmed=sealed)
    assert answer.status_code == 400
    assert "codeflow-signed-in" in signed_in.open("/o/login/").text


def test_resume_address_bound_to_nobody_still_needs_the_consent_of_whoever_follows_it(party, user):
    attacker, victim = Browser(), Browser()
    attacker.authorize(party.request())
    address = attacker.form("codeflow-login").fields["next"]
    victim.force_sign_in(user)
    assert_consent(victim.open(address))
    assert not AuthorizationCode.objects.exists()


def test_resume_of_a_request_is_judged_again_against_the_client_as_it_is_now(party, user, browser):
    browser.authorize(party.request())
    address = browser.form("codeflow-login").fields["next"]
    party.row.redirect_uris = "https://elsewhere.example/cb"
    party.row.save()
    browser.force_sign_in(user)
    assert_page(browser.open(address))


def test_two_resume_values_are_not_mixed(signed_in, party):
    evil = ClientFactory(redirect_uris="https://evil.example/cb")
    one, two = Browser(), Browser()
    one.authorize(party.request())
    two.authorize(Party(evil, redirect_uri="https://evil.example/cb").request())
    first = one.form("codeflow-login").fields["next"].partition("?")[2]
    second = two.form("codeflow-login").fields["next"].partition("?")[2]
    signed_in.open(f"/o/authorize/?{first}&{second}")
    if signed_in.has_form("codeflow-consent"):
        signed_in.allow()
    assert "evil.example" not in signed_in.location


def test_prompt_login_sealed_before_somebody_signed_in_is_not_satisfied_twice(party, user, clock):
    """A hoarded address: the sign-in that it asked for has answered another request already."""
    browser = Browser()
    browser.authorize(party.request(prompt="login"))
    hoarded = browser.form("codeflow-login").fields["next"]
    clock.advance(seconds=5)
    browser.authorize(party.request(prompt="login"))
    clock.advance(seconds=5)
    browser.log_in(user)
    browser.allow()
    assert "code" in answer_in(browser.location)
    assert_sign_in(browser.open(hoarded))


def test_sign_in_page_that_signs_nobody_in_does_not_loop(signed_in, party, settings):
    settings.LOGIN_URL = "/o/authorize-nowhere/"
    request = party.request(prompt="login")
    answer = signed_in.transport.send("GET", "/o/authorize/?" + urlencode(request), headers={})
    for _ in range(10):
        sent_on = answer_in(answer.headers["Location"])
        if "next" not in sent_on:
            break
        answer = signed_in.transport.send("GET", sent_on["next"], headers={})
    assert answer.headers["Location"].startswith(f"{request['redirect_uri']}?")
    assert sent_on["error"] == "login_required"
    assert "code" not in sent_on


@pytest.mark.parametrize(
    "extra",
    [
        [("client_id", "other")],
        [("redirect_uri", "https://evil.example/")],
        [("state", "other")],
        [("client_id", "")],
        [("redirect_uri", "")],
    ],
)
def test_polluted_parameters_are_a_page(signed_in, party, extra):
    """Neither the first nor the last value wins, and no redirect carries the error of a doubtful request."""
    pairs = list(party.request().items())
    assert_page(signed_in.open("/o/authorize/?" + urlencode(pairs + extra)))
    assert_page(signed_in.open("/o/authorize/?" + urlencode(extra + pairs)))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope", "nonce", "login_hint", "anything"])
@pytest.mark.parametrize("value", ["\x00", "a\x00b", "\x7f", "\ufffe", "\U0001f4a9" * 300, "\u202e", "é́" * 200])
def test_odd_characters_anywhere_are_no_server_error(signed_in, party, name, value):
    answer = signed_in.authorize(party.request(**{name: value}))
    assert answer.status_code in (200, 302, 303, 400)
    if "Location" in answer.headers:
        assert answer.headers["Location"].startswith("https://rp.example/cb?")
    if signed_in.has_form("codeflow-consent"):
        assert "code" in answer_in(signed_in.allow().headers["Location"])


def test_fields_of_the_person_in_the_request_sign_nobody_in(browser, party, user):
    answer = browser.authorize(party.request(username=user.username, password=PASSWORD))
    assert_sign_in(answer)


def test_long_requests_fit_into_the_address_of_the_sign_in_page(browser, party):
    """What nobody asked for does not travel: servers refuse request lines of a few thousand characters."""
    browser.authorize(party.request(state="s" * 500, nonce="n" * 200))
    assert len(browser.address) < 4094


# Consent


def test_decision_of_another_browser_is_worthless(party, user):
    one, two = Browser(), Browser()
    one.force_sign_in(user)
    two.force_sign_in(user)
    one.authorize(party.request())
    two.authorize(party.request())
    stolen = one.form("codeflow-consent").fields["decision"]
    assert_page(two.submit("codeflow-consent", button="yes", decision=stolen))


def test_consent_page_of_a_narrow_request_does_not_answer_a_wide_one(signed_in, party):
    signed_in.authorize(party.request(scope="openid"))
    narrow = signed_in.form("codeflow-consent")
    signed_in.authorize(party.request(scope="openid notes.read"))
    signed_in.post(narrow.action, {**narrow.fields, "allow": "yes"})
    code = answer_in(signed_in.location)["code"]
    assert party.redeem(code).json()["scope"] == "openid"
    assert Consent.objects.get().scope == "openid"


def test_scopes_that_a_client_lost_while_the_page_was_open_are_not_granted(signed_in, party):
    signed_in.authorize(party.request(scope="openid notes.read"))
    party.row.scope = "openid"
    party.row.save()
    signed_in.allow()
    assert "code" not in answer_in(signed_in.location)
    assert not AuthorizationCode.objects.exists()


def test_offline_access_that_a_client_lost_while_the_page_was_open_is_asked_about_anew(signed_in, party):
    signed_in.authorize(party.request(scope="openid offline_access"))
    party.row.scope = "openid"
    party.row.save()
    assert_page(signed_in.allow())


def test_consent_pages_are_bounded(signed_in, party):
    for _ in range(12):
        signed_in.authorize(party.request())
    session = signed_in.transport.client.session
    assert len(session["_codeflow_consent"]) <= 5


def test_consent_of_somebody_else_is_not_ones_own(signed_in, party):
    ConsentFactory(client=party.row, user=UserFactory())
    assert_consent(signed_in.authorize(party.request()))


def test_denial_after_an_earlier_consent_takes_nothing_away_and_gives_nothing(signed_in, party):
    code_for(signed_in, party)
    AuthorizationCode.objects.all().delete()
    signed_in.authorize(party.request(prompt="consent"))
    signed_in.deny()
    assert answer_in(signed_in.location)["error"] == "access_denied"
    assert not AuthorizationCode.objects.exists()


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_consent_is_posted_or_nothing(signed_in, party, method):
    signed_in.authorize(party.request())
    fields = {**signed_in.form("codeflow-consent").fields, "allow": "yes"}
    answer = signed_in.transport.send(method, "/o/consent/?" + urlencode(fields), headers={})
    assert answer.status_code in (403, 405)
    assert not AuthorizationCode.objects.exists()


@pytest.mark.spec("OIDC Core", "5.5", "a claim asked for by name is consented to like a scope")
def test_claims_parameter_gets_nothing_that_the_person_did_not_see(signed_in, party, settings):
    settings.CODEFLOW_PROVIDER = {"USER_CLAIMS": lambda user: {"national_id": "123", "roles": ["boss"]}}
    claims = json.dumps({"userinfo": {"national_id": None, "roles": None}, "id_token": {"national_id": None}})
    signed_in.authorize(party.request(scope="openid", claims=claims))
    shown = signed_in.page.text
    signed_in.allow()
    tokens = party.redeem(answer_in(signed_in.location)["code"]).json()
    told = {**party.userinfo(tokens["access_token"]).json(), **jose.parse(tokens["id_token"])[1]}
    for name in ("national_id", "roles"):
        assert name not in told or name in shown


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "nonce", "sid", "auth_time", "at_hash", "sub", "azp"])
def test_claims_parameter_overwrites_no_claim_of_the_protocol(signed_in, party, settings, claim):
    settings.CODEFLOW_PROVIDER = {"USER_CLAIMS": lambda user: {claim: "evil"}}
    asked = {"id_token": {claim: None}, "userinfo": {claim: None}} if claim != "sub" else {}
    tokens = tokens_for(signed_in, party, claims=json.dumps(asked))
    told = jose.parse(tokens["id_token"])[1]
    assert told.get(claim) != "evil" or claim == "azp"
    assert party.userinfo(tokens["access_token"]).json()["sub"] == told["sub"] != "evil"


def test_claims_that_ask_for_a_person_in_another_type_match_nobody(signed_in, party):
    code_for(signed_in, party)
    AuthorizationCode.objects.all().delete()
    claims = json.dumps({"id_token": {"sub": {"value": 999999}}})
    signed_in.authorize(party.request(claims=claims, prompt="none"))
    assert "code" not in answer_in(signed_in.location)


def test_claims_of_any_depth_are_no_server_error(signed_in, party):
    """What could be read at one depth of the stack is written and read again at others."""
    for depth in (*range(100, 1000, 50), *range(880, 1000, 5)):
        nested = "[" * depth + "]" * depth
        claims = '{"userinfo":{"x":{"value":' + nested + "}}}"
        answer = signed_in.authorize(party.request(claims=claims))
        assert answer.status_code in (200, 302, 303, 400), depth
        if signed_in.has_form("codeflow-consent"):
            answer = signed_in.allow()
            assert answer.status_code in (303, 400), depth
        code = answer_in(signed_in.location).get("code")
        if code:
            answer = party.redeem(code)
            assert answer.status_code in (200, 400), depth
            if answer.status_code == 200:
                assert party.userinfo(answer.json()["access_token"]).status_code in (200, 400), depth


def test_nul_inside_the_claims_parameter_reaches_no_column(signed_in, party):
    claims = '{"userinfo":{"a\\u0000b":{"value":"c\\u0000d"}},"id_token":{"\\u0000":null}}'
    tokens = tokens_for(signed_in, party, claims=claims)
    assert party.userinfo(tokens["access_token"]).status_code == 200


# The session


def test_person_who_signs_in_over_another_ones_session_inherits_nothing(party):
    alice, mallory = UserFactory(), UserFactory()
    browser = Browser()
    browser.force_sign_in(alice)
    code_for(browser, party)
    browser.open("/o/login/?next=/o/login/")
    browser.log_in(mallory)
    browser.authorize(party.request())
    assert_consent(browser.page)
    browser.allow()
    token = party.redeem(answer_in(browser.location)["code"]).json()
    assert jose.parse(token["id_token"])[1]["sub"] == str(mallory.pk)
    assert ProviderSession.objects.count() == 2
    assert len(set(ProviderSession.objects.values_list("sid", flat=True))) == 2


@pytest.mark.spec("Back-Channel Logout", "2.7", "a session that was ended at the server gives no more codes")
def test_session_ended_at_the_server_is_no_session(signed_in, party, user, clock):
    code_for(signed_in, party)
    ProviderSession.objects.update(ended_at=clock.now())
    assert_sign_in(signed_in.authorize(party.request()))
    clock.advance(seconds=2)
    signed_in.log_in(user)
    if signed_in.has_form("codeflow-consent"):
        signed_in.allow()
    assert "code" in answer_in(signed_in.location)  # and signing in again helps


def test_code_of_a_session_that_ended_is_worthless(signed_in, party):
    code = code_for(signed_in, party)
    signed_in.open("/o/logout/")
    signed_in.submit("codeflow-logout")
    assert_json(party.redeem(code), "invalid_grant")


def test_foreign_id_token_hint_signs_nobody_out(signed_in, party, user):
    """Another person's ID token, as a link on a foreign page."""
    other = Browser()
    other.force_sign_in(UserFactory())
    hint = tokens_for(other, party)["id_token"]
    code_for(signed_in, party)
    signed_in.open("/o/logout/?" + urlencode({"id_token_hint": hint}))
    assert "codeflow-signed-in" in signed_in.open("/o/login/").text


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "secevent+jwt"])
def test_other_jwts_of_ours_are_no_hint(signed_in, party, user, typ):
    genuine = jose.parse(tokens_for(signed_in, party)["id_token"])[1]
    key = keys.signing_key("RS256")
    forged = jose.sign(genuine, key.private_key, alg="RS256", kid=key.kid, typ=typ)
    assert signed_in.open("/o/logout/?" + urlencode({"id_token_hint": forged})).status_code == 400
    answer = signed_in.authorize(party.request(id_token_hint=forged, prompt="none"))
    assert answer_in(answer.headers["Location"])["error"] == "invalid_request"


def test_sign_out_confirmation_belongs_to_the_browser_that_saw_it(party, user):
    one, two = Browser(), Browser()
    one.force_sign_in(user)
    two.force_sign_in(user)
    one.open("/o/logout/")
    sealed = one.form("codeflow-logout").fields["confirmed"]
    answer = two.transport.send(
        "POST",
        "/o/logout/",
        body=urlencode({"confirmed": sealed}),
        headers={"Content-Type": FORM, "Origin": "https://testserver"},
    )
    assert answer.status_code == 403
    assert "codeflow-signed-in" in two.open("/o/login/").text


# The token endpoint


def test_code_is_not_redeemed_as_a_public_client_that_borrows_the_id(party, user):
    """The confidential client's id without its secret, in the form."""
    CodeFactory(value="the-code", application=party.row, user=user)
    body = urlencode({**party.redemption("the-code"), "client_id": party.row.client_id})
    assert_json(party.post_as_is("/o/token/", body), "invalid_client", status=401)
    assert AuthorizationCode.objects.get().redeemed_at is None


def test_stranger_cannot_burn_a_code(party, user):
    CodeFactory(value="the-code", application=party.row, user=user)
    thief = Party(ClientFactory())
    for verifier in ("x" * 43, None):
        assert_json(thief.redeem("the-code", code_verifier=verifier), "invalid_grant")
    assert party.redeem("the-code").status_code == 200


def test_stranger_cannot_end_a_family_by_replaying_its_tokens(party, user):
    row = RefreshTokenFactory(value="first", application=party.row, user=user)
    second = party.refresh("first").json()
    thief = Party(ClientFactory())
    assert_json(thief.refresh("first"), "invalid_grant")
    assert thief.revoke("first").status_code == 200
    assert party.refresh(second["refresh_token"]).status_code == 200
    assert RefreshToken.objects.filter(token_family=row.token_family, revoked=None).count() == 3


def test_successor_cannot_be_opened_without_the_token_that_it_is_sealed_under(party, user):
    RefreshTokenFactory(value="first", application=party.row, user=user)
    successor = party.refresh("first").json()
    row = RefreshToken.objects.get(used_at__isnull=False)
    assert successor["refresh_token"] not in row.successor
    for known in (row.token_checksum.hex, *provider_settings.secrets):
        with pytest.raises(ValueError, match="no key opens it"):
            Sealer([known], purpose="refresh token successor").open(row.successor)


def test_refused_exchange_leaves_no_row(signed_in, party):
    code = code_for(signed_in, party, resource=None)
    before = (AccessToken.objects.count(), RefreshToken.objects.count())
    assert_json(party.redeem(code, resource="https://api.example/"), "invalid_target")
    assert_json(party.redeem(code, code_verifier="x" * 43), "invalid_grant")
    assert (AccessToken.objects.count(), RefreshToken.objects.count()) == before


def test_failure_in_the_middle_of_an_exchange_leaves_everything_as_it_was(party, user, monkeypatch):
    """The audit row is the last thing written: when it fails, nothing has happened."""
    CodeFactory(value="the-code", application=party.row, user=user)

    def fail(*args, **kwargs):
        raise OperationalError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(audit._NEW_EVENT, "run", fail)
        answer = party.redeem("the-code")
    assert_json(answer, "temporarily_unavailable", status=503)
    assert answer.headers["Retry-After"]
    assert not AccessToken.objects.exists()
    assert AuthorizationCode.objects.get().redeemed_at is None
    assert party.redeem("the-code").status_code == 200


def test_row_that_somebody_deletes_meanwhile_is_a_dead_grant(party, user, monkeypatch):
    CodeFactory(value="the-code", application=party.row, user=user)

    def fail(*args, **kwargs):
        raise IntegrityError("violates foreign key constraint")

    with monkeypatch.context() as broken:
        broken.setattr("codeflow.provider.grants.store", fail)
        assert_json(party.redeem("the-code"), "invalid_grant")
    assert AuthorizationCode.objects.get().redeemed_at is None


@pytest.mark.parametrize("path", ["/o/userinfo/", "/api/notes/"])
def test_protected_resources_without_a_database_say_so(party, monkeypatch, path):
    def fail(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr("codeflow.provider.flow.resource_access.live_access_token", fail)
    party.transport.client.raise_request_exception = False
    answer = party.transport.send("GET", path, headers={"Authorization": "Bearer x"})
    assert_json(answer, "temporarily_unavailable", status=503)
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize("way", ["basic", "post", "public"])
def test_database_that_is_away_is_told_as_such(party, public_party, monkeypatch, way):
    def fail(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr("codeflow.provider.clients._read_client", fail)
    asking = {
        "basic": lambda: party.redeem("x"),
        "post": lambda: party.post_as_is(
            "/o/token/",
            urlencode({**party.redemption("x"), "client_id": party.row.client_id, "client_secret": SECRET}),
            Origin="https://spa.example",
        ),
        "public": lambda: public_party.redeem("x"),
    }
    answer = asking[way]()
    assert_json(answer, "temporarily_unavailable", status=503)


def test_database_that_is_away_is_told_to_people_too(signed_in, party, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr("codeflow.provider.clients._read_client", fail)
    answer = signed_in.authorize(party.request())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Location" not in answer.headers


@pytest.mark.spec("RFC 8707", "2.2", "an access token for one resource leaves the grant for the others as it is")
def test_narrowed_resource_narrows_the_access_token_alone(signed_in, party, settings):
    settings.CODEFLOW_PROVIDER = {"RESOURCES": ["https://a.example/", "https://b.example/"]}
    query = urlencode(
        [*party.request().items(), ("resource", "https://a.example/"), ("resource", "https://b.example/")]
    )
    signed_in.open(f"/o/authorize/?{query}")
    signed_in.allow()
    code = answer_in(signed_in.location)["code"]
    tokens = party.redeem(code, resource="https://a.example/").json()
    assert party.introspect(tokens["access_token"]).json()["aud"] == ["https://a.example/"]
    answer = party.refresh(tokens["refresh_token"], resource="https://b.example/")
    assert answer.status_code == 200, answer.text
    assert party.introspect(answer.json()["access_token"]).json()["aud"] == ["https://b.example/"]


def test_several_resources_in_one_token_request(signed_in, party, settings):
    both = ["https://a.example/", "https://b.example/"]
    settings.CODEFLOW_PROVIDER = {"RESOURCES": both}
    CodeFactory(value="the-code", application=party.row, resource=both)
    body = urlencode([*party.redemption("the-code").items(), *(("resource", value) for value in both)])
    answer = party.post_as_is("/o/token/", body, Authorization=basic(party.row.client_id, SECRET))
    assert party.introspect(answer.json()["access_token"]).json()["aud"] == both


@pytest.mark.parametrize("name", ["username", "user", "sub", "scope", "acr", "amr", "auth_time", "token_family"])
def test_additional_parameters_change_nothing_of_the_grant(signed_in, party, user, name):
    code = code_for(signed_in, party, scope="openid")
    tokens = party.redeem(code, **{name: "admin"}).json()
    assert tokens["scope"] == "openid"
    assert jose.parse(tokens["id_token"])[1]["sub"] == str(user.pk)


@pytest.mark.parametrize(
    "path", ["/o/token/", "/o/revoke/", "/o/introspect/", "/o/userinfo/", "/o/logout/", "/o/consent/"]
)
@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"%",
        b"%00=%00",
        b"&" * 1000,
        b"=" * 1000,
        b"a=" + b"%f0%9f%92%a9" * 1000,
        b"\x00" * 100,
        b"client_id[]=1&client_id[a]=2",
        b"client_id=%ff",
    ],
)
def test_bodies_of_any_bytes_are_no_server_error(signed_in, path, body):
    answer = signed_in.transport.send("POST", path, body=body, headers={"Content-Type": FORM})
    assert answer.status_code < 500


@pytest.mark.parametrize("path", ["/o/authorize", "/o/token", "/o/userinfo", "/o/introspect", "/o/revoke", "/o/logout"])
def test_addresses_without_the_final_slash_lose_nothing(party, path):
    answer = party.transport.send("POST", path, body="x=1", headers={"Content-Type": FORM})
    assert answer.status_code not in (301, 302, 307, 308, 404)


# What is written down


def test_line_breaks_in_a_client_id_forge_no_log_line(signed_in, party, caplog):
    signed_in.authorize(party.request(client_id="x\r\nERROR root: all is lost"))
    party.post_as_is("/o/token/", "grant_type=authorization_code", Authorization=basic("y\r\nERROR: z", "s"))
    for record in caplog.records:
        assert "\n" not in record.getMessage()
        assert "\r" not in record.getMessage()
    for event in AuditEvent.objects.all():
        assert event.client_id.isprintable()


def test_audit_trail_holds_no_secret_of_a_refused_request(party):
    secrets = ["wrong-secret-value", "wrong-code-value", "wrong-refresh-value", "wrong-verifier-value" * 3]
    Party(party.row, secret=secrets[0]).redeem(secrets[1])
    party.redeem(secrets[1], code_verifier=secrets[3])
    party.refresh(secrets[2])
    for event in AuditEvent.objects.values_list("event", "reason", "client_id", "user_pk"):
        assert not any(secret in str(event) for secret in secrets)


def test_what_nobody_foresaw_is_a_server_error_that_tells_nothing(party, monkeypatch, caplog):
    """JSON for the client, a traceback without values for the operator, no report made from frames that hold secrets."""

    def fail(*args, **kwargs):
        raise RuntimeError("boom")

    monkeypatch.setattr("codeflow.provider.server.signing_key", fail)
    form = {**party.redemption("the-secret-code"), "client_id": party.row.client_id, "client_secret": SECRET}
    answer = party.post_as_is("/o/token/", urlencode(form))
    assert answer.status_code == 500
    assert json.loads(answer.content)["error"] == "server_error"
    assert "RuntimeError: boom" in caplog.text
    assert SECRET not in caplog.text
    assert "the-secret-code" not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)


# Where the person may be led


@pytest.mark.parametrize(
    "uri",
    [
        "https://rp.example.evil.example/cb",
        "https://rp.example%2eevil.example/cb",
        "https://rp.example%00.evil.example/cb",
        "https://evil.example/cb?https://rp.example/cb",
        "https://evil.example\\.rp.example/cb",
        "https://[rp.example]/cb",
        "https://rp.example/cb%0d%0aLocation:%20https://evil.example",
        "https:///rp.example/cb",
        "https:/rp.example/cb",
        "https:rp.example/cb",
        "//rp.example/cb",
        "https://rp.example/cb;x",
        "https://rp.example/cb%3Fa",
        "intent://rp.example/cb",
    ],
)
def test_addresses_that_resemble_the_registered_one_get_nothing(signed_in, party, uri):
    for more in ({}, {"prompt": "none"}, {"response_mode": "form_post"}, {"scope": ""}):
        answer = signed_in.authorize(party.request(redirect_uri=uri, **more))
        assert_page(answer)
        assert f'href="{uri}' not in answer.text
        assert f'action="{uri}' not in answer.text


def test_form_post_page_posts_to_the_registered_address_alone(signed_in, party):
    asked = party.request(response_mode="form_post", state='"><form action="https://evil.example">')
    signed_in.authorize(asked)
    signed_in.allow()
    form = signed_in.form("codeflow-form-post")
    assert form.action == asked["redirect_uri"]
    assert form.fields["state"] == asked["state"]
    assert "evil.example" not in signed_in.page.headers["Content-Security-Policy"]
    assert party.redeem(form.fields["code"]).status_code == 200


def test_error_page_shows_request_data_to_staff_alone(browser, party):
    request = party.request(redirect_uri="https://evil.example/<script>")
    assert "evil.example" not in browser.authorize(request).text
    staff = UserFactory(is_staff=True)
    browser.force_sign_in(staff)
    page = browser.authorize(request).text
    assert "evil.example" in page
    assert "<script>" not in page


def test_sign_in_page_does_not_tell_whether_a_person_exists(browser, user):
    answers = set()
    for name in (user.username, "nobody-of-this-name"):
        browser.open("/o/login/")
        text = browser.submit("codeflow-login", username=name, password="wrong").text
        answers.add(text.partition("codeflow-login-error")[2].partition("</div>")[0])
    assert len(answers) == 1


def test_threads_share_no_state_of_a_request(signed_in, party):
    """DOT keeps its server object for the life of the process."""
    codes = [code_for(signed_in, party) for _ in range(2)]
    other = Party(ClientFactory())
    first = party.redeem(codes[0]).json()
    assert_json(other.redeem(codes[1]), "invalid_grant")
    second = party.redeem(codes[1]).json()
    assert first["access_token"] != second["access_token"]
    assert threading.active_count() >= 1


def test_new_password_ends_what_the_thief_of_the_old_one_got(signed_in, party, user):
    tokens = tokens_for(signed_in, party)
    changed = get_user_model().objects.get(pk=user.pk)
    changed.set_password("another")
    changed.save()
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert_json(party.refresh(tokens["refresh_token"]), "invalid_grant")
    assert_sign_in(signed_in.authorize(party.request()))


def test_mere_rehash_of_a_password_ends_nothing(signed_in, party, user, settings):
    tokens = tokens_for(signed_in, party)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    other = Browser()
    other.open("/o/login/")
    other.log_in(user)
    assert get_user_model().objects.get(pk=user.pk).password.startswith("pbkdf2_")
    assert party.userinfo(tokens["access_token"]).status_code == 200
