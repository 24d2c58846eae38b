"""Introspection: what a token is, told to those who may know."""

import pytest
from django.utils import timezone

from codeflow.provider.flow.introspection import INACTIVE, introspect
from tests.provider.exchange import ISSUER
from tests.provider.factories import AccessTokenFactory, ClientFactory, RefreshTokenFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.spec("RFC 7662", "2.2", "a live token is described, a dead one is not"),
]


@pytest.mark.parametrize("factory", [AccessTokenFactory, RefreshTokenFactory])
def test_members(factory):
    row = factory(value="t", resource=["https://a.example/"])
    told = introspect("t", row.application)
    assert told["active"] is True
    assert told["iss"] == ISSUER
    assert told["sub"] == str(row.user.pk)
    assert told["client_id"] == row.application.client_id
    assert told["username"] == row.user.username
    assert told["scope"] == row.scope
    assert told["aud"] == ["https://a.example/"]
    assert told["exp"] > told["iat"]
    assert ("token_type" in told) is (factory is AccessTokenFactory)


def test_subject_is_the_one_that_the_tokens_client_knows():
    row = AccessTokenFactory(value="t", application__subject_type="pairwise")
    assert introspect("t", ClientFactory(may_introspect=True))["sub"] != str(row.user.pk)


@pytest.mark.spec("RFC 7662", "5", "introspection tells no more about a person than was allowed")
@pytest.mark.parametrize("factory", [AccessTokenFactory, RefreshTokenFactory])
@pytest.mark.parametrize(
    ("scope", "subject_type", "told"),
    [
        ("openid profile", "public", True),
        ("notes.read", "public", False),
        ("openid email", "public", False),
        ("openid profiles", "public", False),
        ("openid profile", "pairwise", False),
        ("openid", "pairwise", False),
    ],
)
def test_user_name_is_told_with_profile_and_never_beside_a_pairwise_subject(factory, scope, subject_type, told):
    row = factory(value="t", scope=scope, application__subject_type=subject_type)
    for asking in (row.application, ClientFactory(may_introspect=True)):
        members = introspect("t", asking)
        assert members["active"] is True
        assert ("username" in members) is told
        assert told or row.user.username not in str(members)


@pytest.mark.parametrize("factory", [AccessTokenFactory, RefreshTokenFactory])
@pytest.mark.parametrize(
    "fields",
    [
        {"revoked": timezone.now()},
        {"expires": timezone.now()},
        {"user__is_active": False},
        {"application__is_active": False},
    ],
)
def test_dead_tokens(factory, fields):
    row = factory(value="t", **fields)
    assert introspect("t", row.application) == INACTIVE
    assert introspect("t", ClientFactory(may_introspect=True)) == INACTIVE


def test_used_refresh_token_is_dead():
    row = RefreshTokenFactory(value="t", used_at=timezone.now())
    assert introspect("t", row.application) == INACTIVE
