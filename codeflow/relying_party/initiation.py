"""A sign-in that a third party asks for: a portal's link, or the provider's own list of applications.

OIDC Core 4. It can choose among this site's providers and pages, and nothing else.
"""

from django.http import HttpRequest, QueryDict

from codeflow.relying_party import addresses
from codeflow.relying_party.conf import conf
from codeflow.relying_party.errors import ConfigurationError, ProviderUntrusted

LONGEST_HINT = 255
_FRAMES = frozenset({"iframe", "frame", "embed", "object"})


def read(request: HttpRequest, asked: QueryDict) -> tuple[str, str]:
    """The provider's name and the page to return to. Raises ProviderUntrusted for what this site will not start."""
    if request.headers.get("Sec-Fetch-Dest", "") in _FRAMES:
        raise ProviderUntrusted("initiate.framed", "asked for inside a frame")
    if any(len(asked.getlist(name)) > 1 for name in ("iss", "login_hint", "target_link_uri")):
        raise ProviderUntrusted("initiate.repeated", "a parameter is given twice")
    return _provider(asked.get("iss", "")), _next_url(request, asked.get("target_link_uri", ""))


def clean_login_hint(login_hint: str) -> str:
    """A short line of text, passed on to the provider; anything else is dropped."""
    return login_hint if len(login_hint) <= LONGEST_HINT and login_hint.isprintable() else ""


def _provider(iss: str) -> str:
    for name in conf.provider_names:
        try:
            provider = conf.provider(name)
        except ConfigurationError:  # a broken neighbour; the system checks name it
            continue
        if iss in {provider.issuer, *provider.issuers}:
            return name
    raise ProviderUntrusted("initiate.iss", "no provider of this site has that issuer")


def _next_url(request: HttpRequest, target_link_uri: str) -> str:
    if not target_link_uri:
        return addresses.safe_next(None)
    path = target_link_uri.removeprefix(addresses.base_url(request))
    if not addresses.is_local_path(path):
        raise ProviderUntrusted("initiate.target_link_uri", "the page is not on this site")
    return path
