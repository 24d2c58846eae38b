"""The seven steps and what follows them, both roles in one process over real HTTP."""

from urllib.parse import parse_qs, urlsplit

import pytest

from codeflow.core import jose
from codeflow.provider.models import AccessToken, AuthorizationCode, Consent, ProviderSession, RefreshToken
from codeflow.relying_party.models import Identity
from tests.end_to_end.in_process.conftest import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]


def test_three_clicks_lead_to_the_notes(browser, site):
    page = sign_in(browser, site)
    assert page.status_code == 200, page.text[:2000]
    assert page.url == f"{site.relying_party}/notes/"
    told = page.json()
    assert told["notes"] == ["a note of alice"]
    assert told["sub"] == str(site.person.pk)
    assert told["claims"]["name"] == "Ada Byron"
    identity = Identity.objects.get()
    assert (identity.issuer, identity.sub) == (f"{site.provider}/o", str(site.person.pk))


@pytest.mark.spec("RFC 9207", "2", "every authorization response names its issuer")
@pytest.mark.spec("RFC 7636", "4.6", "the code travels with a challenge, the verifier over the back channel")
def test_what_travels_where(browser, site):
    sign_in(browser, site)
    callback = next(answer.url for answer in browser.responses if "/auth/callback/" in answer.url)
    returned = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    assert returned["iss"] == f"{site.provider}/o"
    asked = next(answer.url for answer in browser.responses if "code_challenge=" in answer.url)
    assert parse_qs(urlsplit(asked).query)["code_challenge_method"] == ["S256"]
    exchange = site.back_channel("/o/token/")[0]
    form = {name: values[0] for name, values in parse_qs(exchange.request_body.decode()).items()}
    assert form["code"] == returned["code"]
    verifier = form["code_verifier"]
    front_channel = "".join(answer.url + answer.text for answer in browser.responses)
    assert verifier not in front_channel
    assert site.client_secret not in front_channel


def test_second_sign_in_asks_nothing(browser, site):
    sign_in(browser, site)
    browser.open(f"{site.relying_party}/auth/logout/")
    browser.submit(action="", button=None)
    browser.open(f"{site.relying_party}/notes/")
    assert browser.page.status_code == 200
    assert browser.page.json()["notes"]
    assert Consent.objects.count() == 1
    assert Identity.objects.count() == 1


@pytest.mark.spec("RFC 6749", "4.1.2.1", "a denial comes back as access_denied")
def test_denial_is_told_to_the_person_by_the_relying_party(browser, site):
    page = sign_in(browser, site, allow=False)
    assert "/auth/callback/acme/" in page.url
    assert "error=access_denied" in page.url
    assert page.status_code < 500
    assert not AccessToken.objects.exists()
    assert not Identity.objects.exists()


@pytest.mark.spec("RFC 6749", "6", "an access token that ends is renewed without the person")
def test_dead_access_token_is_renewed(browser, site):
    sign_in(browser, site)
    AccessToken.objects.update(revoked=None, expires="2020-01-01T00:00:00Z")
    browser.open(f"{site.relying_party}/notes/")
    assert browser.page.json()["notes"] == ["a note of alice"]
    assert len(site.back_channel("/o/token/")) == 2
    assert RefreshToken.objects.count() == 2


def test_person_disabled_at_the_provider_gets_no_more_notes(browser, site):
    sign_in(browser, site)
    site.person.is_active = False
    site.person.save()
    browser.open(f"{site.relying_party}/notes/")
    assert "notes" not in browser.page.text or browser.has_form("codeflow-login")


@pytest.mark.spec("RP-Initiated Logout", "2", "both roles sign the person out")
def test_signing_out_everywhere_ends_both_sessions(browser, site):
    sign_in(browser, site)
    browser.open(f"{site.relying_party}/auth/logout/")
    form = browser.form(action="")
    browser.submit(form.id, action=form.action, everywhere="1")
    assert browser.page.url.startswith(f"{site.relying_party}/auth/signed-out/")
    assert not ProviderSession.objects.filter(ended_at=None).exists()
    assert not RefreshToken.objects.filter(revoked=None).exists()
    browser.open(f"{site.relying_party}/notes/")
    assert browser.has_form("codeflow-login")


def test_callback_opened_twice_redeems_once(browser, site):
    sign_in(browser, site)
    callback = next(answer.url for answer in browser.responses if "/auth/callback/" in answer.url)
    browser.open(callback)
    assert browser.page.status_code == 200
    assert len(site.back_channel("/o/token/")) == 1
    assert AccessToken.objects.filter(revoked=None).count() == 1


def test_code_of_one_attempt_does_not_fit_another(browser, site):
    """Injection: the answer to somebody else's attempt."""
    browser.open(f"{site.relying_party}/notes/")
    browser.submit("codeflow-login", username="alice", password="correct horse battery staple")
    browser.submit("codeflow-consent", button=("allow", "yes"))
    stolen = next(answer.url for answer in browser.responses if "/auth/callback/" in answer.url)
    victim = type(browser)()
    try:
        victim.open(f"{site.relying_party}/notes/")
        victim.open(stolen)
        assert victim.page.status_code == 400
        assert "_auth_user_id" not in victim.page.text
        victim.open(f"{site.relying_party}/notes/")
        assert victim.has_form("codeflow-login")
    finally:
        victim.close()


def test_id_token_says_who_and_when_and_no_more(browser, site):
    sign_in(browser, site)
    tokens = site.back_channel("/o/token/")[0].response_body
    claims = jose.parse(jose.strict_json_object(tokens)["id_token"])[1]
    assert set(claims) <= {
        "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"
    }  # fmt: skip
    assert AuthorizationCode.objects.get().redeemed_at is not None
