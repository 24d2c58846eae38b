"""Step 6: the code is redeemed and the tokens are issued."""

from datetime import timedelta

import pytest
from django.utils import timezone

from codeflow.core import jose
from codeflow.core.errors import InvalidGrant, InvalidRequest, InvalidTarget
from codeflow.core.token import TokenRequest
from codeflow.provider import keys
from codeflow.provider.flow import step6_token_response as step6
from codeflow.provider.models import AccessToken, AuthorizationCode, RefreshToken
from tests.provider.factories import REDIRECT_URI, VERIFIER, AccessTokenFactory, ClientFactory, CodeFactory

pytestmark = pytest.mark.django_db


def request(**changes):
    good = {"code": "the-code", "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
    return TokenRequest(**{**good, **changes})


def redeem(row, resource=(), **changes):
    return step6.redeem_code(request(**changes), row.application, resource)


def is_spent():
    return AuthorizationCode.objects.get().redeemed_at is not None


@pytest.mark.parametrize(
    ("fields", "changes", "reason", "spent"),
    [
        ({}, {"code": "another"}, "unknown_code", False),
        ({"expires": timezone.now() - timedelta(seconds=1)}, {}, "code_expired", False),
        ({"user__is_active": False}, {}, "user_inactive", False),
        ({"application__is_active": False}, {}, "client_inactive", False),
        ({}, {"redirect_uri": "https://rp.example/other"}, "redirect_uri_mismatch", True),
        ({}, {"redirect_uri": ""}, "redirect_uri_mismatch", True),
        ({}, {"code_verifier": ""}, "pkce_missing", True),
        ({}, {"code_verifier": "x" * 43}, "pkce_mismatch", True),
        ({"code_challenge": ""}, {}, "pkce_downgrade", True),
    ],
)
def test_refusals_and_what_they_spend(fields, changes, reason, spent):
    code = CodeFactory(value="the-code", **fields)
    with pytest.raises(InvalidGrant) as refused:
        redeem(code, **changes)
    assert refused.value.reason == reason
    assert is_spent() is spent
    assert not AccessToken.objects.exists()


def test_code_missing():
    with pytest.raises(InvalidRequest):
        redeem(CodeFactory(value="the-code"), code="")


@pytest.mark.spec("RFC 6749", "4.1.3", "a code is its client's alone")
def test_code_of_another_client_is_neither_spent_nor_revoked():
    code = CodeFactory(value="the-code")
    AccessTokenFactory(token_family=code.pk)
    with pytest.raises(InvalidGrant) as refused:
        step6.redeem_code(request(), ClientFactory())
    assert refused.value.reason == "code_of_another_client"
    assert not is_spent()
    assert AccessToken.objects.get().revoked is None


@pytest.mark.spec("RFC 6749", "4.1.2", "a replayed code revokes its tokens")
@pytest.mark.parametrize("expired", [False, True])
def test_replayed_code_revokes_its_tokens(expired):
    fields = {"expires": timezone.now() - timedelta(hours=1)} if expired else {}
    code = CodeFactory(value="the-code", redeemed_at=timezone.now(), **fields)
    AccessTokenFactory(token_family=code.pk)
    with pytest.raises(InvalidGrant) as refused:
        redeem(code)
    assert refused.value.reason == "code_replayed"
    assert AccessToken.objects.get().revoked is not None


def test_code_that_somebody_spends_meanwhile_counts_as_replayed(monkeypatch):
    code = CodeFactory(value="the-code")
    check = step6._check_user_and_client

    def meanwhile(row):
        AuthorizationCode.objects.update(redeemed_at=timezone.now())
        check(row)

    monkeypatch.setattr(step6, "_check_user_and_client", meanwhile)
    with pytest.raises(InvalidGrant) as refused:
        redeem(code)
    assert refused.value.reason == "code_replayed"


def test_session_that_has_ended_gives_nothing():
    code = CodeFactory(value="the-code")
    code.session.ended_at = timezone.now()
    code.session.save()
    with pytest.raises(InvalidGrant) as refused:
        redeem(code)
    assert refused.value.reason == "session_ended"


def test_resource_outside_the_grant_spends_nothing():
    code = CodeFactory(value="the-code", resource=["https://a.example/"])
    with pytest.raises(InvalidTarget):
        redeem(code, ("https://b.example/",))
    assert not is_spent()


def test_code_without_session_or_challenge():
    code = CodeFactory(value="the-code", session=None, code_challenge="", auth_time=None)
    redeemed = redeem(code, code_verifier="")
    assert redeemed.grant.sid == ""
    issued = step6.issue_tokens(redeemed, keys.signing_key("ES256"))
    claims = jose.parse(issued.response.id_token)[1]
    assert not {"sid", "auth_time"} & claims.keys()


def test_tokens_are_the_codes_family():
    code = CodeFactory(value="the-code")
    issued = step6.issue_tokens(redeem(code), keys.signing_key("ES256"))
    assert AccessToken.objects.get().token_family == RefreshToken.objects.get().token_family == code.pk
    assert issued.response.access_token not in repr(issued)
    assert issued.response.id_token not in repr(issued)


@pytest.mark.spec("OIDC Core", "11", "with openid, offline_access alone gives a refresh token")
@pytest.mark.parametrize(
    ("policy", "scope", "given"),
    [
        ("always", "openid", False),
        ("always", "openid offline_access", True),
        ("always", "notes.read", True),
        ("offline_access", "notes.read", False),
        ("offline_access", "notes.read offline_access", True),
        ("never", "openid offline_access", False),
        ("never", "notes.read", False),
    ],
)
def test_who_gets_a_refresh_token(policy, scope, given):
    code = CodeFactory(value="the-code", scope=scope, application__refresh_token_policy=policy)
    issued = step6.issue_tokens(redeem(code), keys.signing_key("ES256"))
    assert bool(issued.response.refresh_token) is given
    assert bool(issued.response.id_token) is ("openid" in scope.split())


def test_lifetime_of_an_access_token_is_the_clients_or_the_servers():
    short = CodeFactory(value="the-code", application__access_token_lifetime=30)
    assert step6.issue_tokens(redeem(short), keys.signing_key("ES256")).response.expires_in == 30
