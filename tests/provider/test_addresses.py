"""Whose address counts."""

import pytest

from codeflow.provider.addresses import client_address, neighbourhood, plain_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "203.0.113.66, 203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.66, 203.0.113.9, 198.51.100.2", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "nonsense", "192.0.2.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::9]:4711", "2001:db8::9"),
    ],
)
@pytest.mark.spec("RFC 7239", "8.1", "what stands before the trusted proxies' entries is not believed")
def test_only_what_trusted_proxies_wrote_is_believed(settings, proxies, forwarded, expected):
    settings.CODEFLOW_PROVIDER = {"TRUSTED_PROXIES": proxies}
    assert client_address({"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": forwarded}) == expected


def test_sender_is_an_ipv4_address_or_a_network_of_64_bits():
    assert neighbourhood("192.0.2.1") == neighbourhood("::ffff:192.0.2.1") == "192.0.2.1"
    assert neighbourhood("2001:db8:1:2::1") == neighbourhood("2001:db8:1:2:ffff::9") != neighbourhood("2001:db8:1:3::1")
    assert neighbourhood("") == plain_address("unix:") == ""
