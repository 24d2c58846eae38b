import pytest

from codeflow.core.claims import SCOPE_CLAIMS, STANDARD_CLAIMS, claims_for_scopes


@pytest.mark.spec("OIDC Core", "5.4", "scope values ask for claims")
@pytest.mark.parametrize(
    ("scopes", "claims"),
    [
        (["openid"], set()),
        (["openid", "email"], {"email", "email_verified"}),
        (["phone", "address"], {"phone_number", "phone_number_verified", "address"}),
        (["email", "email"], {"email", "email_verified"}),
        (["offline_access", "notes.read", "EMAIL"], set()),
        ([], set()),
    ],
)
def test_scopes_ask_for_their_claims_and_nothing_else(scopes, claims):
    assert claims_for_scopes(scopes) == claims


@pytest.mark.spec("OIDC Core", "5.4", "scope values ask for claims")
def test_profile_asks_for_its_fourteen_claims():
    assert len(claims_for_scopes(["profile"])) == 14
    assert not claims_for_scopes(["profile"]) & claims_for_scopes(["email", "phone", "address"])


@pytest.mark.spec("OIDC Core", "5.1", "standard claims")
def test_standard_claims_are_the_twenty_of_the_table():
    assert len(STANDARD_CLAIMS) == len(set(STANDARD_CLAIMS)) == 20
    assert STANDARD_CLAIMS[0] == "sub"
    assert set(STANDARD_CLAIMS) == {"sub"} | claims_for_scopes(SCOPE_CLAIMS)
