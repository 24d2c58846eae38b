"""How grants end."""

import pytest
from django.utils import timezone

from codeflow.provider import revocation, session_endings
from codeflow.provider.models import AccessToken, AuthorizationCode, LogoutDelivery, ProviderSession, RefreshToken
from tests.provider.factories import (
    AccessTokenFactory,
    ClientFactory,
    CodeFactory,
    ProviderSessionFactory,
    RefreshTokenFactory,
)

pytestmark = pytest.mark.django_db


def alive(model):
    return model.objects.filter(**{"redeemed_at" if model is AuthorizationCode else "revoked": None}).count()


def test_family_ends_together_and_no_other():
    RefreshTokenFactory(token_family=7)
    AccessTokenFactory(token_family=7)
    RefreshTokenFactory(token_family=8)
    AccessTokenFactory(token_family=8)
    revocation.revoke_family(7)
    assert set(RefreshToken.objects.filter(revoked=None).values_list("token_family", flat=True)) == {8}
    assert set(AccessToken.objects.filter(revoked=None).values_list("token_family", flat=True)) == {8}


def test_time_of_an_earlier_revocation_stays():
    earlier = timezone.now() - timezone.timedelta(days=1)
    AccessTokenFactory(token_family=7, revoked=earlier)
    revocation.revoke_family(7)
    assert AccessToken.objects.get().revoked == earlier


@pytest.mark.spec("OIDC Core", "11", "an offline grant outlives the session")
def test_session_takes_its_online_grants_along():
    session = ProviderSessionFactory()
    of_session = {"session": session, "user": session.user}
    CodeFactory(**of_session)
    online = RefreshTokenFactory(**of_session, scope="openid")
    similar = RefreshTokenFactory(**of_session, scope="openid offline_access_not offline_accessible")
    offline = [
        RefreshTokenFactory(**of_session, scope=scope) for scope in ("offline_access", "openid offline_access x")
    ]
    AccessTokenFactory(**of_session)
    AccessTokenFactory()
    revocation.end_session_grants(session)
    assert alive(AuthorizationCode) == 0
    assert alive(AccessToken) == 1
    assert set(RefreshToken.objects.filter(revoked=None)) == set(offline)
    assert {online, similar}.isdisjoint(RefreshToken.objects.filter(revoked=None))


def test_session_ends_once_and_its_clients_hear_of_it():
    session = ProviderSessionFactory()
    listening = ClientFactory(backchannel_logout_uri="https://rp.example/bc")
    session.clients.add(
        listening, ClientFactory(), ClientFactory(is_active=False, backchannel_logout_uri="https://x.example/")
    )
    session_endings.end(session)
    session_endings.end(session)
    ended_at = ProviderSession.objects.get().ended_at
    assert ended_at
    deliveries = LogoutDelivery.objects.all()
    assert {delivery.client for delivery in deliveries} == {listening}
