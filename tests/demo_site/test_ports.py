"""Ports of this machine: free or busy, and who holds them."""

import os
import socket

from demo_site.launch import ports


def test_loopback_always_has_its_ipv4_address() -> None:
    assert "127.0.0.1" in ports.loopback_addresses()


def test_listening_port_is_busy_and_its_holder_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not ports.is_free(port)
        assert f"(process {os.getpid()})" in ports.holder_of(port)
    assert ports.is_free(port)
    assert ports.holder_of(port) == ""
