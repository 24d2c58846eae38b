"""The authorization endpoint: steps 2 and 3 over HTTP.

RFC 6749 4.1.1, 4.1.2; OIDC Core 3.1.2; RFC 9700 4.11, 4.12. The request is judged before anybody is asked to sign in. The checks are our
own, not oauthlib's, which knows no prompt or max_age, keeps the last of most repeated parameters and validates twice.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError, router, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from oauth2_provider.views import AuthorizationView as ToolkitAuthorizationView

from codeflow.core.authorization import AuthorizationResponse, single_valued
from codeflow.core.errors import AccessDenied, InvalidRequest, OAuthError
from codeflow.provider import audit, sessions
from codeflow.provider.flow import step2_authentication, step2_authorization_request, step2_consent
from codeflow.provider.flow import step3_authorization_response as step3
from codeflow.provider.flow.messages import CheckedAuthorizationRequest, Destination
from codeflow.provider.flow.step2_authentication import TravellingRequest
from codeflow.provider.models import AuthorizationCode, ProviderSession
from codeflow.provider.sessions import SignedIn
from codeflow.provider.views import consent_page
from codeflow.provider.views.error_page import error_page
from codeflow.provider.views.pages import page, see_other
from codeflow.provider.views.parameters import Pairs, form_parameters, query_parameters
from codeflow.provider.views.unforeseen import DJANGO_ANSWERS, page_of
from codeflow.signals import REFUSED, digest
from codeflow.transactions import all_or_nothing

RESUME = "resume"
"""The one query parameter of an authorization request that comes back from the sign-in page."""

EVENT = "authorization.refused"


@method_decorator([login_not_required, transaction.non_atomic_requests, sensitive_post_parameters()], name="dispatch")
class AuthorizationStep(ToolkitAuthorizationView):
    """What the request and the decision have in common."""

    http_method_names = ["get", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """An OAuthError that reaches this far is a page: nothing may be redirected (RFC 6749 4.1.2.1)."""
        handler = getattr(self, str(request.method).lower(), None)
        if handler is None or str(request.method).lower() not in self.http_method_names:
            return self.http_method_not_allowed(request, *args, **kwargs)
        try:
            response: HttpResponseBase = handler(request, *args, **kwargs)
        except OAuthError as error:
            response = error_page(request, error, event=EVENT, facts=_facts(self))
        except IntegrityError:  # the client or the person was deleted while this ran
            gone = InvalidRequest(
                "This server does not know an application with that key.",
                redirectable=False,
                reason="deleted_meanwhile",
            )
            response = error_page(request, gone, event=EVENT)
        except DJANGO_ANSWERS:
            raise
        except Exception as error:  # noqa: BLE001  what nobody foresaw becomes a page, once
            response = page_of(request, error, EVENT)
        return response

    def proceed(self, travelling: TravellingRequest) -> HttpResponse:
        """From a request that arrived or came back: to the sign-in page, the consent page or the redirect_uri."""
        destination = step2_authorization_request.check_destination(travelling.parameters)
        try:
            checked = step2_authorization_request.check_request(destination, travelling.parameters)
            signed = self.authenticated(checked, travelling)
            if signed is None:
                return self.to_sign_in(travelling)
            if step2_consent.consent_needed(checked, signed.consent):
                return self.consent_page(checked, signed, travelling)
            return self.answer_with_code(step2_consent.as_allowed(checked, signed.consent), signed)
        except OAuthError as error:
            return self.answer_with_error(destination, error)

    def authenticated(self, checked: CheckedAuthorizationRequest, travelling: TravellingRequest) -> SignedIn | None:
        signed = sessions.signed_in(self.request, checked.client)
        return step2_authentication.check_authentication(checked, signed, travelling)

    def to_sign_in(self, travelling: TravellingRequest) -> HttpResponse:
        """To LOGIN_URL, the request travelling along in `next`."""
        login_url = resolve_url(self.get_login_url())
        if self.request.user.is_authenticated and turns_signed_in_people_away(login_url):
            context = {"account": self.request.user, "resume": travelling.again().seal()}
            return page(self.request, "sign_in_again.html", context)
        return to_login(self.request, login_url, travelling.again())

    def consent_page(
        self, checked: CheckedAuthorizationRequest, signed: SignedIn, travelling: TravellingRequest
    ) -> HttpResponse:
        content = {
            "parameters": travelling.parameters,
            "asked_at": travelling.asked_at,
            "user": str(signed.user.pk),
            "scopes": list(checked.consent_scopes),
        }
        decision_id = step2_consent.keep_pending(self.request.session, content)
        switch_url = redirect_to_login(_resume_path(travelling), resolve_url(self.get_login_url())).url
        context = {
            **consent_page.context(checked, signed),
            "decision_id": decision_id,
            "switch_url": switch_url,
        }
        audit.announce("consent.asked", step=2, request=self.request, client_id=checked.client.client_id)
        return page(self.request, "consent.html", context, redirects_to=checked.destination.redirect_uri)

    def answer_with_code(
        self,
        checked: CheckedAuthorizationRequest,
        signed: SignedIn,
        *,
        asked: CheckedAuthorizationRequest | None = None,
        decision_id: str | None = None,
    ) -> HttpResponse:
        """Step 3, in one transaction with the consent that allowed it: to what was `asked` on the page `decision_id`."""

        def session_and_code() -> tuple[ProviderSession, str]:
            if asked:
                step2_consent.remember_consent(signed.user, checked, asked=asked)
                audit.record(
                    "consent.given",
                    step=2,
                    request=self.request,
                    client_id=checked.client.client_id,
                    user_pk=signed.user.pk,
                    details={"scope": " ".join(checked.consent_scopes)},
                )
            row = sessions.session_row(self.request, signed, checked.client)
            code = step3.issue_code(checked, row, decision_id=decision_id)
            audit.record(
                "code.issued",
                step=3,
                request=self.request,
                client_id=checked.client.client_id,
                user_pk=signed.user.pk,
                digests={"code": digest(code), "state": digest(checked.destination.state)},
                details={"scope": " ".join(checked.scopes)},
            )
            return row, code

        row, code = all_or_nothing(session_and_code, using=router.db_for_write(AuthorizationCode))
        sessions.remember_row(self.request, row)
        if "login" in checked.prompts or "select_account" in checked.prompts:
            sessions.spend_authentication(self.request)
        return self.leave(checked.destination, step3.success(checked.destination, code))

    def answer_with_error(self, destination: Destination, error: OAuthError) -> HttpResponse:
        """Back to the client with error, state and iss, unless the error is for the person alone."""
        if not error.redirectable:
            raise error
        audit.record(
            EVENT,
            outcome=REFUSED,
            step=3,
            request=self.request,
            client_id=destination.client.client_id,
            user_pk=self.request.user.pk if self.request.user.is_authenticated else "",
            reason=error.reason or error.error,
            digests={"state": digest(destination.state)},
        )
        return self.leave(destination, step3.failure(destination, error))

    def leave(self, destination: Destination, response: AuthorizationResponse) -> HttpResponse:
        """To the redirect_uri: in its query, or in a form that posts itself (Form Post Response Mode 2)."""
        if destination.form_post:
            context = {"action": destination.redirect_uri, "parameters": response.to_parameters().items()}
            return page(self.request, "form_post.html", context, redirects_to=destination.redirect_uri, scripts=True)
        return see_other(self.request, self.redirect(step3.response_uri(destination, response), destination.client))


@method_decorator(csrf_exempt, name="dispatch")
class AuthorizationView(AuthorizationStep):
    """Takes the request by GET or form POST (OIDC Core 3.1.2.1); neither changes anything without the person."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.proceed(_travelling(query_parameters(request)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.proceed(step2_authentication.new_request(form_parameters(request)))


