"""Server processes that die by SIGKILL at a given place of an exchange.

This program reads lines from its standard input. For each, it forks a server process that answers on a loopback port, prints
the port, and waits until that process has ended. A line names where to die, as `UPDATE codeflow_provider_refreshtoken before`
(a statement that begins so and `before` or `after` it), `COMMIT before`, `COMMIT after`; "never" lets it serve one request.
"""

import os
import signal
import socketserver
import sys
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django


class Fault:
    """Kills this process where it was told to."""

    def __init__(self, place: str) -> None:
        self.what, _, self.when = place.rpartition(" ")

    def around_statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        meant = self.what and sql.replace('"', "").replace("`", "").startswith(self.what)
        if meant and self.when == "before":
            die()
        result = execute(sql, params, many, context)
        if meant:
            die()
        return result

    def around_commit(self, commit: Any) -> None:
        if self.when == "before":
            die()
        commit()
        die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the standard library's name
        """The test reads what happened from the database."""


class Server(WSGIServer):
    address_family = socketserver.TCPServer.address_family

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # WSGIServer's looks a host name up
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()


def serve(place: str, application: Any) -> None:
    from django.db import connection

    fault = Fault(place)
    with make_server("127.0.0.1", 0, application, Server, Quiet) as server:
        print(server.server_port, flush=True)  # noqa: T201  # the test waits for it
        connection.ensure_connection()
        if fault.what == "COMMIT":
            commit = connection._commit
            connection._commit = lambda: fault.around_commit(commit)
        else:
            connection.execute_wrappers.append(fault.around_statement)
        server.handle_request()


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    settings.ROOT_URLCONF = "tests.provider.urls"
    application = get_wsgi_application()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            serve(line.strip(), application)
            os._exit(0)
        os.waitpid(child, 0)
        print("ended", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
