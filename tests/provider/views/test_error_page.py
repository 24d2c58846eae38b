"""Error pages: a sentence and a way on for the person; for the developer what was sent, what is registered and the difference."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission

from codeflow.core.errors import InvalidRequest, ServerError
from codeflow.provider.models import AuditEvent
from codeflow.provider.views.error_docs import REASONS
from codeflow.provider.views.error_words import WORDS, reason_of, slug, words_for
from tests.provider.cases.world import assert_page
from tests.provider.exchange import Browser
from tests.provider.factories import REDIRECT_URI, ClientFactory, UserFactory
from tests.test_readme import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    browser = Browser()
    browser.force_sign_in(UserFactory(is_staff=True, is_superuser=True))
    return browser


def said(answer, name):
    """The words of the element with this id."""
    found = re.search(rf'<(\w+) id="codeflow-{name}"[^>]*>(.*?)</\1>', answer.text, re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", found[2]))).strip() if found else ""


@pytest.mark.spec("RFC 9700", "4.11", "a wrong redirect_uri is a page of status 400, and nobody is redirected")
def test_wrong_redirect_uri_is_told_to_the_person_in_words(browser, party):
    answer = browser.authorize(party.request(redirect_uri=f"{REDIRECT_URI}/"))
    assert_page(answer)
    assert said(answer, "what") == (
        "Notes asked us to send you back to an address that is not on its list, so we stopped. Nothing was shared."
    )
    assert "go back to Notes and try again." in said(answer, "todo")
    reference = said(answer, "reference")
    assert AuditEvent.objects.get(reference=reference).reason == "redirect_uri_mismatch"
    assert REDIRECT_URI not in answer.text
    assert "codeflow-developer" not in answer.text


def test_contact_is_the_clients_else_the_sites(browser, party, settings):
    wrong = party.request(redirect_uri=f"{REDIRECT_URI}/")
    assert "tell the people who run that application" in said(browser.authorize(wrong), "todo")
    settings.CODEFLOW_PROVIDER = {"CONTACT": "help@id.example"}
    assert 'href="mailto:help@id.example"' in browser.authorize(wrong).text
    party.row.contact = "support@notes.example"
    party.row.save()
    answer = browser.authorize(wrong)
    assert 'href="mailto:support@notes.example"' in answer.text
    assert "help@id.example" not in answer.text
    party.row.contact = "javascript:alert(1)"
    party.row.save()
    assert 'href="javascript' not in browser.authorize(wrong).text


def test_page_before_sign_in_never_shows_the_logo(browser, party):
    party.row.logo_uri = "/static/logos/bank.png"
    party.row.save()
    assert "<img" not in browser.authorize(party.request(redirect_uri="https://evil.example/")).text


@pytest.mark.parametrize("shown_to", ["staff", "DEBUG"])
def test_developer_sees_sent_registered_difference_fix_and_the_docs(staff, browser, party, settings, shown_to):
    settings.DEBUG = shown_to == "DEBUG"
    answer = (browser if settings.DEBUG else staff).authorize(party.request(redirect_uri=f"{REDIRECT_URI}/"))
    assert said(answer, "code").startswith("redirect_uri_mismatch (RFC 6749 3.1.2.4")
    assert said(answer, "sent") == f"{REDIRECT_URI}/"
    assert said(answer, "registered") == REDIRECT_URI
    assert "only the slash at the end differs" in said(answer, "difference")
    assert said(answer, "fix").startswith("Correct redirect_uri in the client, or add the address")
    assert 'href="/o/errors/redirect-uri-mismatch/"' in answer.text
    field = f"/admin/codeflow_provider/client/{party.row.pk}/change/#id_redirect_uris"
    assert (f'href="{field}"' in answer.text) is (shown_to == "staff")


def test_developers_part_is_gone_for_staff_that_left(party):
    user = UserFactory(is_staff=True)
    browser = Browser()
    browser.force_sign_in(user)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert "codeflow-developer" not in browser.authorize(party.request(client_id="nobody")).text


def test_near_matches_of_an_unknown_key_are_for_staff_who_may_see_clients(browser, staff, settings):
    client = ClientFactory(client_id="notes-7f3k")
    asked = {"client_id": "notes-7f3", "redirect_uri": REDIRECT_URI, "response_type": "code"}
    assert "notes-7f3k" in said(staff.authorize(asked), "fix")
    settings.DEBUG = True
    assert client.client_id not in browser.authorize(asked).text
    settings.DEBUG = False
    limited = Browser()
    user = UserFactory(is_staff=True)
    limited.force_sign_in(user)
    assert client.client_id not in limited.authorize(asked).text
    user.user_permissions.add(Permission.objects.get(codename="view_client"))
    assert client.client_id in limited.authorize(asked).text


def test_sent_values_are_never_markup_and_have_an_end(staff, party):
    answer = staff.authorize(party.request(redirect_uri="https://x.example/<script>" + "x" * 900))
    assert "<script>" not in answer.text
    assert len(said(answer, "sent")) <= 300


def test_answered_twice_does_not_claim_that_nothing_was_shared(signed_in, party):
    signed_in.authorize(party.request())
    form = dict(signed_in.form("codeflow-consent").fields)
    signed_in.allow()
    answer = signed_in.post("/o/consent/", {**form, "allow": "yes"})
    assert answer.status_code == 400
    assert "Nothing was shared" not in answer.text
    assert "sending it again changes nothing" in said(answer, "what")


def test_wrong_sign_out_address_says_so(staff, party):
    asked = {"client_id": party.row.client_id, "post_logout_redirect_uri": "https://rp.example/signed-out/"}
    answer = staff.open("/o/logout/?" + "&".join(f"{name}={value}" for name, value in asked.items()))
    assert_page(answer)
    assert said(answer, "code").startswith("logout_uri_mismatch")
    assert said(answer, "sent") == "https://rp.example/signed-out/"
    assert said(answer, "registered") == "https://rp.example/signed-out"


def test_every_error_has_its_page_at_a_stable_address(browser):
    index = browser.open("/o/errors/")
    for name in REASONS:
        assert f'id="{name}"' in index.text
        assert browser.open(f"/o/errors/{name}/").status_code == 200
    assert browser.open("/o/errors/nothing/").status_code == 404


def test_every_error_is_in_the_docs():
    page = (ROOT / "docs" / "errors.md").read_text()
    assert [name for name in map(slug, WORDS) if f"## {name}\n" not in page] == []


@pytest.mark.parametrize("reason", WORDS)
def test_words_are_whole_sentences_without_gaps(reason):
    for words in (words_for(reason), words_for(reason, "Notes")):
        for sentence in (str(words.what), str(words.todo), str(words.fix)):
            assert sentence.endswith((".", "/")), sentence
            assert "%(" not in sentence


def test_reasons_without_words_of_their_own_have_some():
    assert reason_of(InvalidRequest(reason="never heard of")) == "other"
    assert reason_of(ServerError()) == "server_error"
