"""How grants end: one family, or all of a person, a client or a session.

RFC 6749 4.1.2, 10.4; RFC 7009 2.1; RFC 9700 4.14.2. Rows are locked in one order everywhere (codes, refresh tokens, access tokens;
by key within each), so that nothing deadlocks. Refresh tokens are revoked until none is left: a rotation that was under way
when the first statement ran has then committed its successor, or finds its own token revoked.
"""

from typing import Any

from django.db import router, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from codeflow.provider.models import AccessToken, AuthorizationCode, ProviderSession, RefreshToken

_AT_ONCE = 5_000


def revoke_family(token_family: int) -> None:
    """Ends every token that descends from one code."""
    with transaction.atomic(using=router.db_for_write(RefreshToken)):
        _revoke_tokens(token_family=token_family)


def end_grants(**of: Any) -> None:
    """Ends every code and token of `user`, `application`, `session` or a combination of them (Django lookups)."""
    with transaction.atomic(using=router.db_for_write(RefreshToken)):
        _until_none(AuthorizationCode.objects.filter(redeemed_at=None, **of), redeemed_at=timezone.now())
        _revoke_tokens(**of)


def end_session_grants(session: ProviderSession) -> None:
    """Ends what a browser session was given, but for offline grants, which outlive it (OIDC Core 11)."""
    with transaction.atomic(using=router.db_for_write(RefreshToken)):
        of = {"user_id": session.user_id, "session_id": session.pk}  # by the user's index; sessions have none at tokens
        _until_none(AuthorizationCode.objects.filter(redeemed_at=None, **of), redeemed_at=timezone.now())
        online = RefreshToken.objects.filter(revoked=None, **of).exclude(scope__regex=r"(^| )offline_access( |$)")
        _until_none(online, revoked=timezone.now())
        _until_none(AccessToken.objects.filter(revoked=None, **of), revoked=timezone.now())


def _revoke_tokens(**of: Any) -> None:
    _until_none(RefreshToken.objects.filter(revoked=None, **of), revoked=timezone.now())
    _until_none(AccessToken.objects.filter(revoked=None, **of), revoked=timezone.now())


def _until_none(rows: QuerySet[Any], **changes: Any) -> None:
    model: type[Model] = rows.model
    while pks := list(rows.select_for_update().order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        model._default_manager.filter(pk__in=pks).update(**changes)
