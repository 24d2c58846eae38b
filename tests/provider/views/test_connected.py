"""Connected applications: one's own, one row each, removed by POST alone."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from codeflow.provider.models import AccessToken, AuditEvent, Consent, RefreshToken
from codeflow.provider.signals import consent_withdrawn
from tests.provider.exchange import Browser, tokens_for
from tests.provider.factories import (
    AccessTokenFactory,
    ClientFactory,
    ConsentFactory,
    ProviderSessionFactory,
    RefreshTokenFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PAGES = (
    "/o/connected/",
    "/o/connected/{pk}/",
    "/o/connected/{pk}/remove/",
    "/o/connected/remove-all/",
    "/o/connected/activity/",
)


def text(answer):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def rows(answer):
    return re.findall(r'<li id="application-(\d+)"', answer.text)


@pytest.fixture
def connected(signed_in, user):
    """A client that `user` has let in, with tokens of two sign-ins."""
    client = ClientFactory(name="Notes", maker="Example Ltd")
    ConsentFactory(
        user=user, client=client, scope="openid notes.read", text={"openid": "Know you", "notes.read": "Read"}
    )
    for _ in range(2):
        AccessTokenFactory(user=user, application=client)
        RefreshTokenFactory(user=user, application=client)
    return client


def test_one_row_for_an_application_says_what_it_can_do_and_since_when(signed_in, connected):
    answer = signed_in.open("/o/connected/")
    assert rows(answer) == [str(connected.pk)]
    said = text(answer)
    assert "Notes by Example Ltd" in said
    assert "It can: Know who you are; Read your notes" in said
    assert "Since " in said
    assert "Used just now." in said


def test_after_a_sign_in_the_row_tells_of_it(signed_in, party):
    tokens_for(signed_in, party)
    answer = signed_in.open("/o/connected/")
    assert rows(answer) == [str(party.row.pk)]
    assert "Signed in in one browser." in text(answer)
    details = text(signed_in.open(f"/o/connected/{party.row.pk}/"))
    assert "Sign-ins 1" in details
    assert "Keep access while you are away" in details


def test_details_show_the_consent_as_it_was_and_what_was_not_allowed(signed_in, user):
    consent = ConsentFactory(
        user=user, scope="openid", asked_scope="openid notes.read", text={"openid": "Words of <then>"}
    )
    answer = signed_in.open(f"/o/connected/{consent.client_id}/")
    assert "<li>Words of &lt;then&gt;</li>" in answer.text
    assert f"Version {consent.text_version} of the text." in text(answer)
    assert "You did not allow: Read your notes" in text(answer)


def test_unused_application_is_asked_about(signed_in, user):
    consent = ConsentFactory(user=user)
    long_ago = timezone.now() - timedelta(days=430)
    Consent.objects.filter(pk=consent.pk).update(created=long_ago, updated=long_ago)
    assert re.search(r"Not used for 1 year, 2 months: do you still need it\?", text(signed_in.open("/o/connected/")))


def test_application_that_never_asks_is_listed_by_its_tokens(signed_in, user):
    client = ClientFactory(name="House", skip_authorization=True)
    AccessTokenFactory(user=user, application=client, scope="openid email")
    expired = ClientFactory(skip_authorization=True)
    AccessTokenFactory(user=user, application=expired, expires=timezone.now() - timedelta(seconds=1))
    answer = signed_in.open("/o/connected/")
    assert rows(answer) == [str(client.pk)]
    assert "It can: Know who you are; See your e-mail address" in text(answer)
    assert "You were not asked" in text(signed_in.open(f"/o/connected/{client.pk}/"))


@pytest.mark.spec("RFC 7009", "2.1", "removing an application ends its consent and every token at once")
def test_removing_ends_consent_and_tokens_at_once(signed_in, user, party, django_capture_on_commit_callbacks):
    tokens = tokens_for(signed_in, party)
    heard = []
    consent_withdrawn.connect(listen := lambda **kwargs: heard.append((kwargs["user"], kwargs["client"])), weak=False)
    page = signed_in.open(f"/o/connected/{party.row.pk}/remove/")
    assert "loses access at once and must ask you again" in text(page)
    assert "expire" not in text(page)
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in.submit("codeflow-remove")
    consent_withdrawn.disconnect(listen)
    assert "Access of one application is removed." in text(answer)
    assert "Access of" not in text(signed_in.open("/o/connected/"))
    assert rows(answer) == []
    assert not Consent.objects.exists()
    assert not AccessToken.objects.filter(revoked=None).exists()
    assert not RefreshToken.objects.filter(revoked=None).exists()
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert heard == [(user, party.row)]
    event = AuditEvent.objects.get(event="consent.withdrawn")
    assert (event.user_pk, event.client_id) == (str(user.pk), party.row.client_id)


def test_page_says_that_jwts_live_on(signed_in, connected):
    connected.access_token_format = "jwt"
    connected.save()
    for path in (f"/o/connected/{connected.pk}/remove/", "/o/connected/remove-all/"):
        assert "work until they expire" in text(signed_in.open(path))


def test_reading_changes_nothing(signed_in, connected):
    for path in PAGES:
        assert signed_in.open(path.format(pk=connected.pk)).status_code == 200
    assert Consent.objects.count() == 1
    assert AccessToken.objects.filter(revoked=None).count() == 2


def test_removal_needs_the_pages_token(signed_in, connected):
    for path in (f"/o/connected/{connected.pk}/remove/", "/o/connected/remove-all/"):
        assert signed_in.post(path, {}).status_code == 403
    assert Consent.objects.count() == 1


def test_removing_all_names_them_first_and_leaves_other_people_alone(signed_in, user, connected):
    others = ConsentFactory()
    ConsentFactory(user=user, client=ClientFactory(name="Shop"))
    page = signed_in.open("/o/connected/remove-all/")
    assert "Notes" in text(page)
    assert "Shop" in text(page)
    answer = signed_in.submit("codeflow-remove")
    assert "Access of 2 applications is removed." in text(answer)
    assert list(Consent.objects.all()) == [others]
    assert "No application may use your account." in text(signed_in.open("/o/connected/remove-all/"))


def test_somebody_elses_application_is_not_found(connected):
    stranger = Browser()
    stranger.force_sign_in(UserFactory())
    assert rows(stranger.open("/o/connected/")) == []
    for path in (f"/o/connected/{connected.pk}/", f"/o/connected/{connected.pk}/remove/"):
        assert stranger.open(path).status_code == 404
    stranger.transport.client.handler.enforce_csrf_checks = False
    assert stranger.post(f"/o/connected/{connected.pk}/remove/", {}).status_code == 404
    stranger.post("/o/connected/remove-all/", {})
    assert Consent.objects.count() == 1


@pytest.mark.parametrize("path", PAGES)
def test_everybody_else_signs_in_first_and_comes_back(browser, path):
    answer = browser.open(path.format(pk=1))
    assert browser.has_form("codeflow-login")
    assert f'name="next" value="{path.format(pk=1)}"' in answer.text


def test_post_of_nobody_does_nothing(browser):
    assert browser.post("/o/connected/remove-all/", {}).status_code == 403


def test_activity_is_ones_own_and_in_words(signed_in, user, party):
    tokens_for(signed_in, party)
    AuditEvent.objects.create(event="login.succeeded", user_pk=str(user.pk + 1), address="192.0.2.7")
    AuditEvent.objects.create(event="key.made", user_pk=str(user.pk), reason="RS256")
    said = text(signed_in.open("/o/connected/activity/"))
    assert "You let Notes in." in said
    assert "You went on to Notes." in said
    assert "192.0.2.7" not in said
    assert "RS256" not in said


def test_activity_of_a_new_account_is_empty(signed_in):
    AuditEvent.objects.all().delete()
    assert "Nothing is recorded." in text(signed_in.open("/o/connected/activity/"))


def test_lists_have_pages(signed_in, user):
    for number in range(21):
        ConsentFactory(user=user, client=ClientFactory(name=f"App {number:02}"))
    assert len(rows(signed_in.open("/o/connected/"))) == 20
    second = signed_in.open("/o/connected/?page=2")
    assert len(rows(second)) == 1
    assert "Page 2 of 2" in text(second)
    for word in ("0", "99", "-1", "x", ""):
        assert signed_in.open(f"/o/connected/?page={word}").status_code == 200


def test_statements_do_not_grow_with_the_applications(signed_in, user, django_assert_max_num_queries):
    for number in range(15):
        client = ClientFactory(skip_authorization=bool(number % 2))
        if number % 2:
            AccessTokenFactory(user=user, application=client)
        else:
            ConsentFactory(user=user, client=client)
        session = ProviderSessionFactory(user=user)
        session.clients.add(client)
    with django_assert_max_num_queries(11):
        signed_in.open("/o/connected/")


def test_names_of_clients_are_never_markup(signed_in, user):
    client = ClientFactory(name="<b>Bank</b>", maker="<i>", contact="<u>")
    ConsentFactory(user=user, client=client)
    AuditEvent.objects.create(event="consent.given", user_pk=str(user.pk), client_id=client.client_id)
    for path in PAGES:
        answer = signed_in.open(path.format(pk=client.pk))
        assert "<b>Bank" not in answer.text
