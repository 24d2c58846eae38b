"""The one tree of errors: what codeflow raises, and what each says on the wire.

    CodeflowError                             root: code, detail, reference, retryable
    └── OAuthError                            has a registered error code and an HTTP status
        ├── InvalidRequest                    invalid_request                 400
        │   ├── UnsupportedMediaType          invalid_request                 415
        │   └── ContentTooLarge               invalid_request                 413
        ├── InvalidClient                     invalid_client                  401
        ├── InvalidGrant                      invalid_grant                   400
        ├── UnauthorizedClient                unauthorized_client             400
        ├── UnsupportedGrantType              unsupported_grant_type          400
        ├── InvalidScope                      invalid_scope                   400
        ├── InvalidTarget                     invalid_target                  400
        ├── AccessDenied                      access_denied                   403
        ├── UnsupportedResponseType           unsupported_response_type       400
        ├── LoginRequired                     login_required                  400
        ├── InteractionRequired               interaction_required            400
        ├── ConsentRequired                   consent_required                400
        ├── AccountSelectionRequired          account_selection_required      400
        ├── UnmetAuthenticationRequirements   unmet_authentication_requirements 400
        ├── RequestNotSupported               request_not_supported           400
        ├── RequestUriNotSupported            request_uri_not_supported       400
        ├── RegistrationNotSupported          registration_not_supported      400
        ├── InvalidToken                      invalid_token                   401
        ├── InsufficientScope                 insufficient_scope              403
        ├── ServerError                       server_error                    500
        └── TemporarilyUnavailable            temporarily_unavailable         503
            └── TooManyRequests               temporarily_unavailable         429

Codes: RFC 6749 4.1.2.1 and 5.2; OIDC Core 3.1.2.6; OpenID Connect Core Error Code
unmet_authentication_requirements 1.0; RFC 6750 3.1; RFC 8707 2. `description` is public and a fixed
sentence in the character set of RFC 6749 5.2; `detail` is for the log alone. Neither may hold a secret, code or token.
"""

import re
from typing import Any

_NOT_IN_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class CodeflowError(Exception):
    """Root of everything codeflow raises.

    `code` is stable and may be shown; `detail` is private (log only); `reference` joins what a person sees to a log line.
    """

    code: str = "error"
    stage: str = ""
    user_message: str = ""
    retryable: bool = False

    def __init__(self, detail: str = "", *, reference: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.reference = reference

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class OAuthError(CodeflowError):
    """An error with a registered code, an HTTP status and a public description."""

    error: str = "server_error"
    status_code: int = 400
    default_description: str = ""

    def __init__(
        self,
        description: str = "",
        *,
        detail: str = "",
        redirectable: bool = True,
        reference: str = "",
        reason: str = "",
    ) -> None:
        """`redirectable` False: the client or its redirect_uri is not trusted, so the answer is a page (RFC 6749 4.1.2.1).

        `reason` is a short stable word for the audit trail ("pkce", "replay"); it never leaves the server.
        """
        super().__init__(detail, reference=reference)
        self.code = self.error
        self.description = _NOT_IN_DESCRIPTION.sub("?", description or self.default_description)
        self.redirectable = redirectable
        self.reason = reason
        self.client_id = ""
        """Whom the request said it came from, for the audit trail; set where it is known."""

    def to_parameters(self) -> dict[str, str]:
        """The error's part of an authorization or token error response (RFC 6749 4.1.2.1, 5.2)."""
        parameters = {"error": self.error}
        if self.description:
            parameters["error_description"] = self.description
        return parameters


class InvalidRequest(OAuthError):
    error = "invalid_request"


class UnsupportedMediaType(InvalidRequest):
    status_code = 415
    default_description = "Send the parameters as application/x-www-form-urlencoded."


class ContentTooLarge(InvalidRequest):
    status_code = 413
    default_description = "The request is too large."


class InvalidClient(OAuthError):
    error = "invalid_client"
    status_code = 401
    default_description = "Client authentication failed."


class InvalidGrant(OAuthError):
    error = "invalid_grant"
    default_description = "The grant is invalid, expired, revoked or was issued to another client."


class UnauthorizedClient(OAuthError):
    error = "unauthorized_client"
    default_description = "The client may not use this flow."


class UnsupportedGrantType(OAuthError):
    error = "unsupported_grant_type"
    default_description = "Only authorization_code and refresh_token are supported."


class InvalidScope(OAuthError):
    error = "invalid_scope"
    default_description = "The scope is unknown, malformed or not allowed for this client."


class InvalidTarget(OAuthError):
    error = "invalid_target"
    default_description = "The resource is unknown, malformed or not allowed."


class AccessDenied(OAuthError):
    error = "access_denied"
    status_code = 403
    default_description = "The request was denied."


class UnsupportedResponseType(OAuthError):
    error = "unsupported_response_type"
    default_description = "Only response_type=code is supported."


class LoginRequired(OAuthError):
    error = "login_required"
    default_description = "The user must sign in."


class InteractionRequired(OAuthError):
    error = "interaction_required"
    default_description = "The user must interact with the authorization server."


class ConsentRequired(OAuthError):
    error = "consent_required"
    default_description = "The user must give consent."


class AccountSelectionRequired(OAuthError):
    error = "account_selection_required"
    default_description = "The user must choose an account."


class UnmetAuthenticationRequirements(OAuthError):
    error = "unmet_authentication_requirements"
    default_description = "The person cannot be authenticated as strongly as was asked for."


class RequestNotSupported(OAuthError):
    error = "request_not_supported"
    default_description = "The request parameter is not supported."


class RequestUriNotSupported(OAuthError):
    error = "request_uri_not_supported"
    default_description = "The request_uri parameter is not supported."


class RegistrationNotSupported(OAuthError):
    error = "registration_not_supported"
    default_description = "The registration parameter is not supported."


class InvalidToken(OAuthError):
    error = "invalid_token"
    status_code = 401
    default_description = "The access token is invalid, expired or revoked."


class InsufficientScope(OAuthError):
    error = "insufficient_scope"
    status_code = 403
    default_description = "The access token does not cover this resource."


class ServerError(OAuthError):
    error = "server_error"
    status_code = 500
    default_description = "The server met an unexpected condition."


class TemporarilyUnavailable(OAuthError):
    error = "temporarily_unavailable"
    status_code = 503
    retryable = True
    default_description = "The server cannot answer right now. Try again shortly."
    retry_after = 5
    """Seconds, for the header Retry-After (RFC 9110 10.2.3)."""


class TooManyRequests(TemporarilyUnavailable):
    """Failures over a limit (RFC 6585 4). No registered code says so; this one speaks of a temporary overload."""

    status_code = 429
    default_description = "There were too many failures. Wait and try again."

    def __init__(self, description: str = "", *, retry_after: int = 60, **more: Any) -> None:
        super().__init__(description, **more)
        self.retry_after = retry_after
