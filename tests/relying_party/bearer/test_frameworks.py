"""The same rules with Django REST framework and with Django Ninja."""

import pytest
from django.contrib.auth import get_user_model

from codeflow.testing import signed_in
from tests.relying_party.bearer.conftest import API


@pytest.fixture
def token(op):
    return op.access_token("alice", audience=API, scope="orders")


@pytest.mark.parametrize("path", ["/drf", "/drf-strict", "/ninja/orders"])
class TestBoth:
    def test_holder_of_a_token(self, path, call, token):
        assert call(path, token).json()["sub"] == "alice-1"

    def test_local_user(self, path, call, op, client, token):
        signed_in(client, op, "alice")
        client.cookies.clear()
        assert call(path, token).json()["user"] == str(get_user_model().objects.get())

    def test_no_token(self, path, call, op):
        response = call(path)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert "error=" not in response.headers["WWW-Authenticate"]

    def test_bad_token(self, path, call, op):
        response = call(path, "abc")
        assert response.status_code == 401
        assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]

    def test_missing_scope(self, path, call, op):
        response = call(path, op.access_token("alice", audience=API, scope="openid"))
        assert response.status_code == 403
        assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]
        assert 'scope="orders"' in response.headers["WWW-Authenticate"]

    def test_malformed_header(self, path, call, op):
        assert call(path, Authorization="Bearer a b").status_code == 400

    def test_provider_down(self, path, call, op, token):
        op.misbehave("keys_down")
        response = call(path, token)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "30")


def test_rest_framework_knows_a_holder_without_rights(call, token):
    told = call("/drf", token, method="post").json()
    assert told["user"] == "holder of a token of acme"
    assert (told["pk"], told["perm"], told["perms"]) == (None, False, False)


def test_ninja_without_challenges(call, op):
    response = call("/bare/orders", "abc")
    assert (response.status_code, "WWW-Authenticate" in response.headers) == (401, False)
