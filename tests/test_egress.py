"""Where the provider goes because a client said so: the rule for every address, in every spelling (CWE-918)."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeflow import http
from codeflow.http import BrokeTheRules, Door, NotSent, Unreachable
from codeflow.provider.flow import backchannel_logout

FORBIDDEN = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29", "192.0.2.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
    )
]  # fmt: skip
"""IANA's special-purpose ranges of IPv4, written down apart from the code under test."""


def translated(address: ipaddress.IPv4Address) -> list[str]:
    """The same machine in each way that IPv6 can say it."""
    number = int(address)
    return [
        str(ipaddress.IPv6Address((0xFFFF << 32) | number)),  # IPv4-mapped
        str(ipaddress.IPv6Address(number)),  # IPv4-compatible
        str(ipaddress.IPv6Address((0x64FF9B << 96) | number)),  # NAT64
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))),  # 6to4
        str(ipaddress.IPv6Address((0x20010000 << 96) | (~number & 0xFFFFFFFF))),  # Teredo
    ]


def addresses_in(networks):
    return st.sampled_from(networks).flatmap(
        lambda network: st.integers(int(network.network_address), int(network.broadcast_address)).map(
            type(network.network_address)
        )
    )


@given(address=addresses_in(FORBIDDEN))
@pytest.mark.spec("CWE", "918", "no address of a special range is connected, however it is written")
def test_no_special_address_counts_as_public(address):
    for spelling in (str(address), *translated(address)):
        assert not http._is_public(spelling), spelling


@given(
    address=addresses_in(
        [
            ipaddress.ip_network(text)
            for text in ("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "::/127", "2001:db8::/32")
        ]
    )
)
def test_no_special_address_of_ipv6_counts_as_public(address):
    assert not http._is_public(str(address))
    assert not http._is_public(f"{address}%eth0")


@given(number=st.integers(0, 2**32 - 1))
def test_ordinary_addresses_count_as_public(number):
    address = ipaddress.IPv4Address(number)
    if not any(address in network for network in FORBIDDEN) and address.is_global:
        assert http._is_public(str(address))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1%25lo]", "localhost", "localhost.", "127.0.0.1.", "１２７.0.0.1"],
)  # fmt: skip
def test_loopback_is_not_connected_however_it_is_spelt(host, monkeypatch):
    connected = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: connected.append(address))
    with pytest.raises((NotSent, Unreachable)):
        Door(public_addresses_only=True).get(f"https://{host}/")
    assert not connected


def test_second_look_up_cannot_answer_otherwise(monkeypatch):
    """DNS rebinding: the name is looked up once, and what was checked is what is connected."""
    asked, connected = [], []

    def rebinding(host, port, *args, **kwargs):
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 or host == "93.184.215.14" else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def refuse(self, address):
        connected.append(address[0])
        raise OSError

    monkeypatch.setattr(http.socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises((Unreachable, NotSent)):
        Door(public_addresses_only=True).send("POST", "https://rebind.example/", body=b"x")
    assert set(connected) == {"93.184.215.14"}


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://x/",
        "ftp://x/",
        "http://93.184.215.14/",
        "https://",
        "//x/",
        "https://x\r\nHost: y/",
    ],
)
def test_nothing_but_https_is_sent(url):
    with pytest.raises((NotSent, BrokeTheRules, Unreachable)):
        Door(public_addresses_only=True).get(url)


def test_door_of_logout_tokens_is_this_one(settings):
    settings.CODEFLOW_PROVIDER = {}
    settings.DEBUG = True
    door = backchannel_logout.default_door()
    assert door.public_addresses_only
    assert not door.allow_http_loopback
    assert door.deadline <= 10
    assert door.max_body <= 64 * 1024
