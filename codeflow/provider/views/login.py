"""Sign in: a page of our own that fits the consent page, on Django's authentication.

Any other LOGIN_URL works too: what counts is Django's `user_logged_in`. Wrong passwords are counted for one account from one address and
for the address, never for the account alone, which anybody could then close.
"""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView as DjangoLoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator

from codeflow.core.errors import TooManyRequests
from codeflow.provider import limits, session_endings, sessions
from codeflow.provider.views.asking import asking
from codeflow.provider.views.error_page import error_page
from codeflow.provider.views.pages import harden
from codeflow.provider.views.unforeseen import foreseen


@method_decorator(login_not_required, name="dispatch")
class LoginView(DjangoLoginView):
    template_name = "codeflow/provider/login.html"
    redirect_authenticated_user = False

    @foreseen("login.refused")
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.asking = asking(self.get_redirect_url())
        response = super().dispatch(request, *args, **kwargs)
        if isinstance(response, HttpResponse):
            harden(response, redirects_to=self.asking.redirect_uri if self.asking else "")
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wait := limits.seconds_to_wait(*self._failures()):
            waiting = TooManyRequests(retry_after=wait, redirectable=False, reason="rate_limited")
            return error_page(request, waiting, event="login.refused")
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        limits.note_failure(*self._failures())
        return super().form_invalid(form)

    def _failures(self) -> list[limits.Counted]:
        return limits.password_guesses(self.request.POST.get("username", ""), self.request.META)

    def get_initial(self) -> dict[str, Any]:
        hint = self.asking.login_hint if self.asking else ""
        return {**super().get_initial(), **({"username": hint} if hint else {})}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        signed_in = self.request.user if self.request.user.is_authenticated else None
        return super().get_context_data(
            **kwargs,
            client=self.asking.client if self.asking else None,
            account=signed_in,
            asked=self.get_redirect_url(),
        )

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        before = sessions.current_row(self.request)
        if before is not None and before.user_id != form.get_user().pk:
            session_endings.end(before)  # Django drops the old session without a word
        response = super().form_valid(form)
        response.status_code = 303
        return response

    def get_default_redirect_url(self) -> str:
        """Back to this page, which says who is signed in; never silently to some other one."""
        return reverse("codeflow_provider:login")
