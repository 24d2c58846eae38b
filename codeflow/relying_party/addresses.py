"""The relying party's own addresses, and which addresses a person may be sent to.

RFC 9700 2.1, 4.11.1 (no open redirector). The mount point is wherever the site included codeflow.relying_party.urls.
"""

import json
from dataclasses import asdict
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from codeflow.core.sealing import SealBroken
from codeflow.relying_party.conf import conf, sealer
from codeflow.relying_party.errors import ReauthRequired
from codeflow.relying_party.flow.step1_authorization_request import Demand

NAMESPACE = "codeflow_relying_party"
LONGEST_NEXT = 2048
_DEMAND_PURPOSE = "sign-in demand"


def base_url(request: HttpRequest) -> str:
    """scheme://host[:port] of this site, without a slash at its end."""
    return conf.public_url or f"{request.scheme}://{request.get_host()}"


def mount_path() -> str:
    """The path below which all pages of this role are, a slash at its end."""
    return reverse(f"{NAMESPACE}:choose").removesuffix("login/")


def redirect_uri(request: HttpRequest, provider: str) -> str:
    """One per provider, so that an answer cannot be taken for another one's (RFC 9700 4.4.2)."""
    return base_url(request) + reverse(f"{NAMESPACE}:callback", args=[provider])


def post_logout_redirect_uri(request: HttpRequest) -> str:
    return base_url(request) + signed_out_path()


def signed_out_path() -> str:
    return reverse(f"{NAMESPACE}:signed_out")


def accounts_path() -> str:
    return reverse(f"{NAMESPACE}:accounts")


def safe_next(candidate: str | None) -> str:
    """`candidate` if it is a path on this site; else the page that LOGIN_REDIRECT_URL names."""
    return candidate if candidate and is_local_path(candidate) else resolve_url(settings.LOGIN_REDIRECT_URL)


def is_local_path(candidate: str) -> bool:
    """A path with query: no host, backslash or control character, none of our sign-in pages, at most 2 KB."""
    return (
        len(candidate) <= LONGEST_NEXT
        and candidate.startswith("/")
        and "\\" not in candidate
        and candidate.isprintable()
        and url_has_allowed_host_and_scheme(candidate, allowed_hosts=None)
        and not candidate.startswith(_own_pages())
    )


def _own_pages() -> tuple[str, ...]:
    return tuple(mount_path() + page for page in ("login/", "callback/", "logout/", "signed-out/"))


def login_url(provider: str = "", *, next_url: str = "", demand: Demand | None = None) -> str:
    """Starts a sign-in with `provider`, or shows the choice; returns to `next_url` after it."""
    path = reverse(f"{NAMESPACE}:login", args=[provider]) if provider else reverse(f"{NAMESPACE}:choose")
    query = {"next": next_url} if next_url else {}
    if demand and demand != Demand():
        query["demand"] = sealer(_DEMAND_PURPOSE).seal(json.dumps(asdict(demand)).encode())
    return f"{path}?{urlencode(query)}" if query else path


def demand_of(error: ReauthRequired) -> Demand:
    return Demand(max_age=error.max_age, acr=error.acr, scope=error.scope)


def read_demand(request: HttpRequest) -> Demand:
    """What this site's own decorator asked for.

    Sealed: nobody else can put protocol parameters into a login address.
    """
    try:
        return Demand(**json.loads(sealer(_DEMAND_PURPOSE).open(request.GET.get("demand", ""))))
    except (SealBroken, ValueError, TypeError):
        return Demand()
