"""Revocation by a client."""

import pytest

from codeflow.provider.flow.revoke import revoke_token
from codeflow.provider.models import AccessToken, RefreshToken
from tests.provider.factories import AccessTokenFactory, ClientFactory, RefreshTokenFactory

pytestmark = pytest.mark.django_db


@pytest.mark.spec("RFC 7009", "2.1", "either token ends the whole grant")
@pytest.mark.parametrize("value", ["access", "refresh"])
def test_either_token_ends_the_grant(value):
    refresh_token = RefreshTokenFactory(value="refresh", token_family=7)
    AccessTokenFactory(value="access", token_family=7, application=refresh_token.application)
    AccessTokenFactory(value="other", token_family=8, application=refresh_token.application)
    assert revoke_token(value, refresh_token.application)
    assert not RefreshToken.objects.filter(revoked=None).exists()
    assert AccessToken.objects.get(revoked=None).token_family == 8
    assert revoke_token(value, refresh_token.application)  # again: no error


@pytest.mark.spec("RFC 7009", "2.2", "an unknown token is no error")
def test_unknown_and_foreign_tokens():
    AccessTokenFactory(value="access")
    assert not revoke_token("unknown", ClientFactory())
    assert not revoke_token("access", ClientFactory())
    assert AccessToken.objects.get().revoked is None
