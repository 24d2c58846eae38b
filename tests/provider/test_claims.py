"""Who a person is."""

import pytest

from codeflow.core import jose
from codeflow.provider import claims
from codeflow.provider.models import Client
from tests.provider.exchange import tokens_for
from tests.provider.factories import ClientFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.spec("OIDC Core", "8", "a public subject is the same for every client")
def test_public_subject_is_the_persons_key():
    user = UserFactory()
    assert claims.subject(user, Client()) == str(user.pk)


@pytest.mark.spec("OIDC Core", "8.1", "a pairwise subject is the same within a sector and different outside")
def test_pairwise_subjects():
    user, other = UserFactory(), UserFactory()
    one = ClientFactory(subject_type="pairwise")
    same_sector = ClientFactory(subject_type="pairwise", redirect_uris="https://rp.example/other")
    elsewhere = ClientFactory(subject_type="pairwise", redirect_uris="https://else.example/cb")
    sub = claims.subject(user, one)
    assert claims.subject(user, same_sector) == sub
    assert len({sub, claims.subject(user, elsewhere), claims.subject(other, one), str(user.pk)}) == 4
    assert len(sub) <= 255
    assert sub.isascii()


def test_subject_hook_changes_both_kinds(settings):
    user = UserFactory()
    pairwise = ClientFactory(subject_type="pairwise")
    before = claims.subject(user, pairwise)
    settings.CODEFLOW_PROVIDER = {"SUBJECT": lambda user, client: f"person-{user.pk}"}
    assert claims.subject(user, Client()) == f"person-{user.pk}"
    assert claims.subject(user, pairwise) not in (before, f"person-{user.pk}")


@pytest.mark.spec("OIDC Core", "5.4", "a scope asks for its claims and no others")
@pytest.mark.parametrize(
    ("scopes", "names"),
    [
        (["openid"], set()),
        (["openid", "email"], {"email", "email_verified"}),
        (["profile"], {"name", "given_name", "family_name", "preferred_username"}),
        (["address", "phone"], set()),
        (["notes.read"], set()),
    ],
)
def test_claims_of_scopes(scopes, names):
    assert set(claims.userinfo_claims(UserFactory(), scopes)) == names


@pytest.mark.spec("OIDC Core", "5.3.2", "claims without a value are left out")
def test_empty_claims_are_left_out():
    nobody = UserFactory(first_name="", last_name="", email="")
    assert set(claims.userinfo_claims(nobody, ["profile", "email"])) == {"preferred_username"}


def test_hook_adds_and_corrects(settings):
    settings.CODEFLOW_PROVIDER = {
        "USER_CLAIMS": lambda user: {"email_verified": True, "phone_number": "+49", "roles": ["x"], "nickname": ""}
    }
    told = claims.userinfo_claims(UserFactory(), ["profile", "email", "phone"])
    assert told["email_verified"] is True
    assert told["phone_number"] == "+49"
    assert "roles" not in told
    assert "nickname" not in told


@pytest.mark.spec("OIDC Core", "5.3.2", "sub at userinfo is the sub of the ID token")
@pytest.mark.parametrize("subject_type", ["public", "pairwise"])
def test_hook_does_not_change_the_subject(settings, signed_in, party, user, subject_type):
    settings.CODEFLOW_PROVIDER = {"USER_CLAIMS": lambda user: {"sub": "somebody else", "nickname": "ada"}}
    party.row.subject_type = subject_type
    party.row.save()
    sub = claims.subject(user, party.row)
    asked = '{"userinfo": {"sub": null, "nickname": null}, "id_token": {"sub": null, "nickname": null}}'
    tokens = tokens_for(signed_in, party, scope="openid profile", claims=asked)
    in_id_token = jose.parse(tokens["id_token"])[1]
    told = party.userinfo(tokens["access_token"]).json()
    assert in_id_token["sub"] == told["sub"] == sub != "somebody else"
    assert in_id_token["nickname"] == told["nickname"] == "ada"
    assert party.introspect(tokens["access_token"]).json()["sub"] == sub
    assert "sub" not in claims.known_claims(user)
