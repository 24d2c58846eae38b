"""The mistakes that people make most often with a relying party: the page names what came, what was expected and the fix."""

import re
import time
from email.utils import formatdate
from html import unescape

import pytest

from codeflow.http import Door, Unreachable
from codeflow.relying_party import doctor
from codeflow.relying_party.error_words import FIXES
from tests.relying_party.misbehaving_provider import Reply


def said(page, name):
    found = re.search(rf'<(\w+) id="{name}"[^>]*>(.*?)</\1>', page.content.decode(), re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", found[2]))).strip() if found else ""


def test_issuer_that_differs_by_a_slash(browser, op):
    op.claims["iss"] = f"{op.issuer}/"
    page = browser.sign_in()
    assert page.status_code == 400
    assert said(page, "error-code") == "id_token.iss"
    assert said(page, "error-rule") == "iss OIDC Core 3.1.3.7 (2)"
    assert said(page, "error-expected") == op.issuer
    assert said(page, "error-actual") == f"{op.issuer}/"
    assert said(page, "error-difference") == 'The one that came has a "/" at its end, the expected one has none.'
    assert "exactly as the provider's tokens state it" in said(page, "error-fix")


def test_metadata_of_another_issuer(browser, op, forget_documents):
    op.metadata["issuer"] = op.issuer.replace("http://", "https://")
    forget_documents()
    page = browser.client.get("/auth/login/acme/")
    assert said(page, "error-code") == "metadata.issuer"
    assert "One begins with http://, the other with https://" in said(page, "error-difference")
    assert "exactly as the provider's metadata states it" in said(page, "error-fix")


@pytest.mark.parametrize(("rule", "ahead"), [("exp", 500), ("iat", -500), ("nbf", -500)])
def test_clock_that_is_wrong_is_told_by_how_much(browser, op, monkeypatch, rule, ahead):
    theirs = time.time() - ahead
    dated = formatdate(theirs, usegmt=True)
    monkeypatch.setattr(op.server.RequestHandlerClass, "date_time_string", lambda *args: dated)
    op.claims[rule] = int(theirs + 60) if rule == "exp" else int(theirs)
    page = browser.sign_in()
    side = "ahead of" if ahead > 0 else "behind"
    assert said(page, "error-code") == f"id_token.{rule}"
    assert re.search(rf"your server's clock is (499|50[0-9]) s {side} the provider's", said(page, "error-actual"))
    assert "NTP" in said(page, "error-fix")


def test_lost_state_tells_its_usual_causes(browser, op, site):
    query = op.authorize(browser.start())
    browser.client.cookies.clear()
    site.CODEFLOW_RELYING_PARTY["PUBLIC_URL"] = "http://localhost:8001"
    page = browser.come_back(query)
    assert page.status_code == 400
    causes = said(page, "causes")
    for cause in ("longer than ten minutes", "did not send back the cookie", "same cookie name", "SameSite=Strict"):
        assert cause in causes
    assert said(page, "error-hosts") == "This page was opened at testserver; PUBLIC_URL says localhost:8001."
    assert "SESSION_COOKIE_NAME" in said(page, "error-fix")


def test_denied_offers_to_try_again_and_to_go_home(browser, op):
    op.callback_parameters.update(code=None, error="access_denied")
    page = browser.sign_in()
    assert page.status_code == 200
    assert said(page, "message") == "You said no, so nothing was shared and you are not signed in."
    assert said(page, "restart") == "Try again"
    assert said(page, "home") == "Go home"


def test_missing_email_is_told_where_the_site_needs_one(browser, op, site):
    site.ACME["require_email"] = True
    op.userinfo.pop("email")
    page = browser.sign_in()
    assert page.status_code == 403
    assert "acme sent no e-mail address that it has verified" in said(page, "email-missing")
    assert "the scope email was not granted, or it does not send one" in said(page, "error-detail")
    op.userinfo.update(email="a@x.example", email_verified=False)
    assert "does not say that the e-mail address is verified" in said(browser.sign_in(), "error-detail")
    site.ACME["scope"] = "openid"
    assert "the scope email is not asked for" in said(browser.sign_in(), "error-detail")


def test_verified_email_is_enough_where_the_site_needs_one(browser, op, site):
    site.ACME["require_email"] = True
    op.userinfo.update(email="a@x.example", email_verified=True)
    assert browser.sign_in().status_code == 303


def test_known_email_tells_its_owner_what_to_do(browser, op, django_user_model):
    django_user_model.objects.create_user("local", email=op.userinfo["email"])
    page = browser.sign_in()
    assert "sign in to it the way you did before" in said(page, "email-known")
    assert '"link": "ask"' in said(page, "error-fix")


def test_refused_secret_is_told_the_setting(browser, op):
    body = b'{"error": "invalid_client", "error_description": "a pbkdf2 hash"}'
    op.replies["/op/token"] = lambda: Reply(401, body=body)
    page = browser.sign_in()
    assert said(page, "error-code") == "token.invalid_client"
    assert "copy both again; a stored hash is no secret" in said(page, "error-fix")
    assert "pbkdf2" not in page.content.decode()


def test_page_for_people_holds_nothing_of_it(browser, op, site):
    op.claims["iss"] = f"{op.issuer}/"
    query = op.authorize(browser.start())
    site.DEBUG = False
    page = browser.come_back(query)
    assert "developer" not in page.content.decode()


def test_server_that_speaks_http_where_https_is_expected(op):
    with pytest.raises(Unreachable, match="the server speaks http here, not https"):
        Door(allow_http_loopback=True).get(op.issuer.replace("http://", "https://"))


def test_doctor_tells_of_http_where_https_is_expected(op, site):
    site.ACME["issuer"] = op.issuer.replace("http://", "https://")
    found = next(one for one in doctor.findings() if one.check == "discovery")
    assert "the server speaks http here" in found.what
    assert f'"issuer": "{op.issuer}"' in found.fix


def test_every_fix_is_one_sentence_or_more():
    for words in FIXES.values():
        assert str(words).endswith((".", "required_scope`."))
