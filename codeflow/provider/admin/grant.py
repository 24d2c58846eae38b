"""One grant: the code, and the chain of tokens that descend from it.

RFC 6749 4.1, 6; RFC 9700 4.14.2.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from codeflow.provider.admin.base import REVOKE_TOKENS, ModelAdmin
from codeflow.provider.admin.scope_words import scope_list
from codeflow.provider.admin.token_states import live_tokens, state_words
from codeflow.provider.models import AccessToken, AuthorizationCode, RefreshToken

_SHOWN = 100
"""The newest tokens of each kind: a grant that is refreshed for months has thousands."""

KINDS = {AuthorizationCode: _("code"), RefreshToken: _("refresh token"), AccessToken: _("access token")}
_MAY_LOOK = tuple(f"codeflow_provider.view_{model.__name__.lower()}" for model in KINDS)


class Link(NamedTuple):
    kind: Any
    state: str
    created: datetime
    used: datetime | None
    expires: datetime
    revoked: datetime | None


def grant_view(model_admin: ModelAdmin, request: HttpRequest, family: int) -> HttpResponse:
    """The page of one grant, with the way to end it."""
    if not any(request.user.has_perm(name) for name in _MAY_LOOK):
        raise PermissionDenied
    rows = _rows(family)
    if not rows:
        raise Http404
    newest = rows[-1]
    token = next((row for row in reversed(rows) if not isinstance(row, AuthorizationCode)), None)
    now = timezone.now()
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Grant of %(person)s to %(client)s") % {"person": newest.user, "client": newest.application},
        "person": newest.user,
        "client": newest.application,
        "scopes": scope_list(newest.scope),
        "live": live_tokens(Q(token_family=family))[1],
        "last_used": max(row.created for row in rows),
        "links": [_link(row, now) for row in rows],
        "shown": _SHOWN,
        "is_cut": any(sum(isinstance(row, kind) for row in rows) == _SHOWN for kind in KINDS),
        "token": token if request.user.has_perm(REVOKE_TOKENS) else None,
        "token_list": f"{model_admin.admin_site.name}:codeflow_provider_{token._meta.model_name}_changelist"
        if token
        else "",
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/codeflow_provider/grant.html", context)


def _rows(family: int) -> list[Any]:
    """Code, refresh tokens and access tokens in the order in which they came."""
    related = ("user", "application")
    codes = AuthorizationCode.objects.filter(pk=family).select_related(*related)
    refresh = RefreshToken.objects.filter(token_family=family).select_related(*related).order_by("-pk")[:_SHOWN]
    access = AccessToken.objects.filter(token_family=family).select_related(*related).order_by("-pk")[:_SHOWN]
    order = list(KINDS)
    return sorted([*codes, *refresh, *access], key=lambda row: (row.created, order.index(type(row)), row.pk))


def _link(row: Any, now: datetime) -> Link:
    return Link(
        kind=KINDS[type(row)],
        state=state_words(row, now),
        created=row.created,
        used=getattr(row, "used_at", None) or getattr(row, "redeemed_at", None),
        expires=row.expires,
        revoked=getattr(row, "revoked", None),
    )