@method_decorator(csrf_protect, name="dispatch")
class ConsentView(AuthorizationStep):
    """Takes the decision: an id and yes or no. What was asked is in the session (RFC 6749 10.2)."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        posted = form_parameters(request)
        form = single_valued(posted, repeatable=frozenset({"scope"}))
        decision_id = form.get("decision", "")
        content = step2_consent.take_pending(request.session, decision_id)
        travelling = TravellingRequest(
            parameters=[(name, value) for name, value in content["parameters"]], asked_at=content["asked_at"]
        )
        destination = step2_authorization_request.check_destination(travelling.parameters)
        try:
            checked = step2_authorization_request.check_request(destination, travelling.parameters)
            _check_shown(content, checked, request)
            signed = self.authenticated(checked, travelling)
            if signed is None:
                return self.to_sign_in(travelling)
            if form.get("allow") != "yes":
                raise AccessDenied(reason="denied_by_user")
            kept = step2_consent.kept_scopes(checked, [value for name, value in posted if name == "scope"])
            allowed = step2_consent.narrowed(checked, kept)
            return self.answer_with_code(allowed, signed, asked=checked, decision_id=decision_id)
        except OAuthError as error:
            return self.answer_with_error(destination, error)


@method_decorator(csrf_protect, name="dispatch")
class SignInAgainView(AuthorizationStep):
    """Signs out, because the person says so, for sign-in pages that show no form to people who are signed in."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        travelling = step2_authentication.unseal(single_valued(form_parameters(request)).get(RESUME, ""))
        logout(request)
        return to_login(request, resolve_url(self.get_login_url()), travelling)


