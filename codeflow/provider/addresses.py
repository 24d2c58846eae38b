"""Where a request comes from: the connection's address, or what the site's own proxies say of it.

RFC 7239 8.1: everything that stands before the trusted proxies' own entries in X-Forwarded-For was written by whoever asked.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from codeflow.provider.conf import provider_settings

FORWARDED = "HTTP_X_FORWARDED_FOR"
_ONE_CUSTOMER = 64
"""Bits of an IPv6 address that one customer shares; the rest is theirs to choose."""


def client_address(meta: Mapping[str, Any]) -> str:
    """The address in a request's META; "" where none is known (a unix socket without trusted proxies)."""
    proxies = provider_settings.trusted_proxies
    forwarded = str(meta.get(FORWARDED, "")).split(",") if proxies else []
    found = _parsed(forwarded[-proxies]) if len(forwarded) >= proxies > 0 else None
    return str(found) if found else plain_address(str(meta.get("REMOTE_ADDR", "")))


def plain_address(text: str) -> str:
    """The IP address that `text` is; "" for what a unix socket or a proxy puts there instead."""
    return str(_parsed(text) or "")


def neighbourhood(address: str) -> str:
    """What counts as one sender: an IPv4 address, the /64 of an IPv6 address."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _ONE_CUSTOMER), strict=False))
    return str(found or "")


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it, with or without brackets and port; an IPv4 address in IPv6's form as itself."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
