"""Which step a message belongs to."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from demo_site.trace import steps

AUTHORIZE = "http://localhost:8000/o/authorize/?response_type=code&state=abc"
CALLBACK = "http://127.0.0.1:8001/auth/callback/demo/?code=abc&state=abc"


@pytest.mark.parametrize(
    ("path", "body", "sent", "answered"),
    [
        ("/o/token/", "grant_type=authorization_code", 5, 6),
        ("/o/token/", "grant_type=refresh_token", 7, 7),
        ("/o/.well-known/openid-configuration", "", 1, 1),
        ("/o/jwks/", "", 7, 7),
        ("/o/userinfo/", "", 7, 7),
        ("/api/notes/", "", 7, 7),
        ("/o/revoke/", "", 0, 0),
    ],
)
def test_back_channel(path: str, body: str, sent: int, answered: int) -> None:
    assert steps.of_back_channel(path, body, answer=False) == sent
    assert steps.of_back_channel(path, body, answer=True) == answered
    assert steps.is_back_channel(path)


@pytest.mark.parametrize(
    ("method", "path", "party", "step"),
    [
        ("get", "/notes/", "client", 1),
        ("get", "/auth/login/demo/", "client", 1),
        ("get", "/o/authorize/?response_type=code&state=abc", "server", 1),
        ("get", "/o/login/", "server", 2),
        ("post", "/o/login/", "server", 2),
        ("post", "/o/authorize/", "server", 2),
        ("get", "/auth/callback/demo/?code=abc", "client", 4),
        ("post", "/auth/logout/", "client", 0),
    ],
)
def test_requests_of_the_browser(method: str, path: str, party: str, step: int) -> None:
    assert steps.of_request(getattr(RequestFactory(), method)(path), party)[0] == step
    assert not steps.is_back_channel(path)


@pytest.mark.parametrize(
    ("path", "location", "party", "step"),
    [
        ("/notes/", AUTHORIZE, "client", 1),
        ("/o/authorize/", "/o/login/?next=x", "server", 2),
        ("/o/authorize/", CALLBACK, "server", 3),
        ("/o/authorize/", "http://127.0.0.1:8001/auth/callback/demo/?error=access_denied&state=abc", "server", 3),
        ("/auth/callback/demo/", "/notes/", "client", 7),
    ],
)
def test_redirects_to_the_browser(path: str, location: str, party: str, step: int) -> None:
    response = HttpResponse(status=302, headers={"Location": location})
    assert steps.of_response(RequestFactory().get(path), response, party)[0] == step
