"""May this access token be used here?"""

import pytest

from codeflow.core.errors import InsufficientScope, InvalidRequest, InvalidToken
from codeflow.provider.flow.resource_access import MAX_TOKEN, bearer_token, check_access_token
from tests.provider.factories import AccessTokenFactory


@pytest.mark.spec("RFC 6750", "2", "a token is sent in one way")
@pytest.mark.parametrize(
    ("authorization", "body", "token"),
    [
        ("Bearer abc", None, "abc"),
        ("bearer  abc ", None, "abc"),
        ("", "abc", "abc"),
        ("Basic x", "abc", "abc"),
        ("", None, ""),
        ("Basic x", None, ""),
        ("Bearer aZ0-._~+/==", None, "aZ0-._~+/=="),
    ],
)
def test_where_the_token_is(authorization, body, token):
    assert bearer_token(authorization, body) == token


def test_two_tokens():
    with pytest.raises(InvalidRequest):
        bearer_token("Bearer abc", "abc")


@pytest.mark.spec("RFC 6750", "2.1", "b64token")
@pytest.mark.parametrize("value", ["", "a b", "a=b", "é", "a\x00", "x" * (MAX_TOKEN + 1), "=", "a,b"])
def test_malformed_tokens(value):
    with pytest.raises(InvalidToken):
        bearer_token(f"Bearer {value}", None)


@pytest.mark.django_db
@pytest.mark.spec("RFC 8707", "3", "a token is for its audience")
@pytest.mark.parametrize(
    ("resource", "uri", "fits"),
    [
        ([], "https://testserver/api/", True),
        (["https://testserver/api/"], "https://testserver/api/notes/", True),
        (["https://testserver/api/"], "https://testserver/api-of-another/", False),
        (["https://testserver/api/"], "https://testserver.evil.example/api/", False),
        (["https://testserver/api"], "https://testserver/apistore/", False),
        (["https://a.example/", "https://testserver/"], "https://testserver/api/", True),
    ],
)
def test_audience(resource, uri, fits):
    AccessTokenFactory(value="t", resource=resource)
    if fits:
        assert check_access_token("t", uri=uri)
    else:
        with pytest.raises(InvalidToken):
            check_access_token("t", uri=uri)


@pytest.mark.django_db
def test_scope():
    AccessTokenFactory(value="t", scope="a b")
    assert check_access_token("t", uri="https://testserver/", scopes=["a", "b"])
    with pytest.raises(InsufficientScope):
        check_access_token("t", uri="https://testserver/", scopes=["a", "c"])
