"""The consent page: what it says, and what the person may leave out."""

import re
from html import unescape

import pytest
from django.utils import formats, timezone

from codeflow.provider.models import AccessToken, AuthorizationCode, Consent
from tests.provider.exchange import answer_in
from tests.provider.factories import AccessTokenFactory, ConsentFactory, UserFactory

pytestmark = pytest.mark.django_db


def text(answer):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def registered_as(party, **fields):
    for name, value in fields.items():
        setattr(party.row, name, value)
    party.row.save()
    return party


@pytest.fixture
def optional(party):
    return registered_as(party, optional_scope="email notes.read openid")


def ask(browser, party, **parameters):
    return browser.authorize(party.request(scope="openid email notes.read", **parameters))


def test_page_names_the_maker_that_somebody_verified(signed_in, party):
    registered_as(party, maker="Example Ltd", maker_verified=True)
    said = text(ask(signed_in, party))
    assert "Made by Example Ltd . Verified" in said
    assert "Registered by staff" not in said


def test_page_says_when_staff_registered_what_nobody_verified(signed_in, party):
    day = formats.date_format(timezone.localtime(party.row.created))
    assert f"Registered by staff {day}." in text(ask(signed_in, party))
    registered_as(party, maker="Example Ltd")
    assert "We have not checked who makes it." in text(ask(signed_in, party))


def test_page_says_who_is_asked_where_they_go_on_and_how_to_undo_it(signed_in, user, party):
    answer = ask(signed_in, party)
    said = text(answer)
    assert f"Signed in as {user.username} ." in said
    assert "You will go to rp.example ." in said
    assert "It cannot see your password." in said
    assert 'id="codeflow-connected" href="/o/connected/"' in answer.text


def test_scopes_stand_in_groups_with_more_to_say_and_the_sensitive_ones_marked(signed_in, party, settings):
    registered_as(party, scope="openid phone notes.read")
    settings.CODEFLOW_PROVIDER = {
        "SCOPE_DETAILS": {"notes.read": {"more": "Not the <secret> ones.", "group": "Your notes"}}
    }
    answer = signed_in.authorize(party.request(scope="openid phone notes.read"))
    groups = re.findall(r'<h2 class="group">(.*?)</h2>', answer.text)
    assert groups == ["Who you are", "Your notes"]
    assert "Not the &lt;secret&gt; ones." in answer.text
    assert answer.text.count('class="tag sensitive"') == 1
    assert [scope["name"] for scope in answer.context["scopes"]] == ["openid", "phone", "notes.read"]


def test_what_is_new_since_last_time_is_marked(signed_in, user, party):
    ConsentFactory(user=user, client=party.row, scope="openid email")
    answer = ask(signed_in, party)
    assert re.findall(r'<li id="scope-(\S+)">(?:(?!</li>).)*class="tag new"', answer.text, re.DOTALL) == ["notesread"]


def test_links_of_the_client_are_web_addresses_and_its_logo_a_file_of_this_site(signed_in, party):
    registered_as(
        party,
        logo_uri="/static/logos/notes.png",
        policy_uri="https://rp.example/privacy",
        tos_uri="javascript:alert(1)",
        client_uri="https://rp.example/",
    )
    answer = ask(signed_in, party)
    assert '<img class="logo" src="/static/logos/notes.png"' in answer.text
    assert 'href="https://rp.example/privacy"' in answer.text
    assert "javascript:" not in answer.text
    for logo in ("https://evil.example/l.png", "//evil.example/l.png", "/\\evil.example/l.png", "javascript:alert(1)"):
        registered_as(party, logo_uri=logo)
        assert "<img" not in ask(signed_in, party).text


def test_buttons_are_of_one_size_in_one_order_and_neither_has_the_focus(signed_in, party):
    answer = ask(signed_in, party)
    assert answer.text.index('id="codeflow-allow"') < answer.text.index('id="codeflow-deny"')
    assert "autofocus" not in answer.text


@pytest.mark.spec("RFC 6749", "3.3", "what the person unticks is not granted, and the answer says so")
def test_person_may_untick_what_the_client_calls_optional(signed_in, user, optional):
    answer = ask(signed_in, optional)
    assert sorted(re.findall(r'name="scope" value="(\S+?)"', answer.text)) == ["email", "notes.read"]
    answer = signed_in.submit("codeflow-consent", button="yes", scope="notes.read")
    tokens = optional.redeem(answer_in(signed_in.location)["code"]).json()
    assert tokens["scope"] == "openid notes.read"
    consent = Consent.objects.get()
    assert (consent.scope, consent.asked_scope) == ("openid notes.read", "openid email notes.read")
    assert consent.text == {"openid": "Know who you are", "notes.read": "Read your notes"}


def test_what_was_unticked_is_not_asked_for_again_until_the_client_insists(signed_in, user, optional):
    ConsentFactory(user=user, client=optional.row, scope="openid", asked_scope="openid email notes.read")
    ask(signed_in, optional)
    assert AuthorizationCode.objects.get().scope == "openid"
    ask(signed_in, optional, prompt="consent")
    assert signed_in.has_form("codeflow-consent")


def test_what_was_unticked_is_asked_for_again_once_it_is_optional_no_more(signed_in, user, party):
    ConsentFactory(user=user, client=party.row, scope="openid", asked_scope="openid email notes.read")
    ask(signed_in, party)
    assert signed_in.has_form("codeflow-consent")


def test_posted_scopes_never_widen_what_was_asked(signed_in, optional):
    ask(signed_in, optional)
    signed_in.submit("codeflow-consent", button="yes", scope="profile")
    assert AuthorizationCode.objects.get().scope == "openid"


def test_scopes_that_are_not_optional_need_no_tick(signed_in, party):
    ask(signed_in, party)
    signed_in.submit("codeflow-consent", button="yes", scope="nothing")
    assert AuthorizationCode.objects.get().scope == "openid email notes.read"


def test_unticking_what_was_allowed_before_ends_what_came_of_it(signed_in, user, optional):
    ConsentFactory(user=user, client=optional.row, scope="openid email", asked_scope="openid email")
    AccessTokenFactory(user=user, application=optional.row, scope="openid email")
    ask(signed_in, optional, prompt="consent")
    signed_in.submit("codeflow-consent", button="yes", scope="notes.read")
    assert AccessToken.objects.get().revoked is not None
    assert "email" not in Consent.objects.get().scope.split()


def test_nothing_ticked_is_a_no(signed_in, party):
    registered_as(party, optional_scope="notes.read")
    signed_in.authorize(party.request(scope="notes.read"))
    signed_in.submit("codeflow-consent", button="yes", scope="none")
    assert answer_in(signed_in.location)["error"] == "access_denied"
    assert not Consent.objects.exists()


def test_claims_of_an_unticked_scope_are_left_out(signed_in, optional):
    ask(signed_in, optional, claims='{"userinfo": {"email": null, "name": null}}')
    assert signed_in.has_form("codeflow-consent")
    signed_in.submit("codeflow-consent", button="yes", scope="notes.read")
    assert "email" not in AuthorizationCode.objects.get().claims


def test_switching_the_account_keeps_the_request(signed_in, party):
    answer = ask(signed_in, party)
    switch = unescape(re.search(r'id="codeflow-switch-account" href="([^"]+)"', answer.text)[1])
    other = UserFactory()
    signed_in.open(switch)
    signed_in.log_in(other)
    assert f"Signed in as {other.username} ." in text(signed_in.page)
    signed_in.allow()
    assert AuthorizationCode.objects.get().user_id == other.pk
