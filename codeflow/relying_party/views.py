"""The pages: choose a provider, start a sign-in (step 1), take the answer (steps 4 to 7), sign out.

Views translate HTTP. Every answer to a callback is a redirect to a clean address or a page that keeps its own address
to itself (no-store, no-referrer): the code stands in it (RFC 9700 4.2).
"""

from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from codeflow.relying_party import addresses, attempts, initiation, signout
from codeflow.relying_party.answers import Answer, handed_on, read_answer
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.errors import (
    InternalError,
    PageNeeded,
    ProviderUnavailable,
    RelyingPartyError,
    TransactionInvalid,
)
from codeflow.relying_party.flow.configuration import FORM_POST
from codeflow.relying_party.flow.discovery import provider_metadata
from codeflow.relying_party.flow.step1_authorization_request import Demand, PendingLogin
from codeflow.relying_party.login import Round
from codeflow.relying_party.pages import SeeOther, failed, known_or_404, not_started, own_page
from codeflow.relying_party.sessions import oidc_session
from codeflow.relying_party.starting import start
from codeflow.relying_party.trial_views import trial_page

_STEPS = {"metadata": 1, "callback": 4, "token": 5}


@own_page
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Which provider? With a single one there is nothing to ask."""
    next_url = _asked_next(request)
    names = conf.provider_names
    if len(names) == 1:
        return HttpResponseRedirect(addresses.login_url(names[0], next_url=next_url))
    choices = [(name, conf.label(name), addresses.login_url(name, next_url=next_url)) for name in names]
    return render(request, "codeflow/relying_party/choose.html", {"choices": choices})


@own_page
@require_GET
def login(request: HttpRequest, provider: str) -> HttpResponse:
    """Step 1: off to the provider."""
    known_or_404(provider)
    return start(
        request,
        provider,
        next_url=addresses.safe_next(request.GET.get("next")),
        demand=addresses.read_demand(request),
    )


@csrf_exempt  # another site's link or form may ask; what it names is checked, and nobody is signed in by it
@own_page
@require_http_methods(["GET", "POST"])
def initiate(request: HttpRequest) -> HttpResponse:
    """A third party asks for a sign-in with one of our providers (OIDC Core 4)."""
    asked = request.POST if request.method == "POST" else request.GET
    try:
        provider, next_url = initiation.read(request, asked)
    except RelyingPartyError as error:
        return not_started(request, error)
    return start(
        request,
        provider,
        next_url=next_url,
        demand=Demand(),
        login_hint=initiation.clean_login_hint(asked.get("login_hint", "")),
    )


@csrf_exempt  # a provider's page posts here in the mode form_post; `state` is the proof (RFC 6749 10.12)
@own_page
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, provider: str) -> HttpResponse:
    """Steps 4 to 7. State is looked at first: without a live attempt of this browser nothing else counts."""
    known_or_404(provider)
    answer = read_answer(request)
    pending = attempts.find(request, answer.values("state"))
    if request.method == "POST" and pending and pending.response_mode == FORM_POST:
        response: HttpResponse = SeeOther(handed_on(request, answer, pending))
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
    try:
        is_first = pending is not None and pending.is_live(outside().clock()) and attempts.use_up(pending)
    except ProviderUnavailable as error:  # the attempt stays: the person loads the page again
        return failed(request, error, provider, addresses.safe_next(None), step=4)
    if pending is None or not is_first:
        response = _without_attempt(request, provider, pending)
    else:
        response = _with_attempt(request, provider, pending, answer)
    if pending is not None:
        attempts.forget(response, pending, path=addresses.mount_path())
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _without_attempt(request: HttpRequest, provider: str, pending: PendingLogin | None) -> HttpResponse:
    """A second click, the back button, a foreign link: whoever is signed in goes on, everybody else starts again."""
    next_url = pending.next_url if pending else addresses.safe_next(None)
    if request.user.is_authenticated:
        return SeeOther(next_url)
    code = "callback.used" if pending else "callback.state"
    error = TransactionInvalid(code, "the attempt was used or is too old" if pending else "no attempt for this state")
    return failed(request, error, provider, next_url, step=4)


def _with_attempt(request: HttpRequest, provider: str, pending: PendingLogin, answer: Answer) -> HttpResponse:
    try:
        configured = conf.provider(provider)
        world = outside(configured, together=True)
        metadata = provider_metadata(configured, world)
        round_ = Round(request=request, provider=configured, pending=pending, world=world, metadata=metadata)
        if pending.trial_by:
            return trial_page(request, round_, answer)
        round_.complete(answer.parameters, answer.response_mode)
    except PageNeeded:
        demand = replace(pending.demand, prompt="")
        return start(request, provider, next_url=pending.next_url, demand=demand, link_to=pending.link_to)
    except RelyingPartyError as error:
        values = {"state": pending.state, "code": "".join(answer.values("code")[:1])}
        return failed(request, error, pending.provider, pending.next_url, step=_step_of(error), values=values)
    except Exception as error:  # a report of it would carry the code: its page and its log do not
        if settings.DEBUG:
            raise
        return failed(request, InternalError(error), pending.provider, pending.next_url, step=7)
    return _arrived(request, pending.next_url)


def _arrived(request: HttpRequest, next_url: str) -> HttpResponse:
    """With SameSite=Strict the new session cookie would not be sent along a redirect that another site began."""
    if settings.SESSION_COOKIE_SAMESITE == "Strict":
        return render(request, "codeflow/relying_party/continue.html", {"next_url": next_url})
    return SeeOther(next_url)


@own_page
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """A GET asks; a POST signs out here, and with `everywhere` at the provider too."""
    if request.method != "POST":
        return render(
            request, "codeflow/relying_party/logout.html", {"provider": conf.label(oidc_session(request).provider)}
        )
    target = signout.sign_out(request, everywhere="everywhere" in request.POST)
    asked = request.POST.get("next", "")
    own = asked if addresses.is_local_path(asked) else addresses.signed_out_path()
    return SeeOther(target or own)


@own_page
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Where people land; a wrong or missing state changes nothing, for nothing is done here (RP-Initiated Logout 3)."""
    return render(request, "codeflow/relying_party/signed_out.html")


def _step_of(error: RelyingPartyError) -> int:
    return _STEPS.get(error.code.partition(".")[0], 7)


def _asked_next(request: HttpRequest) -> str:
    asked = request.GET.get("next", "")
    return asked if addresses.is_local_path(asked) else ""
