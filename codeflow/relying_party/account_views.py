"""The person's own pages: which accounts at providers lead here, link another one, unlink one."""

from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from codeflow.relying_party import linking
from codeflow.relying_party.addresses import accounts_path
from codeflow.relying_party.conf import conf
from codeflow.relying_party.errors import NotAllowed
from codeflow.relying_party.flow.step1_authorization_request import Demand
from codeflow.relying_party.models import Identity
from codeflow.relying_party.pages import SeeOther, View, failed, known_or_404, own_page
from codeflow.relying_party.starting import start


def own_account_page(view: View) -> View:
    """A page of a person who is signed in, by whatever means."""

    @own_page
    @csrf_protect
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(accounts_path())
        return view(request, *args, **kwargs)

    return guarded


@own_account_page
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """What leads here, and what may be linked."""
    identities = Identity.objects.filter(user_id=str(request.user.pk)).order_by("pk")
    linked = [(identity, conf.label(identity.provider_key)) for identity in identities]
    offered = [(name, conf.label(name)) for name in conf.provider_names if conf.may_link(name)]
    return render(request, "codeflow/relying_party/accounts.html", {"linked": linked, "offered": offered})


@sensitive_post_parameters("password")
@own_account_page
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, provider: str) -> HttpResponse:
    """The local account is proved first, then the one at the provider; only this person can finish it."""
    known_or_404(provider)
    if not conf.may_link(provider):
        raise Http404(f"accounts at {provider!r} are not linked")
    user: Any = request.user
    with_password = user.has_usable_password()
    try:
        if not with_password:
            linking.require_recent_sign_in(request)
    except NotAllowed as error:
        return failed(request, error, provider, accounts_path(), step=1)
    if request.method != "POST":
        return _link_page(request, provider, with_password=with_password)
    if with_password and not linking.check_password(request, request.POST.get("password", "")):
        return _link_page(request, provider, with_password=True, wrong=True)
    return start(request, provider, next_url=accounts_path(), demand=Demand(), link_to=str(user.pk))


def _link_page(request: HttpRequest, provider: str, *, with_password: bool, wrong: bool = False) -> HttpResponse:
    context = {"provider": conf.label(provider), "with_password": with_password, "wrong": wrong}
    return render(request, "codeflow/relying_party/link.html", context, status=403 if wrong else 200)


@own_account_page
@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    identity = get_object_or_404(Identity.objects.select_related("user"), pk=pk, user_id=request.user.pk)
    try:
        linking.unlink(request, identity)
    except NotAllowed as error:
        return failed(request, error, identity.provider_key, accounts_path(), step=0)
    return SeeOther(accounts_path())
