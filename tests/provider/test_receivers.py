"""Django's signals."""

import pytest
from django.contrib.auth import get_user_model, signals
from django.test import RequestFactory

from codeflow.provider import receivers
from codeflow.provider.models import AccessToken, AuthorizationCode, RefreshToken
from tests.provider.factories import AccessTokenFactory, CodeFactory, RefreshTokenFactory, UserFactory

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
