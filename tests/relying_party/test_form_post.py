"""Answers that the provider's page posts: they come without this site's session, and only where they were asked for."""

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.test import Client

from codeflow.relying_party.models import Identity
from tests.relying_party.conftest import Browser


@pytest.fixture
def posting(browser: Any, site: Any) -> Any:
    site.ACME["response_mode"] = "form_post"
    return browser


def post(browser: Any, query: str) -> Any:
    """The provider's page posts its form: the session's Lax cookie stays behind, the attempt's does not."""
    session = browser.client.cookies.pop("sessionid", None)
    enforcing = Client(enforce_csrf_checks=True)
    enforcing.cookies = browser.client.cookies
    response = enforcing.post("/auth/callback/acme/", dict(parse_qsl(query)))
    if session is not None:
        browser.client.cookies["sessionid"] = session.value
    return response


def sign_in(browser: Any, next_url: str = "/account/") -> Any:
    handed_on = post(browser, browser.op.authorize(browser.start(next_url)))
    assert handed_on.status_code == 303
    return browser.client.get(handed_on.headers["Location"])


@pytest.mark.spec("OAuth Form Post", "2", "RP-25: works with a session cookie that is SameSite=Lax")
def test_posted_answer_signs_in(posting):
    location = posting.start("/account/?tab=1")
    assert parse_qs(urlsplit(location).query)["response_mode"] == ["form_post"]
    (cookie,) = (value for name, value in posting.client.cookies.items() if name.startswith("codeflow_login_"))
    assert (cookie["samesite"], cookie["secure"], cookie["httponly"]) == ("None", True, True)
    query = posting.op.authorize(location)
    handed_on = post(posting, query)
    assert (handed_on.status_code, handed_on.headers["Referrer-Policy"]) == (303, "no-referrer")
    code = parse_qs(query)["code"][0]
    assert code not in handed_on.headers["Location"]
    response = posting.client.get(handed_on.headers["Location"])
    assert (response.status_code, response.headers["Location"]) == (303, "/account/?tab=1")
    assert posting.is_signed_in


def test_session_is_kept_through_a_posted_step_up(posting):
    sign_in(posting)
    session = posting.client.session
    session["cart"] = "three apples"
    session.save()
    sign_in(posting)
    assert posting.client.session["cart"] == "three apples"


@pytest.mark.spec("OAuth Form Post", "2", "RP-24: an answer by POST is refused where none was asked for")
def test_post_is_refused_where_the_address_was_asked_for(browser, events):
    response = post(browser, browser.op.authorize(browser.start()))
    assert (response.status_code, events[-1].reason) == (400, "callback.response_mode")
    assert not Identity.objects.exists()


def test_answer_in_the_address_is_refused_where_a_form_was_asked_for(posting, events):
    response = posting.come_back(posting.op.authorize(posting.start()))
    assert (response.status_code, events[-1].reason) == (400, "callback.response_mode")


def test_posted_answer_counts_once(posting, events):
    handed_on = post(posting, posting.op.authorize(posting.start()))
    posting.client.get(handed_on.headers["Location"])
    posting.client.logout()
    response = posting.client.get(handed_on.headers["Location"])
    assert (response.status_code, events[-1].reason) == (400, "callback.state")


@pytest.mark.parametrize("parameters", [{}, {"state": "unknown", "code": "a"}])
@pytest.mark.spec("RFC 9700", "4.7", "RP-08: a form without a live state changes nothing")
def test_posted_answer_without_an_attempt_is_refused(posting, parameters):
    response = Client(enforce_csrf_checks=True).post("/auth/callback/acme/", parameters)
    assert response.status_code == 400


def test_posted_answer_opens_for_its_own_attempt_alone(posting, op, events):
    first = post(posting, op.authorize(posting.start()))
    second = parse_qs(urlsplit(posting.start()).query)["state"][0]
    answer = parse_qs(urlsplit(first.headers["Location"]).query)["answer"][0]
    response = posting.client.get("/auth/callback/acme/", {"state": second, "answer": answer})
    assert (response.status_code, events[-1].reason) == (400, "callback.response_mode")


def test_posted_error_is_an_answer_too(posting):
    posting.op.callback_parameters.update(code=None, error="access_denied")
    assert 'id="restart"' in sign_in(posting).content.decode()


def test_other_browser_cannot_use_what_was_handed_on(posting, op):
    handed_on = post(posting, op.authorize(posting.start()))
    other = Browser(Client(), op)
    assert other.client.get(handed_on.headers["Location"]).status_code == 400


@pytest.mark.spec("OIDC Discovery", "3", "form_post is asked for only where the provider has it")
def test_provider_without_form_post(posting, events):
    posting.op.metadata["response_modes_supported"] = ["query"]
    assert posting.client.get("/auth/login/acme/").status_code == 400
    assert events[-1].reason == "metadata.response_modes_supported"
