"""A second server process on the database of a test: what it remembers of clients and keys is its own.

Answers on a loopback port, which it prints; remembers for the seconds that its argument says; ends with its standard input.
"""

import os
import sys
import threading
from wsgiref.simple_server import make_server

import django

from tests.faults.worker import Quiet, Server


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    settings.ROOT_URLCONF = "tests.provider.urls"
    settings.CODEFLOW_PROVIDER = {**settings.CODEFLOW_PROVIDER, "CACHE_SECONDS": float(sys.argv[1])}
    with make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet) as server:
        print(server.server_port, flush=True)  # noqa: T201  # the test waits for it
        threading.Thread(target=_end_with_the_test, daemon=True).start()
        server.serve_forever()


def _end_with_the_test() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
