"""Signing keys: which one signs, which comes next, and what may be done with each. The private part is never read here.

OIDC Core 10.1, 10.1.1. A button that may not be pressed says why; pressing one takes the permission manage_keys and the password.
"""

import json
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from codeflow.admin_lists import CarefulList
from codeflow.provider import key_plan, key_store
from codeflow.provider.admin.base import ReadOnlyAdmin, ask_password, record
from codeflow.provider.admin.token_states import moment_words
from codeflow.provider.conf import provider_settings
from codeflow.provider.key_plan import KeyPlan, NotYet
from codeflow.provider.keys import GONE, NEXT, RETIRING, SIGNING
from codeflow.provider.models import SigningKey

MANAGE_KEYS = "codeflow_provider.manage_keys"

WORDS = {
    NEXT: _("next: published, does not sign yet"),
    SIGNING: _("signing"),
    RETIRING: _("retiring: what it signed may still be used"),
    GONE: _("gone: no longer published"),
}


class Act(NamedTuple):
    """What a button does: its words, the question before it, its event, and what it says afterwards."""

    words: Any
    effects: tuple[Any, ...]
    event: str
    done: Any
    run: Callable[[int], SigningKey]


ACTS = {
    "promote": Act(
        _("Promote"),
        (
            _("It signs from now on. Clients have had the time to fetch it."),
            _("The key that signed until now stays published until what it signed has expired."),
        ),
        "key.promoted",
        _("%(key)s signs now."),
        key_plan.promote,
    ),
    "retire": Act(
        _("Retire"),
        (
            _("It signs no more; its successor does, from now on."),
            _("It stays published until what it signed has expired. Nobody is signed out."),
        ),
        "key.retired",
        _("%(key)s signs now in its place."),
        key_plan.retire,
    ),
    "withdraw": Act(
        _("Withdraw"),
        (
            _("It leaves the key set for good, and its private part is deleted."),
            _("Sign-out requests that show an old ID token signed with it are no longer believed."),
        ),
        "key.withdrawn",
        _("%(key)s is withdrawn."),
        key_plan.withdraw,
    ),
}


class Button(NamedTuple):
    words: Any
    address: str
    reason: str
    """Why it may not be pressed; "" where it may."""


