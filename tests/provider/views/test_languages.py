"""Pages speak the reader's language; what programs read stays what the specifications say."""

import re

import pytest

from tests.provider.views.test_error_page import said

pytestmark = pytest.mark.django_db

GERMAN = {"Accept-Language": "de-AT, de;q=0.9, en;q=0.5"}


@pytest.fixture(autouse=True)
def _language_by_browser(settings):
    """A site that follows its reader's language, as Django's documentation sets it up."""
    place = settings.MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware") + 1
    locale = "django.middleware.locale.LocaleMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:place], locale, *settings.MIDDLEWARE[place:]]


def test_consent_page_asks_in_the_readers_language(signed_in, party):
    for headers, words in ((GERMAN, "möchte Ihr Konto nutzen"), ({}, "wants to use your account")):
        answer = signed_in.authorize(party.request(), **headers)
        assert words in answer.text
        assert f'lang="{answer.headers["Content-Language"]}"' in answer.text


def test_error_page_explains_in_the_readers_language(browser, party):
    answer = browser.authorize(party.request(redirect_uri="https://evil.example/"), **GERMAN)
    assert answer.headers["Content-Language"] == "de"
    assert "nicht auf der Liste steht" in said(answer, "what")
    assert "öffnen Sie Notes erneut" in said(answer, "todo")


def test_connected_applications_are_listed_in_the_readers_language(signed_in, party):
    signed_in.authorize(party.request())
    signed_in.allow()
    signed_in.open("/o/connected/remove-all/", **GERMAN)
    signed_in.submit("codeflow-remove")
    assert said(signed_in.open("/o/connected/", **GERMAN), "none") == "Keine Anwendung darf Ihr Konto nutzen."


@pytest.mark.spec("RFC 6749", "5.2", "error_description is of ASCII characters, in every language")
def test_answers_for_programs_have_no_language(browser, party):
    answers = [browser.post("/o/token/", {"grant_type": "nonsense"}, **headers) for headers in (GERMAN, {})]
    documents = [answer.json() for answer in answers]
    assert documents[0] == documents[1]
    assert re.fullmatch(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+", documents[0]["error_description"])
