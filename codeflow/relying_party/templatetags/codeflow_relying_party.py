"""`{% load codeflow_relying_party %}`: links to sign in with a provider."""

from dataclasses import dataclass

from django import template

from codeflow.relying_party.addresses import is_local_path, login_url
from codeflow.relying_party.conf import conf

register = template.Library()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderChoice:
    """What a template may know about a provider."""

    name: str
    label: str
    login_url: str


@register.simple_tag
def oidc_login_url(provider: str = "", next: str = "") -> str:  # noqa: A002  # the name people write in templates
    """`{% oidc_login_url "acme" next=request.path %}`; without a provider the page that lets people choose."""
    return login_url(provider, next_url=next if is_local_path(next) else "")


@register.simple_tag
def oidc_providers(next: str = "") -> list[ProviderChoice]:  # noqa: A002  # as above
    """`{% oidc_providers as providers %}`: name, label and login_url of each."""
    return [
        ProviderChoice(name=name, label=conf.label(name), login_url=oidc_login_url(name, next))
        for name in conf.provider_names
    ]
