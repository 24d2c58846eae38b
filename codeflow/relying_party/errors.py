"""Why a sign-in or an API call ended. Each class is one of the outcomes that a person can meet.

    CodeflowError
    └── RelyingPartyError                  code, detail (log only), checks, reference
        ├── Cancelled             A  200   the person said no at the provider
        ├── TransactionInvalid    B  400   this attempt is not alive (any more): start again
        │   └── PageNeeded                 asked for without a page (prompt=none), it needs one: goes on with one
        ├── ProviderUntrusted     C  400   the provider's answer breaks a rule
        ├── ProviderUnavailable   D  503   nothing usable came: try again shortly
        ├── NotAllowed            E  403   the answer is good, but this site does not let the person in
        ├── ReauthRequired        F  401   the person must sign in (again) before this can go on
        └── ConfigurationError    C  400   our own settings are wrong: for the developer
            └── InternalError     C  500   a fault of this site's own code, such as one of its hooks

`code` is stable and may be shown, logged and counted ("id_token.nonce"). `detail` is for the log and
holds no secret.
"""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from codeflow.core.errors import CodeflowError

RETRY_AFTER = 30
"""Seconds; what a 503 of ours asks a client to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule, what it wanted, what it met, and whether that was good enough. Holds no secret."""

    name: str
    expected: str
    actual: str
    passed: bool
    spec: str = ""

    def as_tuple(self) -> tuple[str, str, str, bool]:
        return self.name, self.expected, self.actual, self.passed


class RelyingPartyError(CodeflowError):
    """Root of this role's errors."""

    outcome: str = "C"
    status_code: int = 400

    def __init__(self, code: str, detail: str = "", *, checks: Sequence[Check] = (), reference: str = "") -> None:
        super().__init__(detail, reference=reference)
        self.code = code
        self.checks = tuple(checks)


class Cancelled(RelyingPartyError):
    outcome, status_code = "A", 200


class TransactionInvalid(RelyingPartyError):
    outcome, status_code = "B", 400
    retryable = True


class PageNeeded(TransactionInvalid):
    """Never shown: the sign-in starts again, and this time the provider may show its pages."""


class ProviderUntrusted(RelyingPartyError):
    outcome, status_code = "C", 400


class ProviderUnavailable(RelyingPartyError):
    outcome, status_code = "D", 503
    retryable = True


class NotAllowed(RelyingPartyError):
    outcome, status_code = "E", 403


class ReauthRequired(RelyingPartyError):
    """`provider` is the one to sign in with; max_age, acr and scope say what the new sign-in must prove."""

    outcome, status_code = "F", 401

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        provider: str = "",
        max_age: int | None = None,
        acr: str = "",
        scope: str = "",
    ) -> None:
        super().__init__(code, detail)
        self.provider = provider
        self.max_age = max_age
        self.acr = acr
        self.scope = scope


class ConfigurationError(RelyingPartyError):
    outcome, status_code = "C", 400


class InternalError(ConfigurationError):
    """What broke, and where: the type and the place alone, for a message could quote a token."""

    status_code = 500

    def __init__(self, error: BaseException) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
        super().__init__("internal.error", f"{type(error).__name__} at {place}")