class PlannedList(CarefulList):
    """Each row of the page with its plan, found once for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: Any = list(self.result_list)
        plans = key_plan.plans() if rows else {}
        for row in rows:
            row.plan = plans.get(row.pk)
        self.result_list = rows


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    list_display = ("kid", "alg", "state", "made", "used_since", "needed_until", "clients", "live_tokens")
    list_filter = ("alg",)
    search_fields = ("kid",)
    ordering = ("alg", "-generation")
    change_list_template = "admin/codeflow_provider/signingkey/change_list.html"
    change_form_template = "admin/codeflow_provider/signingkey/change_form.html"
    fields = (
        "kid", "alg", "state", "generation", "made", "active_from", "used_since", "signs_until", "needed_until", "clients",
        "live_tokens", "public_part",
    )  # fmt: skip
    readonly_fields: ClassVar = (
        "state", "made", "used_since", "signs_until", "needed_until", "clients", "live_tokens", "public_part",
    )  # fmt: skip

    # -- what is shown ------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[SigningKey]:
        return super().get_queryset(request).defer("private_key")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PlannedList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        key: Any = super().get_object(request, object_id, from_field)
        if key is not None:
            key.plan = key_plan.plans().get(key.pk)
        return key

    def has_delete_permission(self, request: HttpRequest, obj: SigningKey | None = None) -> bool:
        return False

    @admin.display(description=_("state"))
    def state(self, key: Any) -> str:
        return str(WORDS[key.plan.state])

    @admin.display(description=_("made"))
    def made(self, key: Any) -> Any:
        return moment_words(key.created)

    @admin.display(description=_("used since"))
    def used_since(self, key: Any) -> Any:
        return moment_words(key.plan.used_since) if key.plan.used_since else _("not yet")

    @admin.display(description=_("signs until"))
    def signs_until(self, key: Any) -> Any:
        return moment_words(key.plan.signs_until) if key.plan.signs_until else _("no successor yet")

    @admin.display(description=_("tokens still valid until"))
    def needed_until(self, key: Any) -> Any:
        return moment_words(key.plan.needed_until) if key.plan.needed_until else "–"

    @admin.display(description=_("clients"))
    def clients(self, key: Any) -> int:
        count: int = key.plan.clients
        return count

    @admin.display(description=_("live JWT access tokens"))
    def live_tokens(self, key: Any) -> int:
        count: int = key.plan.live_tokens
        return count

    @admin.display(description=_("public key"))
    def public_part(self, key: SigningKey) -> str:
        return format_html('<code class="codeflow-value">{}</code>', json.dumps(key.public_jwk, indent=2))

    # -- pages --------------------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if key_store.is_external():
            return self._external(request)
        buttons = [] if not request.user.has_perm(MANAGE_KEYS) else self._next_buttons()
        return super().changelist_view(request, {**(extra_context or {}), "next_buttons": buttons})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isascii() and object_id.isdigit() else 0
        may_act = request.user.has_perm(MANAGE_KEYS) and not key_store.is_external()
        buttons = self._buttons(pk) if may_act else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "buttons": buttons})

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "codeflow_provider_signingkey_{}".format
        return [
            path("make-next/<str:alg>/", view(self.make_next), name=name("make_next")),
            path("<int:pk>/act/<str:act>/", view(self.act), name=name("act")),
            *super().get_urls(),
        ]

    def make_next(self, request: HttpRequest, alg: str) -> HttpResponse:
        """Asks, then makes the next key of one algorithm."""
        self._check_may_manage(request)
        if alg not in provider_settings.signing_algorithms:
            raise Http404(alg)
        if answer := ask_password(self, request):
            return answer
        if request.method == "POST":
            return self._do(
                request, lambda: key_plan.make_next(alg), "key.next_made", _("%(key)s is published; it signs later.")
            )
        effects = (
            _("It is published now and signs when the present key's time is over, or when you promote it."),
            _("Clients that cache keys have fetched it by then. Nobody notices."),
        )
        title = _("Make the next %(alg)s key?") % {"alg": alg}
        return self._question(request, title, _("Make next"), effects, key_plan.why_no_next(alg))

    def act(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Asks, then promotes, retires or withdraws one key."""
        if act not in ACTS:
            raise Http404(act)
        self._check_may_manage(request)
        key = get_object_or_404(SigningKey.objects.defer("private_key"), pk=pk)
        if answer := ask_password(self, request):
            return answer
        wanted = ACTS[act]
        if request.method == "POST":
            return self._do(request, lambda: wanted.run(pk), wanted.event, wanted.done)
        title = _("%(act)s the key %(key)s?") % {"act": wanted.words, "key": key}
        return self._question(request, title, wanted.words, wanted.effects, _reasons(pk)[act])

    def _check_may_manage(self, request: HttpRequest) -> None:
        if not request.user.has_perm(MANAGE_KEYS):
            raise PermissionDenied
        if key_store.is_external():
            raise Http404

    def _do(self, request: HttpRequest, run: Callable[[], SigningKey], event: str, done: Any) -> HttpResponse:
        try:
            key = run()
        except NotYet as reason:
            self.message_user(request, str(reason), messages.ERROR)
        else:
            record(request, event, reason=f"{key.alg} {key.kid[:16]}")
            self.message_user(request, done % {"key": key}, messages.SUCCESS)
        return redirect(f"{self.admin_site.name}:codeflow_provider_signingkey_changelist")

    def _question(
        self, request: HttpRequest, title: Any, button: Any, effects: tuple[Any, ...], reason: str
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "button": button,
            "effects": effects,
            "reason": reason,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/codeflow_provider/signingkey/act.html", context)

    def _external(self, request: HttpRequest) -> HttpResponse:
        """Keys of a file or an environment variable, as they are; nothing can be done with them here."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        pairs, problem = _external_pairs()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Signing keys"),
            "store": provider_settings.key_store,
            "pairs": pairs,
            "problem": problem,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/codeflow_provider/signingkey/external.html", context)

    # -- buttons ------------------------------------------------------------------------------------------------------

    def _next_buttons(self) -> list[tuple[str, Button]]:
        rows = list(SigningKey.objects.defer("private_key"))
        return [
            (alg, Button(_("Make next"), self._address("make_next", alg), key_plan.why_no_next(alg, rows)))
            for alg in provider_settings.signing_algorithms
        ]

    def _buttons(self, pk: int) -> list[Button]:
        return [
            Button(ACTS[name].words, self._address("act", pk, name), reason) for name, reason in _reasons(pk).items()
        ]

    def _address(self, name: str, *arguments: object) -> str:
        return reverse(f"{self.admin_site.name}:codeflow_provider_signingkey_{name}", args=arguments)


def _reasons(pk: int) -> dict[str, str]:
    """Name of each act → why it may not be done with this key, "" where it may."""
    known = key_plan.plans()
    plan: KeyPlan | None = known.get(pk)
    if plan is None:
        return {}
    return {
        "promote": key_plan.why_not_promote(plan),
        "retire": key_plan.why_not_retire(plan, known.values()),
        "withdraw": key_plan.why_not_withdraw(plan),
    }


def _external_pairs() -> tuple[list[tuple[str, str, bool]], str]:
    """Key ID, algorithm and whether it signs, of each; and what is wrong with the store."""
    try:
        pairs = key_store.external_keys()
    except ImproperlyConfigured as problem:
        return [], str(problem)
    first = {alg: next(pair.kid for pair in pairs if pair.alg == alg) for alg in {pair.alg for pair in pairs}}
    return [(pair.kid, pair.alg, first[pair.alg] == pair.kid) for pair in pairs], ""
