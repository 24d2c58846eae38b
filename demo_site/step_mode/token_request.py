"""The stop before step 5: the token request that the client is about to send, and what you may change in it.

The client's memory of the attempt is a sealed cookie of this browser. A changed verifier or redirect_uri is put there, a
changed code into the address of the callback; then the client goes on as it always does.
"""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from codeflow.relying_party import addresses, attempts
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.flow.client_authentication import choose_method
from codeflow.relying_party.flow.discovery import provider_metadata
from codeflow.relying_party.flow.step1_authorization_request import PendingLogin
from demo_site.step_mode.parameters import Shown, explained
from demo_site.trace.marks import Found, preview

GO_ON = "codeflow_client_go_on"
"""Lets one callback through: the digest of its state."""
BASIC = "client_secret_basic"
EDITABLE = ("code", "redirect_uri", "code_verifier")


def about_to_be_sent(request: HttpRequest) -> PendingLogin | None:
    """The attempt whose code this callback brings, unless the person has seen the request already."""
    state = request.GET.get("state", "")
    if request.method != "GET" or "code" not in request.GET or request.COOKIES.get(GO_ON) == pass_for(state):
        return None
    pending = attempts.find(request, [state])
    return pending if pending and pending.is_live(outside().clock()) else None


def pass_for(state: str) -> str:
    return Found(kind="state", value=state, place="").digest[:32]


def endpoint_of(pending: PendingLogin) -> str:
    return provider_metadata(conf.provider(pending.provider), outside()).token_endpoint


def parameters_of(pending: PendingLogin, code: str) -> list[Shown]:
    """Headers and body as they will go out; of the secret nothing, of code and verifier the first characters."""
    return explained(_pairs(pending, code))


def _pairs(pending: PendingLogin, code: str) -> Iterator[tuple[str, str]]:
    provider = conf.provider(pending.provider)
    method = choose_method(provider, provider_metadata(provider, outside()))
    if method == BASIC:
        yield "Authorization", f"Basic base64({provider.client_id}:••••••••)"
    yield "grant_type", "authorization_code"
    yield "code", _masked("code", code)
    yield "redirect_uri", pending.redirect_uri
    yield "code_verifier", _masked("verifier", pending.code_verifier)
    if method != BASIC:
        yield "client_id", provider.client_id
        yield "client_secret", "••••••••"


def _masked(kind: str, value: str) -> str:
    return f"{preview(kind, value)} (#{Found(kind=kind, value=value, place='').digest[:8]})"


@require_POST
def go_on(request: HttpRequest) -> HttpResponse:
    """Back to the callback, this time let through, with what was changed."""
    callback = urlsplit(request.POST.get("callback", ""))
    query = dict(parse_qsl(callback.query))
    pending = attempts.find(request, [query.get("state", "")])
    if pending is None:
        return redirect("landing")
    changed = {name: value for name in EDITABLE if (value := request.POST.get(name, "").strip())}
    query["code"] = changed.get("code", query.get("code", ""))
    own = urlsplit(addresses.redirect_uri(request, pending.provider)).path
    response = HttpResponseRedirect(f"{own}?{urlencode(query)}")
    response.status_code = 303
    response.set_cookie(GO_ON, pass_for(pending.state), max_age=60, path=own, httponly=True, samesite="Lax")
    memory = replace(
        pending,
        redirect_uri=changed.get("redirect_uri", pending.redirect_uri),
        code_verifier=changed.get("code_verifier", pending.code_verifier),
    )
    if memory != pending:
        path, now = addresses.mount_path(), outside().clock()
        attempts.remember(request, response, memory, path=path, base=f"http://{request.get_host()}", now=now)
    return response
