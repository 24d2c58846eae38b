"""DOT's own protected-resource views, which sites may use beside our decorator."""

import json

import pytest
from django.http import JsonResponse
from django.test import RequestFactory
from oauth2_provider.views.generic import ScopedProtectedResourceView

from tests.provider.factories import AccessTokenFactory

pytestmark = pytest.mark.django_db


class Notes(ScopedProtectedResourceView):
    required_scopes = ["notes.read"]

    def get(self, request, *args, **kwargs):
        return JsonResponse({"user": request.resource_owner.username})


def call(token):
    return Notes.as_view()(RequestFactory().get("/api/", HTTP_AUTHORIZATION=f"Bearer {token}"))


def test_toolkits_view_accepts_our_tokens():
    token = AccessTokenFactory(value="good")
    assert json.loads(call("good").content) == {"user": token.user.username}


@pytest.mark.parametrize(
    "fields",
    [
        {"scope": "openid"},
        {"user__is_active": False},
        {"expires": "2020-01-01T00:00:00Z"},
        {"revoked": "2020-01-01T00:00:00Z"},
    ],
)
def test_toolkits_view_refuses_what_ours_refuse(fields):
    AccessTokenFactory(value="bad", **fields)
    assert call("bad").status_code in (401, 403)
    assert call("").status_code in (401, 403)
    assert call("unknown").status_code in (401, 403)
