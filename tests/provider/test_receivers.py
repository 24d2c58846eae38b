"""Django's signals."""

import pytest
from django.contrib.auth import get_user_model, signals
from django.test import RequestFactory

from codeflow.provider import receivers
from codeflow.provider.models import AccessToken, AuthorizationCode, Consent, RefreshToken
from tests.provider.exchange import answer_in, code_for, tokens_for
from tests.provider.factories import (
    AccessTokenFactory,
    CodeFactory,
    ConsentFactory,
    RefreshTokenFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def grants(user):
    CodeFactory(user=user)
    RefreshTokenFactory(user=user)
    AccessTokenFactory(user=user)
    for factory in (CodeFactory, RefreshTokenFactory, AccessTokenFactory):
        factory(user=UserFactory())

    def alive():
        rows = (AuthorizationCode.objects.filter(redeemed_at=None), RefreshToken.objects.filter(revoked=None))
        return [queryset.filter(user=user).count() for queryset in (*rows, AccessToken.objects.filter(revoked=None))]

    assert alive() == [1, 1, 1]
    yield alive
    others = AccessToken.objects.filter(revoked=None).exclude(user=user)
    assert others.count() == 1


def test_new_password_ends_the_grants(user, grants):
    user.set_password("another")
    user.save()
    assert grants() == [0, 0, 0]


def test_deactivation_ends_the_grants(user, grants):
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert grants() == [0, 0, 0]


@pytest.mark.parametrize("field", ["first_name", "email", "is_staff", "last_login"])
def test_other_changes_end_nothing(user, grants, field):
    setattr(user, field, None if field == "last_login" else "x" if field != "is_staff" else True)
    user.save()
    assert grants() == [1, 1, 1]


def test_sign_in_ends_nothing(user, grants, browser):
    browser.sign_in(user)
    assert grants() == [1, 1, 1]


def test_deletion_of_a_person_takes_the_grants_along(user, grants):
    get_user_model().objects.filter(pk=user.pk).delete()
    assert grants() == [0, 0, 0]


def test_signals_without_a_session_are_no_error(user):
    request = RequestFactory().get("/")
    signals.user_logged_in.send(type(user), request=request, user=user)
    signals.user_logged_out.send(type(user), request=request, user=user)
    receivers.authenticated(type(user), None, user)
    receivers.signed_out(type(user), None)


@pytest.mark.spec("RFC 6749", "10.4", "a withdrawn consent ends what it allowed")
@pytest.mark.parametrize("by", ["row", "queryset"])
def test_deleting_a_consent_ends_its_grants_and_no_others(user, by):
    consent, other = ConsentFactory(user=user), ConsentFactory(user=user)
    for factory in (CodeFactory, RefreshTokenFactory, AccessTokenFactory):
        factory(user=user, application=consent.client)
        factory(user=user, application=other.client)
        factory(application=consent.client)

    def alive(**of):
        rows = (AuthorizationCode.objects.filter(redeemed_at=None), RefreshToken.objects.filter(revoked=None))
        return [queryset.filter(**of).count() for queryset in (*rows, AccessToken.objects.filter(revoked=None))]

    if by == "row":
        consent.delete()
    else:
        Consent.objects.filter(pk=consent.pk).delete()
    assert alive(user=user, application=consent.client) == [0, 0, 0]
    assert alive(user=user, application=other.client) == [1, 1, 1]
    assert alive(application=consent.client) == [1, 1, 1]


def test_deleted_consent_is_felt_at_every_endpoint(signed_in, party):
    code, tokens = code_for(signed_in, party), tokens_for(signed_in, party)
    Consent.objects.get().delete()
    assert party.redeem(code).json()["error"] == "invalid_grant"
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.userinfo(tokens["access_token"]).status_code == 401
    signed_in.authorize(party.request(prompt="none"))
    assert answer_in(signed_in.location)["error"] == "consent_required"
