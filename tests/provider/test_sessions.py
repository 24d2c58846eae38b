"""The provider's side of a browser session."""

import pytest
from django.contrib.auth import SESSION_KEY as DJANGO_KEY
from django.test import RequestFactory

from codeflow.core import jose
from codeflow.provider import sessions
from codeflow.provider.models import AuthorizationCode, LogoutDelivery, ProviderSession
from tests.provider.exchange import Browser, code_for, tokens_for
from tests.provider.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_row_is_made_with_the_first_code_and_shared_by_the_next(signed_in, party, public_party):
    assert not ProviderSession.objects.exists()
    code_for(signed_in, party)
    row = ProviderSession.objects.get()
    code_for(signed_in, public_party)
    assert ProviderSession.objects.get() == row
    assert set(row.clients.all()) == {party.row, public_party.row}
    assert str(row) == f"ProviderSession #{row.pk}"


@pytest.mark.spec("OIDC Core", "2", "auth_time is when the person authenticated in this session")
def test_auth_time_is_this_sessions_own(signed_in, party, user, clock):
    first = jose.parse(tokens_for(signed_in, party)["id_token"])[1]
    clock.advance(minutes=5)
    elsewhere = Browser()
    elsewhere.force_sign_in(user)
    second = jose.parse(tokens_for(signed_in, party)["id_token"])[1]
    assert second["auth_time"] == first["auth_time"]
    third = jose.parse(tokens_for(elsewhere, party)["id_token"])[1]
    assert third["auth_time"] >= first["auth_time"] + 300
    assert third["sid"] != first["sid"]


def test_signing_in_again_moves_auth_time_and_keeps_the_session(signed_in, party, user, clock):
    first = jose.parse(tokens_for(signed_in, party)["id_token"])[1]
    clock.advance(minutes=5)
    signed_in.authorize(party.request(prompt="login"))
    signed_in.log_in(user)
    second = jose.parse(tokens_for(signed_in, party)["id_token"])[1]
    assert second["auth_time"] >= first["auth_time"] + 300
    assert second["sid"] == first["sid"]


@pytest.mark.spec("RFC 8176", "2", "amr says how the person authenticated")
def test_context_of_the_sign_in(settings, party, user):
    plain = Browser()
    plain.force_sign_in(user)
    claims = jose.parse(tokens_for(plain, party)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("1", ["pwd"])
    settings.CODEFLOW_PROVIDER = {
        "AUTHENTICATION_CONTEXT": lambda request, user: {"acr": "urn:mfa", "amr": ["pwd", "otp"]}
    }
    strong = Browser()
    strong.force_sign_in(user)
    claims = jose.parse(tokens_for(strong, party)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("urn:mfa", ["pwd", "otp"])


def test_foreign_backend_claims_nothing(party, user):
    browser = Browser()
    browser.transport.client.force_login(user, backend="codeflow.relying_party.backends.OpenIDConnectBackend")
    claims = jose.parse(tokens_for(browser, party)["id_token"])[1]
    assert not {"acr", "amr"} & claims.keys()


def test_sign_in_that_was_not_seen_has_no_auth_time(signed_in, party):
    session = signed_in.transport.client.session
    del session[sessions.SESSION_KEY]
    session.save()
    claims = jose.parse(tokens_for(signed_in, party)["id_token"])[1]
    assert "auth_time" not in claims
    signed_in.authorize(party.request(max_age="10000"))
    assert signed_in.has_form("codeflow-login")
    signed_in.authorize(party.request(prompt="none", max_age="10000"))
    assert "error=login_required" in signed_in.location


def test_session_ended_at_the_server_is_signed_out(signed_in, party, clock):
    code_for(signed_in, party)
    ProviderSession.objects.update(ended_at=clock.now())
    signed_in.authorize(party.request())
    assert DJANGO_KEY not in signed_in.transport.client.session


def test_session_over_age_is_signed_out_whether_or_not_its_row_was_cleared(signed_in, party, clock, settings):
    settings.CODEFLOW_PROVIDER = {"SESSION_SECONDS": 3600}
    code_for(signed_in, party)
    clock.advance(minutes=59)
    code_for(signed_in, party)
    clock.advance(minutes=2)
    signed_in.authorize(party.request())
    assert DJANGO_KEY not in signed_in.transport.client.session


def test_row_of_somebody_else_is_not_believed(signed_in, party):
    code_for(signed_in, party)
    ProviderSession.objects.update(user=UserFactory())
    signed_in.authorize(party.request(prompt="none"))
    assert "error=login_required" in signed_in.location


@pytest.mark.spec("RP-Initiated Logout", "2", "signing out ends whatever this browser was given")
def test_requests_that_get_their_first_code_side_by_side_share_one_row(signed_in, party, user):
    stored = signed_in.transport.client.session

    def tab():
        request = RequestFactory().get("/")
        request.user, request.session = user, type(stored)(stored.session_key)
        return request, sessions.signed_in(request, party.row)

    first, second = tab(), tab()  # both have read the session before either writes it
    rows = [sessions.session_row(request, signed, party.row) for request, signed in (first, second)]
    assert rows[0] == rows[1]


@pytest.mark.spec("Back-Channel Logout", "2.3", "a session that somebody else's sign-in replaces has ended")
@pytest.mark.parametrize("who", ["somebody else", "the same person"])
def test_signing_in_as_somebody_else_ends_the_former_persons_session(signed_in, party, user, who):
    party.row.backchannel_logout_uri = "https://rp.example/out"
    party.row.save()
    tokens = tokens_for(signed_in, party, scope="openid")
    row = ProviderSession.objects.get()
    signed_in.authorize(party.request(prompt="select_account"))
    signed_in.log_in(UserFactory() if who == "somebody else" else user)
    row.refresh_from_db()
    ended = who == "somebody else"
    assert (row.ended_at is not None) is ended
    assert (party.userinfo(tokens["access_token"]).status_code == 401) is ended
    assert LogoutDelivery.objects.filter(client=party.row, sid=row.sid).exists() is ended
    after = jose.parse(tokens_for(signed_in, party)["id_token"])[1]
    assert (after["sid"] != row.sid) is ended


def test_attempt_to_sign_in_as_somebody_else_ends_nothing(signed_in, party):
    tokens_for(signed_in, party)
    signed_in.authorize(party.request(prompt="select_account"))
    signed_in.log_in(UserFactory(), password="wrong")
    assert ProviderSession.objects.get().ended_at is None


def test_tabs_of_two_people_share_no_row(signed_in, party, user):
    """Whoever comes to know a sid cannot get into the row of another person."""
    code_for(signed_in, party)
    state = signed_in.transport.client.session[sessions.SESSION_KEY]
    other = Browser()
    other.force_sign_in(UserFactory())
    session = other.transport.client.session
    session[sessions.SESSION_KEY] = {**state, "pk": None}
    session.save()
    other.authorize(party.request())
    assert other.allow().status_code == 400
    assert not other.location
    assert ProviderSession.objects.get().user == user
    assert AuthorizationCode.objects.get().user == user
