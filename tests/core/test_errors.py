import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeflow.core import errors
from codeflow.core.errors import CodeflowError, InvalidGrant, InvalidRequest, OAuthError

BY_CODE = {cls.error: cls for cls in OAuthError.__subclasses__()}

DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")  # RFC 6749 5.2


def every_error() -> list[type[OAuthError]]:
    return [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, OAuthError)]


@pytest.mark.spec("RFC 6749", "4.1.2.1", "authorization error codes")
@pytest.mark.parametrize(
    "code",
    [
        "invalid_request",
        "unauthorized_client",
        "access_denied",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
    ],
)
def test_each_authorization_error_of_oauth_has_a_class(code):
    assert BY_CODE[code].error == code


@pytest.mark.spec("RFC 6749", "5.2", "token error codes and their status")
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("invalid_request", 400),
        ("invalid_client", 401),
        ("invalid_grant", 400),
        ("unauthorized_client", 400),
        ("unsupported_grant_type", 400),
        ("invalid_scope", 400),
    ],
)
def test_each_token_error_has_its_status(code, status):
    assert BY_CODE[code]().status_code == status


@pytest.mark.spec("OIDC Core", "3.1.2.6", "authentication error codes")
@pytest.mark.parametrize(
    "code",
    [
        "interaction_required",
        "login_required",
        "account_selection_required",
        "consent_required",
        "request_not_supported",
        "request_uri_not_supported",
        "registration_not_supported",
    ],
)
def test_each_authentication_error_has_a_class(code):
    assert BY_CODE[code]().to_parameters()["error"] == code


@pytest.mark.spec("RFC 6750", "3.1", "resource error codes and their status")
@pytest.mark.parametrize(("code", "status"), [("invalid_token", 401), ("insufficient_scope", 403)])
def test_each_resource_error_has_its_status(code, status):
    assert BY_CODE[code]().status_code == status


@pytest.mark.spec("RFC 8707", "2", "invalid_target")
def test_an_unusable_resource_has_its_error():
    assert BY_CODE["invalid_target"]().status_code == 400


def test_subclass_of_a_code_does_not_stand_for_the_code():
    assert BY_CODE["invalid_request"] is InvalidRequest
    assert errors.ContentTooLarge().status_code == 413
    assert errors.UnsupportedMediaType().status_code == 415
    assert errors.ContentTooLarge().to_parameters()["error"] == "invalid_request"


def test_only_an_answer_that_may_change_by_itself_is_retryable():
    assert [error for error in every_error() if error.retryable] == [
        errors.TemporarilyUnavailable,
        errors.TooManyRequests,
    ]


@pytest.mark.spec("RFC 6749", "5.2", "error_description keeps to its character set")
@given(st.text(max_size=60))
def test_description_keeps_to_the_character_set(text):
    description = InvalidGrant(text).description
    assert DESCRIPTION.fullmatch(description)
    assert len(description) == len(text or InvalidGrant.default_description)


@pytest.mark.spec("RFC 6749", "5.2", "error_description keeps to its character set")
@pytest.mark.parametrize("error", every_error(), ids=lambda error: error.__name__)
def test_default_description_keeps_to_the_character_set(error):
    assert DESCRIPTION.fullmatch(error.default_description)


def test_detail_and_reason_stay_off_the_wire():
    error = InvalidGrant("The code is spent.", detail="second use by client 7", reason="replay", reference="k3f9")
    assert error.to_parameters() == {"error": "invalid_grant", "error_description": "The code is spent."}
    assert (error.detail, error.reason, error.reference) == ("second use by client 7", "replay", "k3f9")


def test_error_without_description_sends_the_code_alone():
    assert InvalidRequest().to_parameters() == {"error": "invalid_request"}


def test_error_is_redirectable_unless_client_or_redirect_uri_is_not_trusted():
    assert InvalidRequest().redirectable
    assert not InvalidRequest(redirectable=False).redirectable


def test_text_of_an_error_is_for_the_log():
    assert str(InvalidGrant("public", detail="private")) == "invalid_grant: private"
    assert str(InvalidGrant("public")) == "invalid_grant"
    assert str(CodeflowError()) == "error"


def test_every_error_stands_in_the_table_of_the_module():
    for error in every_error():
        assert re.search(rf"─ {error.__name__}\b", errors.__doc__), error
        if error is not OAuthError:
            assert re.search(rf"─ {error.__name__} +{error.error} +{error.status_code}\b", errors.__doc__), error
