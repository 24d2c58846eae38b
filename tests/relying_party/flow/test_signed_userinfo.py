"""userinfo as a signed JWT: its signature, issuer and audience count."""

import pytest

from tests.relying_party.misbehaving_provider import CLIENT_ID, Reply


def signed(op, **claims):
    text = op.sign({"iss": op.issuer, "aud": CLIENT_ID, "sub": op.sub, "name": "Signed", **claims})
    op.replies["/op/userinfo"] = lambda: Reply(headers={"Content-Type": "application/jwt"}, body=text.encode())


def test_signed_userinfo_is_used(browser):
    signed(browser.op)
    browser.sign_in()
    assert browser.client.get("/account/").json()["claims"]["name"] == "Signed"


@pytest.mark.parametrize("claims", [{"iss": "https://evil.example"}, {"aud": "other"}, {"sub": "other"}])
@pytest.mark.spec("OIDC Core", "5.3.2", "T52: iss and aud are checked")
def test_signed_userinfo_for_another_is_refused(browser, claims):
    signed(browser.op, **claims)
    assert browser.sign_in().status_code == 400
    assert not browser.is_signed_in
