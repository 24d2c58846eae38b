"""What the endpoints share, and what each adds over HTTP."""

import time
from urllib.parse import urlencode

import pytest
from django.contrib.auth import SESSION_KEY as DJANGO_KEY
from django.contrib.auth.views import LoginView
from django.db import OperationalError
from django.urls import include
from django.urls import path as route

from codeflow.core import jose
from codeflow.provider import audit, keys
from codeflow.provider.models import AuditEvent, AuthorizationCode, ProviderSession
from codeflow.provider.views import authorization
from tests.provider.cases.world import assert_json, assert_page
from tests.provider.exchange import ISSUER, Browser, Party, answer_in, basic, code_for, tokens_for
from tests.provider.factories import PASSWORD, AccessTokenFactory, ClientFactory, CodeFactory, UserFactory

pytestmark = pytest.mark.django_db

ORIGIN = "https://spa.example"


@pytest.fixture
def spa():
    return Party(ClientFactory(public=True, allowed_origins=ORIGIN), secret="")


def preflight(party, path, origin=ORIGIN):
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return party.transport.send("OPTIONS", path, headers=headers)


@pytest.mark.spec("Fetch", "3.2", "registered origins may call the endpoints, without credentials")
@pytest.mark.parametrize("path", ["/o/token/", "/o/userinfo/", "/o/revoke/"])
def test_preflight(spa, path):
    answer = preflight(spa, path)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for origin in ("https://evil.example", "http://spa.example", "null", "https://spa.example:8443", f"{ORIGIN}/"):
        assert "Access-Control-Allow-Origin" not in preflight(spa, path, origin).headers


def test_preflight_counts_active_clients_alone(spa):
    spa.row.is_active = False
    spa.row.save()
    assert "Access-Control-Allow-Origin" not in preflight(spa, "/o/token/").headers


