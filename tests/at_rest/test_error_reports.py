"""What nobody foresaw: neither Django's debug page, nor its mail to the admins, nor the log tells what the request held."""

import logging
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.test import Client
from django.utils.log import AdminEmailHandler

from codeflow.core import jose
from codeflow.provider.flow import step2_authorization_request, step6_token_response
from tests.at_rest.places import leaks
from tests.provider.exchange import FORM, basic
from tests.provider.factories import CHALLENGE, SECRET, VERIFIER, ClientFactory, UserFactory

pytestmark = pytest.mark.django_db

CODE, HINT, PASSWORD = "a-code-that-is-secret", "an-id-token-that-is-secret", "a-password-that-is-secret"


@pytest.fixture(params=[True, False], ids=["debug page", "mail"])
def site(request, settings):
    settings.DEBUG = request.param
    settings.ROOT_URLCONF = "tests.provider.urls"
    settings.ADMINS = [("Operator", "operator@example.org")]
    return Client(raise_request_exception=False)


@pytest.fixture
def mailing():
    """Django's mail to the admins, with the HTML report."""
    handler = logging.getLogger("django.request")
    mailer = AdminEmailHandler(include_html=True)
    mailer.setLevel(logging.ERROR)
    handler.addHandler(mailer)
    logging.getLogger("codeflow").addHandler(mailer)
    yield mail.outbox
    handler.removeHandler(mailer)
    logging.getLogger("codeflow").removeHandler(mailer)


def broken(*args, **kwargs):
    raise RuntimeError("nobody foresaw this")


def told(answer, outbox, caplog) -> dict[str, str]:
    places = {"page": answer.content.decode("utf-8", "replace")}
    for message in outbox:
        places[f"mail {message.subject}"] = message.body + "".join(str(part) for part in message.alternatives)
    places["log"] = caplog.text
    return places


@pytest.mark.parametrize(
    "broken_place", [(step6_token_response, "redeem_code"), (jose, "sign")], ids=["redeem", "sign"]
)
def test_token_endpoint(site, mailing, monkeypatch, caplog, broken_place):
    caplog.set_level(logging.DEBUG)
    client = ClientFactory()
    monkeypatch.setattr(*broken_place, broken)
    form = {
        "grant_type": "authorization_code",
        "code": CODE,
        "code_verifier": VERIFIER,
        "redirect_uri": "https://rp.example/cb",
    }
    answer = site.post(
        "/o/token/", urlencode(form), FORM, headers={"Authorization": basic(client.client_id, SECRET)}, secure=True
    )
    authorization = basic(client.client_id, SECRET).removeprefix("Basic ")
    assert (
        leaks(
            {"code": CODE, "verifier": VERIFIER, "secret": SECRET, "header": authorization},
            told(answer, mailing, caplog),
        )
        == []
    )
    if broken_place[1] == "redeem_code":
        assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
        assert "nobody foresaw this" in caplog.text


def test_authorization_endpoint(site, mailing, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(step2_authorization_request, "check_request", broken)
    query = {
        "client_id": ClientFactory().client_id,
        "redirect_uri": "https://rp.example/cb",
        "response_type": "code",
        "code_challenge": CHALLENGE,
        "id_token_hint": HINT,
    }
    answer = site.get(f"/o/authorize/?{urlencode(query)}", secure=True)
    assert answer.status_code == 500
    assert leaks({"hint": HINT}, told(answer, mailing, caplog)) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_end_session_endpoint(site, mailing, monkeypatch, caplog, method):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("codeflow.provider.views.logout.check_logout_request", broken)
    if method == "get":
        answer = site.get(f"/o/logout/?{urlencode({'id_token_hint': HINT})}", secure=True)
    else:
        answer = site.post("/o/logout/", urlencode({"id_token_hint": HINT}), FORM, secure=True)
    assert answer.status_code == 500
    assert leaks({"hint": HINT}, told(answer, mailing, caplog)) == []


def test_sign_in_page(site, mailing, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("django.contrib.auth.backends.ModelBackend.authenticate", broken)
    user = UserFactory()
    answer = site.post("/o/login/", {"username": user.get_username(), "password": PASSWORD}, secure=True)
    assert answer.status_code == 500
    assert leaks({"password": PASSWORD}, told(answer, mailing, caplog)) == []