def to_login(request: HttpRequest, login_url: str, travelling: TravellingRequest) -> HttpResponse:
    """To the sign-in page, which sends people back to `next`."""
    back = _resume_path(travelling)
    if urlsplit(login_url).netloc not in ("", request.get_host()):
        back = request.build_absolute_uri(back)
    return see_other(request, redirect_to_login(back, login_url))


def turns_signed_in_people_away(login_url: str) -> bool:
    """Django's admin does, and views with redirect_authenticated_user; a re-authentication could never happen there."""
    try:
        match = resolve(urlsplit(login_url).path)
    except Resolver404:
        return False
    view_class = getattr(match.func, "view_class", None)
    by_default = getattr(view_class, "redirect_authenticated_user", False)
    redirects = getattr(match.func, "view_initkwargs", {}).get("redirect_authenticated_user", by_default)
    return "admin" in match.app_names or bool(redirects)


def _travelling(parameters: Pairs) -> TravellingRequest:
    resumed = [value for name, value in parameters if name == RESUME]
    return step2_authentication.unseal(resumed[0]) if resumed else step2_authentication.new_request(parameters)


def _resume_path(travelling: TravellingRequest) -> str:
    return f"{reverse('codeflow_provider:authorization_endpoint')}?{urlencode({RESUME: travelling.seal()})}"


def _check_shown(content: dict[str, Any], checked: CheckedAuthorizationRequest, request: HttpRequest) -> None:
    """The person who answers is the one who was asked, and grants what was shown."""
    if content["user"] != str(request.user.pk):
        raise InvalidRequest("Somebody else signed in meanwhile.", redirectable=False, reason="user_switched")
    if content["scopes"] != list(checked.consent_scopes):
        raise InvalidRequest(
            "What this client may ask for changed meanwhile.", redirectable=False, reason="scope_changed"
        )


def _facts(view: AuthorizationStep) -> dict[str, str]:
    """What a developer needs to see, shown in DEBUG or to staff."""
    try:
        sent = dict(_travelling(query_parameters(view.request)).parameters)
    except OAuthError:
        sent = {}
    names = ("client_id", "redirect_uri")
    return {name: sent[name][:300] for name in names if sent.get(name)}
