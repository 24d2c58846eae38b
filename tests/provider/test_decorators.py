"""bearer_required: a view of the provider's own site."""

from urllib.parse import urlencode

import pytest

from tests.provider.exchange import FORM
from tests.provider.factories import AccessTokenFactory

pytestmark = pytest.mark.django_db


def call(party, token, method="GET", **headers):
    return party.transport.send(method, "/api/notes/", headers={"Authorization": f"Bearer {token}", **headers})


def test_view_runs_as_the_tokens_person(party):
    token = AccessTokenFactory(value="good")
    assert call(party, "good").json() == {"user": token.user.username, "scope": token.scope}


def test_session_means_nothing(signed_in):
    answer = signed_in.transport.send("GET", "/api/notes/", headers={})
    assert answer.status_code == 401


def test_post_needs_no_csrf_token(party):
    AccessTokenFactory(value="good")
    body = urlencode({"access_token": "good"})
    answer = party.transport.send("POST", "/api/notes/", body=body, headers={"Content-Type": FORM})
    assert answer.status_code == 200


@pytest.mark.spec("RFC 6750", "3.1", "a challenge names the error and the scope that is missing")
@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"scope": "openid"}, 403, "insufficient_scope"),
        ({"scope": "notes.read.more"}, 403, "insufficient_scope"),
        ({"revoked": "2020-01-01T00:00:00Z"}, 401, "invalid_token"),
        ({"expires": "2020-01-01T00:00:00Z"}, 401, "invalid_token"),
        ({"resource": ["https://elsewhere.example/"]}, 401, "invalid_token"),
        ({"user__is_active": False}, 401, "invalid_token"),
        ({"application__is_active": False}, 401, "invalid_token"),
    ],
)
def test_token_that_does_not_fit(party, fields, status, error):
    AccessTokenFactory(value="bad", **fields)
    answer = call(party, "bad")
    assert answer.status_code == status
    assert f'error="{error}"' in answer.headers["WWW-Authenticate"]
    assert ('scope="notes.read"' in answer.headers["WWW-Authenticate"]) is (status == 403)
    assert answer.headers["Cache-Control"] == "no-store"


def test_resource_of_this_api(party):
    AccessTokenFactory(value="here", resource=["https://testserver/api/"])
    assert call(party, "here").status_code == 200


def post(party, fields, path="/api/notes/", **headers):
    return party.transport.send(
        "POST", path, body=urlencode(fields, doseq=True), headers={"Content-Type": FORM, **headers}
    )


@pytest.mark.spec("RFC 6750", "2.2", "the form holds one access_token; what else it holds is the API's business")
def test_other_fields_of_the_form_may_repeat_and_be_long(party):
    AccessTokenFactory(value="good")
    for fields in ({"tag": ["a", "b", "a"]}, {"text": "x" * 500_000}, {f"f{number}": "" for number in range(900)}):
        assert post(party, {"access_token": "good", **fields}).status_code == 200
        assert post(party, fields, Authorization="Bearer good").status_code == 200


@pytest.mark.spec("RFC 6750", "2.2", "the form holds one access_token; what else it holds is the API's business")
@pytest.mark.parametrize("path", ["/api/notes/", "/o/userinfo/"])
@pytest.mark.parametrize("values", [["good", "good"], ["good", "other"], ["", "good"]])
def test_repeated_access_token_is_a_bad_request(party, path, values):
    AccessTokenFactory(value="good")
    answer = post(party, {"access_token": values}, path)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


@pytest.mark.spec("RFC 6750", "2", "a token is sent in one way")
def test_token_in_header_and_form_is_a_bad_request(party):
    AccessTokenFactory(value="good")
    assert post(party, {"access_token": "good"}, Authorization="Bearer good").status_code == 400


def test_form_that_django_refuses_is_a_bad_request(party, settings):
    AccessTokenFactory(value="good")
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    many = {f"f{number}": "" for number in range(11)}
    assert post(party, {"access_token": "good", **many}).json()["error"] == "invalid_request"
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert post(party, {"access_token": "good", "text": "x" * 101}).json()["error"] == "invalid_request"
