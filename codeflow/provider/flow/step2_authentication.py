"""Step 2: is somebody signed in, recently enough, and the one the client asked for?

OIDC Core 3.1.2.1 (prompt, max_age, id_token_hint), 3.1.2.3, 3.1.2.6. Any sign-in page will do: what counts is when this session's
`user_logged_in` came, so a page that is skipped proves nothing. Between request and sign-in the request travels in the
sign-in page's address, encrypted, and no row is written for it.
"""

import json
import time
import zlib
from dataclasses import dataclass, field

from codeflow.core.authorization import Pairs
from codeflow.core.errors import (
    AccountSelectionRequired,
    InteractionRequired,
    InvalidRequest,
    LoginRequired,
    OAuthError,
    UnmetAuthenticationRequirements,
)
from codeflow.core.sealing import SealBroken, Sealer
from codeflow.provider import claims
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow.messages import CheckedAuthorizationRequest
from codeflow.provider.sessions import SignedIn

TRAVEL_SECONDS = 3600
"""How long a person may take to sign in."""

CLOCK_SKEW = 60
"""Seconds by which the clocks of two servers may differ: what one sealed, the other may open a moment "before"."""

MAX_BOUNCES = 5
"""A page that sends people back as they came this often is given up: the person or the client is told, not sent round again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TravellingRequest:
    """An authorization request on its way through the sign-in page."""

    parameters: list[tuple[str, str]] = field(repr=False)
    asked_at: float
    """Seconds since the epoch, when it first arrived: a prompt=login wants an authentication after that."""
    bounces: int = 0

    def seal(self) -> str:
        """Encrypted text for a URL."""
        content = json.dumps([self.parameters, self.asked_at, self.bounces], separators=(",", ":"))
        return _sealer().seal(zlib.compress(content.encode(), level=9))  # servers cap the length of an address

    def again(self) -> "TravellingRequest":
        """The same request, sent to the sign-in page once more."""
        return TravellingRequest(parameters=self.parameters, asked_at=self.asked_at, bounces=self.bounces + 1)


def new_request(parameters: Pairs) -> TravellingRequest:
    """A request that arrives now."""
    return TravellingRequest(parameters=list(parameters), asked_at=time.time())


def unseal(sealed: str) -> TravellingRequest:
    """Raises InvalidRequest (a page) where the text is not ours or too old."""
    try:
        parameters, asked_at, bounces = json.loads(zlib.decompress(_sealer().open(sealed)))
    except SealBroken as error:
        raise InvalidRequest("This sign-in address is damaged.", redirectable=False, reason="resume") from error
    if not -CLOCK_SKEW <= time.time() - asked_at <= TRAVEL_SECONDS:
        raise InvalidRequest("This sign-in took too long.", redirectable=False, reason="resume_expired")
    pairs = [(name, value) for name, value in parameters]
    return TravellingRequest(parameters=pairs, asked_at=asked_at, bounces=bounces)


def check_authentication(
    request: CheckedAuthorizationRequest, signed: SignedIn | None, travelling: TravellingRequest
) -> SignedIn | None:
    """The person to go on with, or None: send them to the sign-in page. Raises OAuthError where neither may be."""
    refusal = _refusal(request, signed, travelling)
    if refusal is None:
        return signed
    if "none" in request.prompts:  # OIDC Core 3.1.2.6: no page may be shown
        raise InteractionRequired(reason="acr") if isinstance(refusal, UnmetAuthenticationRequirements) else refusal
    if _signed_in_since(signed, travelling) and isinstance(refusal, (_WrongPerson, UnmetAuthenticationRequirements)):
        raise refusal  # they were asked, and came back as somebody else or no better authenticated
    if travelling.bounces >= MAX_BOUNCES and signed is not None:
        raise refusal  # asked often enough, and they came back as they went (OIDC Core 3.1.2.1: it MUST be an error)
    if travelling.bounces >= MAX_BOUNCES:
        raise InvalidRequest(
            "The sign-in page did not sign anybody in.",
            redirectable=False,
            reason="sign_in_loop",
            detail="LOGIN_URL must show its form to people who are signed in (redirect_authenticated_user=False)",
        )
    return None


class _WrongPerson(LoginRequired):
    default_description = "The hinted person is not signed in."


def _refusal(
    request: CheckedAuthorizationRequest, signed: SignedIn | None, travelling: TravellingRequest
) -> OAuthError | None:
    if signed is None:
        return LoginRequired(reason="nobody_signed_in")
    if request.prompts & {"login", "select_account"} and not _fresh(signed, travelling):
        return (
            LoginRequired(reason="prompt") if "login" in request.prompts else AccountSelectionRequired(reason="prompt")
        )
    if request.max_age is not None and not _within_max_age(signed, travelling, request.max_age):
        return LoginRequired(reason="max_age")
    if not _is_expected_person(request, signed):
        return _WrongPerson(reason="id_token_hint" if request.hinted_sub else "claims_sub")
    essential = request.claims.essential_acrs()
    if essential and signed.acr not in essential:
        return UnmetAuthenticationRequirements(reason="acr")  # OIDC Core 5.5.1.1
    return None


def _is_expected_person(request: CheckedAuthorizationRequest, signed: SignedIn) -> bool:
    """The `sub` of id_token_hint (OIDC Core 3.1.2.1) and of the claims parameter (5.5.1), where they name one."""
    expected = request.claims.expected_subs()
    if not request.hinted_sub and not expected:
        return True
    sub = claims.subject(signed.user, request.client)
    return request.hinted_sub in ("", sub) and (not expected or sub in expected)


def _fresh(signed: SignedIn, travelling: TravellingRequest) -> bool:
    """An authentication that came after the question and has not answered another one already."""
    return _signed_in_since(signed, travelling) and not signed.spent


def _signed_in_since(signed: SignedIn | None, travelling: TravellingRequest) -> bool:
    return signed is not None and signed.auth_time is not None and signed.auth_time >= travelling.asked_at


def _within_max_age(signed: SignedIn, travelling: TravellingRequest, max_age: int) -> bool:
    """An authentication made for this request counts, however short max_age is."""
    if signed.auth_time is None:
        return False
    return time.time() - signed.auth_time <= max_age or _signed_in_since(signed, travelling)


def _sealer() -> Sealer:
    return Sealer(provider_settings.secrets, purpose="authorization request")