def test_answer_is_readable_for_the_asking_clients_origins_alone(spa):
    other = Party(ClientFactory(public=True, allowed_origins="https://other.example"), secret="")
    for party, readable in ((spa, True), (other, False)):
        CodeFactory(value=party.row.client_id, application=party.row)
        answer = party.post("/o/token/", party.redemption(party.row.client_id), Origin=ORIGIN)
        assert answer.status_code == 200
        assert ("Access-Control-Allow-Origin" in answer.headers) is readable
        refused = party.post("/o/token/", party.redemption("x"), Origin=ORIGIN)
        assert ("Access-Control-Allow-Origin" in refused.headers) is readable
    AccessTokenFactory(value="t", application=other.row)
    answer = spa.transport.send("GET", "/o/userinfo/", headers={"Authorization": "Bearer t", "Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_answer_to_an_unknown_client_is_readable_for_nobody(spa):
    """Or the answer would tell which clients exist."""
    unknown = urlencode({"grant_type": "authorization_code", "code": "x", "client_id": "nobody"})
    answer = spa.post_as_is("/o/token/", unknown, Origin=ORIGIN)
    assert_json(answer, "invalid_client", status=401)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_loopback_origin_counts_with_debug_alone(settings):
    origin = "http://127.0.0.1:3000"
    party = Party(ClientFactory(public=True, allowed_origins=origin), secret="")
    assert "Access-Control-Allow-Origin" not in preflight(party, "/o/token/", origin).headers
    settings.DEBUG = True
    assert preflight(party, "/o/token/", origin).headers["Access-Control-Allow-Origin"] == origin


def test_options_without_origin_lists_the_methods(party):
    answer = party.transport.send("OPTIONS", "/o/token/", headers={})
    assert answer.status_code == 200
    assert "POST" in answer.headers["Allow"]


def test_refusal_that_cannot_be_recorded_is_still_answered(party, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("disk full")

    monkeypatch.setattr(audit._NEW_EVENT, "run", fail)
    assert_json(party.post_as_is("/o/token/", "grant_type=authorization_code"), "invalid_client", status=401)


def test_detail_is_logged_and_not_told(party, caplog):
    answer = Party(party.row, secret="sha256$abc").redeem("x")
    assert "stored hash" in caplog.text
    assert "stored hash" not in answer.text


def test_revocation_answers_with_nothing(party):
    AccessTokenFactory(value="t", application=party.row)
    answer = party.revoke("t")
    assert answer.content == b""
    assert "Content-Type" not in answer.headers


# userinfo


@pytest.mark.spec("OIDC Core", "5.3.2", "a signed answer names its issuer and its audience")
@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_signed_userinfo(signed_in, party, user, alg):
    party.row.userinfo_signed_response_alg = alg
    party.row.save()
    tokens = tokens_for(signed_in, party)
    answer = party.userinfo(tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    verified = jose.verify(answer.text, keys.published_jwks(), algorithms=[alg])
    assert verified.claims["iss"] == ISSUER
    assert verified.claims["aud"] == party.row.client_id
    assert verified.claims["sub"] == str(user.pk)
    assert verified.claims["email"] == user.email


def test_signed_userinfo_is_no_id_token_hint(signed_in, party):
    """It is signed by us and names the person, but it never was an ID token."""
    party.row.userinfo_signed_response_alg = "RS256"
    party.row.save()
    signed = party.userinfo(tokens_for(signed_in, party)["access_token"]).text
    signed_in.open("/o/logout/?" + urlencode({"id_token_hint": signed}))
    assert signed_in.has_form("codeflow-logout")  # the person is asked: it does not name this session
    assert "codeflow-signed-in" in signed_in.open("/o/login/").text


@pytest.mark.spec("OIDC Core", "5.5", "claims asked for by name are told at userinfo")
def test_claims_parameter_at_userinfo(signed_in, party, user):
    tokens = tokens_for(signed_in, party, scope="openid", claims='{"userinfo": {"email": {"essential": true}}}')
    told = party.userinfo(tokens["access_token"]).json()
    assert told == {"sub": str(user.pk), "email": user.email}


# the sign-in page


def test_sign_in_page_without_a_client(browser, user):
    assert "codeflow-signed-in" not in browser.open("/o/login/").text
    browser.log_in(user)
    assert browser.address == "/o/login/"
    assert "codeflow-signed-in" in browser.page.text


def test_sign_in_page_names_the_client_and_fills_in_the_hint(browser, party):
    browser.authorize(party.request(login_hint="ada@people.example"))
    assert "Notes" in browser.page.text
    assert browser.form("codeflow-login").fields["username"] == "ada@people.example"


@pytest.mark.parametrize("query", ["resume=x", "", "resume="])
def test_sign_in_page_with_a_damaged_address_still_works(browser, user, query):
    browser.open("/o/login/?" + urlencode({"next": f"/o/authorize/?{query}"}))
    assert browser.has_form("codeflow-login")
    assert browser.log_in(user).status_code == 400


def test_sign_in_page_at_another_address(browser, party, settings):
    settings.LOGIN_URL = "https://login.example/in"
    browser.authorize(party.request())
    assert browser.location.startswith("https://login.example/in?next=https%3A//testserver/o/authorize/")


def test_sign_in_page_shows_who_is_signed_in(signed_in, party, user):
    signed_in.authorize(party.request(prompt="login"))
    assert user.username in signed_in.page.text


# form_post


@pytest.mark.spec("Form Post Response Mode", "2", "code, state and iss travel in a form")
@pytest.mark.parametrize("outcome", ["allow", "deny", "error"])
def test_form_post(signed_in, party, outcome):
    asked = party.request(response_mode="form_post", **({"prompt": "bogus"} if outcome == "error" else {}))
    signed_in.authorize(asked)
    if outcome != "error":
        getattr(signed_in, outcome)()
    form = signed_in.form("codeflow-form-post")
    assert (form.action, form.method) == (asked["redirect_uri"], "post")
    expected = {"allow": {"code"}, "deny": {"error", "error_description"}, "error": {"error", "error_description"}}[
        outcome
    ]
    assert set(form.fields) == {"state", "iss", *expected}
    assert form.fields["iss"] == ISSUER
    assert "no-store" in signed_in.page.headers["Cache-Control"]
    assert "script-src 'self'" in signed_in.page.headers["Content-Security-Policy"]


# documents


def test_documents_may_be_kept_and_read_by_anybody(party):
    for path in ("/o/jwks/", "/o/.well-known/openid-configuration"):
        answer = party.transport.send("GET", path, headers={})
        assert "public, max-age=" in answer.headers["Cache-Control"]
        assert party.transport.send("HEAD", path, headers={}).status_code == 200


# sign-out


def test_sign_out_page_is_posted_from_our_own_page(signed_in):
    signed_in.open("/o/logout/")
    assert "codeflow-signed-out" in signed_in.submit("codeflow-logout").text
    assert "codeflow-signed-out" in Browser().open("/o/logout/").text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS"])
def test_sign_out_by_other_methods(signed_in, method):
    assert signed_in.transport.send(method, "/o/logout/", headers={}).status_code == 405


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", ""])
def test_sign_out_in_other_forms(signed_in, content_type):
    answer = signed_in.transport.send("POST", "/o/logout/", body="{}", headers={"Content-Type": content_type})
    assert answer.status_code in (400, 415)


def test_frontchannel_page_without_a_way_back(signed_in, party):
    party.row.frontchannel_logout_uri = "https://rp.example/front"
    party.row.save()
    tokens_for(signed_in, party)
    signed_in.open("/o/logout/")
    answer = signed_in.submit("codeflow-logout")
    assert "Refresh" not in answer.headers
    assert "https://rp.example/front?" in answer.text


def test_consent_page_that_lost_its_person(signed_in, party):
    signed_in.authorize(party.request())
    form = signed_in.form("codeflow-consent")
    session = signed_in.transport.client.session
    for key in ("_auth_user_id", "_auth_user_backend", "_auth_user_hash"):
        del session[key]
    session.save()
    assert signed_in.post(form.action, {**form.fields, "allow": "yes"}).status_code == 400


def test_consent_page_of_a_session_that_ended_elsewhere_leads_to_the_sign_in_page(signed_in, party, clock):
    code_for(signed_in, party)
    signed_in.authorize(party.request(prompt="consent"))
    ProviderSession.objects.update(ended_at=clock.now())
    answer = signed_in.allow()
    assert signed_in.has_form("codeflow-login") or answer.status_code == 400


def test_unavailable_page(signed_in, party, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr("codeflow.provider.sessions._row_and_consent", fail)
    answer = signed_in.authorize(party.request())
    assert answer.status_code == 503
    assert 'data-error="temporarily_unavailable"' in answer.text


# what nobody foresaw


def fail(*args, **kwargs):
    raise RuntimeError("boom")


def assert_told_to_the_operator(caplog, *values):
    """The traceback as text, and nothing of what the request held."""
    assert "RuntimeError: boom" in caplog.text
    for value in values:
        assert value not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)


@pytest.mark.spec("RFC 6749", "5.2", "an unforeseen failure is answered in the endpoint's own format")
@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("/o/userinfo/", "codeflow.provider.views.userinfo.userinfo_claims"),
        ("/o/introspect/", "codeflow.provider.views.introspection.introspect"),
        ("/o/revoke/", "codeflow.provider.flow.revoke.revoke_token"),
    ],
)
def test_unforeseen_failure_is_a_server_error_in_json(party, monkeypatch, caplog, path, broken):
    AccessTokenFactory(value="the-access-token", application=party.row)
    monkeypatch.setattr(broken, fail)
    if path == "/o/userinfo/":
        answer = party.userinfo("the-access-token")
    else:
        answer = party.post(path, {"token": "the-access-token"})
    body = assert_json(answer, "server_error", status=500)
    assert "boom" not in str(body)
    assert "WWW-Authenticate" not in answer.headers
    assert_told_to_the_operator(caplog, "the-access-token", party.secret, basic(party.row.client_id, party.secret))


@pytest.mark.spec("RFC 6749", "4.1.2.1", "an unforeseen failure is answered")
@pytest.mark.parametrize("step", ["request", "decision"])
def test_unforeseen_failure_at_the_authorization_endpoint_is_a_page(signed_in, party, monkeypatch, caplog, step):
    asked = party.request(state="the-state", nonce="the-nonce")
    if step == "request":
        monkeypatch.setattr("codeflow.provider.flow.step2_consent.keep_pending", fail)
        answer = signed_in.authorize(asked)
    else:
        signed_in.authorize(asked)
        monkeypatch.setattr("codeflow.provider.flow.step3_authorization_response.issue_code", fail)
        answer = signed_in.allow()
    assert_page(answer, error="server_error", status=500)
    assert "boom" not in answer.text
    assert_told_to_the_operator(caplog, "the-state", "the-nonce")
    assert AuditEvent.objects.get(reason="server_error").outcome == "error"


# sign-in pages that turn signed-in people away


@pytest.fixture
def staff():
    return UserFactory(is_staff=True)


@pytest.fixture
def at_admin(settings, staff):
    """`staff` is signed in, where the sign-in page is the admin's."""
    settings.LOGIN_URL = "admin:login"
    browser = Browser()
    browser.force_sign_in(staff)
    return browser


@pytest.mark.spec("OIDC Core", "3.1.2.1", "prompt=login makes people sign in again")
def test_admins_sign_in_page_can_ask_for_a_new_sign_in(at_admin, party, staff, clock):
    clock.advance(minutes=5)
    answer = at_admin.authorize(party.request(prompt="login", state="s"))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert staff.username in answer.text
    at_admin.submit("codeflow-sign-in-again")
    assert at_admin.address.startswith("/admin/login/?next=/o/authorize/")
    assert DJANGO_KEY not in at_admin.transport.client.session
    at_admin.submit("login-form", username=staff.username, password=PASSWORD)
    at_admin.allow()
    assert answer_in(at_admin.location)["state"] == "s"
    claims = jose.parse(party.redeem(answer_in(at_admin.location)["code"]).json()["id_token"])[1]
    assert abs(claims["auth_time"] - time.time()) < 60


@pytest.mark.spec("OIDC Core", "3.1.2.1", "max_age makes people sign in again")
def test_admins_sign_in_page_can_ask_for_a_recent_sign_in(at_admin, party, clock):
    clock.advance(minutes=5)
    at_admin.authorize(party.request(max_age="60"))
    assert at_admin.has_form("codeflow-sign-in-again")
    at_admin.authorize(party.request(max_age="60", prompt="none"))
    assert answer_in(at_admin.location)["error"] == "login_required"


def test_nobody_who_is_signed_out_is_asked_to_sign_out(browser, party, settings):
    settings.LOGIN_URL = "admin:login"
    browser.authorize(party.request(prompt="login"))
    assert browser.address.startswith("/admin/login/?next=/o/authorize/")
    assert browser.has_form("login-form")


def test_sign_in_page_that_shows_its_form_is_gone_to_at_once(signed_in, party):
    signed_in.authorize(party.request(prompt="login"))
    assert signed_in.has_form("codeflow-login")


def test_signing_out_to_sign_in_again_ends_the_session(at_admin, party):
    tokens = tokens_for(at_admin, party, scope="openid")
    at_admin.authorize(party.request(prompt="login"))
    at_admin.submit("codeflow-sign-in-again")
    assert ProviderSession.objects.get().ended_at
    assert party.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.spec("RFC 6749", "10.12", "nobody else's page signs a person out")
def test_signing_out_to_sign_in_again_needs_the_csrf_token(at_admin, party):
    at_admin.authorize(party.request(prompt="login"))
    form = at_admin.form("codeflow-sign-in-again")
    fields = {name: value for name, value in form.fields.items() if name != "csrfmiddlewaretoken"}
    assert set(fields) == {"resume"}
    assert at_admin.post(form.action, fields).status_code == 403
    assert at_admin.post(form.action, form.fields, Origin="https://evil.example").status_code == 403
    assert at_admin.open(form.action).status_code == 405
    assert DJANGO_KEY in at_admin.transport.client.session


@pytest.mark.parametrize("resume", ["", "damaged"])
def test_damaged_request_signs_nobody_out(at_admin, party, resume):
    at_admin.authorize(party.request(prompt="login"))
    assert_page(at_admin.submit("codeflow-sign-in-again", resume=resume))
    assert DJANGO_KEY in at_admin.transport.client.session


@pytest.mark.parametrize(
    ("login_url", "turned_away"),
    [
        ("/admin/login/", True),
        ("/o/login/", False),
        ("/strict/", True),
        ("/strict-class/", True),
        ("/plain/", False),
        ("/nowhere/", False),
        ("https://login.example/in", False),
    ],
)
def test_which_sign_in_pages_turn_signed_in_people_away(settings, login_url, turned_away):
    settings.ROOT_URLCONF = __name__
    assert authorization.turns_signed_in_people_away(login_url) is turned_away


class StrictLoginView(LoginView):
    redirect_authenticated_user = True


urlpatterns = [
    route("strict/", LoginView.as_view(redirect_authenticated_user=True)),
    route("strict-class/", StrictLoginView.as_view()),
    route("plain/", LoginView.as_view()),
    route("", include("tests.provider.urls")),
]


# the words of the error page


COUNTS, NOTHING_SHARED = "What you answered the first time counts", "Nothing was shared."


@pytest.mark.parametrize("button", ["yes", "no"])
def test_page_of_an_answered_decision_says_that_the_answer_counts(signed_in, party, button):
    signed_in.authorize(party.request())
    form = signed_in.form("codeflow-consent")
    fields = {**form.fields, "allow": button}
    signed_in.post(form.action, fields)
    answer = signed_in.post(form.action, fields)
    assert answer.status_code == 400
    assert COUNTS in answer.text
    assert NOTHING_SHARED not in answer.text


def test_other_error_pages_say_that_nothing_was_shared(signed_in, party):
    for changes in ({"client_id": "nobody"}, {"redirect_uri": "https://evil.example/"}):
        answer = signed_in.authorize(party.request(**changes))
        assert answer.status_code == 400
        assert NOTHING_SHARED in answer.text
        assert COUNTS not in answer.text


def test_page_that_was_left_open_too_long_does_not_say_that_an_answer_counts(signed_in, party, clock):
    signed_in.authorize(party.request())
    clock.advance(seconds=601)
    answer = signed_in.allow()
    assert answer.status_code == 400
    assert not AuthorizationCode.objects.exists()
    assert NOTHING_SHARED in answer.text
    assert COUNTS not in answer.text
