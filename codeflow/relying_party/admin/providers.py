"""Sign-in providers: what the settings say of each, whether it answers as it must, and what a sign-in with it would bring.

OIDC Discovery 4; OIDC Core 3.1.3.7. Providers are settings, so nothing can be changed here; testing and trying write nothing.
"""

from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.db.transaction import non_atomic_requests
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from codeflow.core.findings import OK, PROBLEM, WARNING, Finding
from codeflow.relying_party import addresses, doctor
from codeflow.relying_party.admin.provider_facts import Fact, facts_about
from codeflow.relying_party.admin.rows import STYLES, ModelAdmin
from codeflow.relying_party.conf import conf
from codeflow.relying_party.flow.step1_authorization_request import Demand
from codeflow.relying_party.models import Identity, SignInProvider
from codeflow.relying_party.starting import start

LEVELS = {OK: _("good"), WARNING: _("look at it"), PROBLEM: _("problem")}
TO_REGISTER = ("callback", "signed_out", "backchannel", "frontchannel")
_PARAMETER = {
    "callback": "redirect_uri",
    "signed_out": "post_logout_redirect_uri",
    "backchannel": "backchannel_logout_uri",
    "frontchannel": "frontchannel_logout_uri",
}


class ListedProvider(NamedTuple):
    name: str
    label: str
    facts: list[Fact]
    problem: str
    people: int
    last_login: Any
    address: str


@admin.register(SignInProvider)
class SignInProviderAdmin(ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of the model as such: it has no rows of its own that could stand in the way of deleting a person."""
        return obj is not None

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "codeflow_relying_party_signinprovider_{}".format
        return [
            path("", view(self.changelist_view), name=name("changelist")),
            path("<str:provider>/", view(self.provider_page), name=name("provider")),
            path("<str:provider>/test/", view(self.test_connection), name=name("test")),
            path("<str:provider>/try/", view(self.try_sign_in), name=name("try")),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self._check_may_look(request)
        context = {"title": _("Sign-in providers"), "providers": self._listed()}
        return self._page(request, "providers.html", context)

    def provider_page(self, request: HttpRequest, provider: str) -> HttpResponse:
        """One provider: its settings, the addresses to register, the two buttons."""
        return self._provider(request, self._known(request, provider))

    @method_decorator(require_POST)
    @method_decorator(non_atomic_requests)  # no transaction waits for another server's answer
    def test_connection(self, request: HttpRequest, provider: str) -> HttpResponse:
        """The doctor's questions to the provider, asked now."""
        name = self._known(request, provider)
        findings = [(LEVELS.get(found.level, _("note")), found) for found in doctor.findings(name) if _is_answer(found)]
        return self._provider(request, name, findings=findings)

    @method_decorator(require_POST)
    @method_decorator(non_atomic_requests)
    def try_sign_in(self, request: HttpRequest, provider: str) -> HttpResponse:
        """Off to the provider; what comes back is shown, and nothing else is done with it."""
        name = self._known(request, provider)
        back = self._address("provider", name)
        return start(request, name, next_url=back, demand=Demand(), trial_by=str(request.user.pk))

    def _known(self, request: HttpRequest, provider: str) -> str:
        self._check_may_look(request)
        name = unquote(provider)
        if name not in conf.provider_names:
            raise Http404(name)
        return name

    def _check_may_look(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _listed(self) -> list[ListedProvider]:
        rows = Identity.objects.values("provider_key").annotate(
            people=Count("user", distinct=True), last=Max("last_login")
        )
        linked = {row["provider_key"]: row for row in rows.order_by()}
        listed = []
        for name in conf.provider_names:
            facts, problem = facts_about(name)
            row: Any = linked.get(name, {"people": 0, "last": None})
            listed.append(
                ListedProvider(
                    name=name,
                    label=conf.label(name),
                    facts=facts[1:5],
                    problem=problem,
                    people=row["people"],
                    last_login=row["last"],
                    address=self._address("provider", name),
                )
            )
        return listed

    def _provider(self, request: HttpRequest, name: str, findings: Any = None) -> HttpResponse:
        facts, problem = facts_about(name)
        context = {
            "title": conf.label(name),
            "facts": facts,
            "problem": problem,
            "addresses": _to_register(request, name),
            "findings": findings,
            "page": self._address("provider", name),
            "test": self._address("test", name),
            "try": self._address("try", name),
            "linked": f"{reverse(f'{self.admin_site.name}:codeflow_relying_party_identity_changelist')}?provider_key={name}",
        }
        return self._page(request, "provider.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "styles": STYLES,
            **context,
        }
        response = TemplateResponse(request, f"admin/codeflow_relying_party/{template}", whole)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _address(self, view: str, name: str) -> str:
        return reverse(f"{self.admin_site.name}:codeflow_relying_party_signinprovider_{view}", args=[name])


def _is_answer(found: Finding) -> bool:
    """What the page shows beside the findings anyhow is left out."""
    return found.check not in ("register", "public_url")


def _to_register(request: HttpRequest, name: str) -> list[tuple[str, str]]:
    """The addresses that the provider's operator needs, character by character, by their names in a registration."""
    found = []
    for view in TO_REGISTER:
        arguments = [] if view == "signed_out" else [name]
        try:
            local = reverse(f"{addresses.NAMESPACE}:{view}", args=arguments)
        except NoReverseMatch:
            continue
        found.append((_PARAMETER[view], addresses.base_url(request) + local))
    return found
