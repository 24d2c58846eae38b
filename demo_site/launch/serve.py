"""One site in one process, on 127.0.0.1 and ::1, one thread for each connection.

`python -m demo_site.launch.serve provider|relying_party PORT`, started by the `demo` command. It ends when its standard
input does, so it never outlives the process that started it.
"""

import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import Any

from demo_site.launch.ports import loopback_addresses


def main(role: str, port: int) -> None:
    """Serves until asked to stop."""
    os.environ["DJANGO_SETTINGS_MODULE"] = f"demo_site.settings.{role}"
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    threading.Thread(target=_leave_with_parent, daemon=True).start()

    import django

    django.setup()
    _refuse_without_debug()
    from demo_site.launch import first_run

    (first_run.prepare_provider if role == "provider" else first_run.prepare_client)()
    servers = [_bind(host, port) for host in loopback_addresses()]
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    servers[0].serve_forever()


def _refuse_without_debug() -> None:
    from django.conf import settings

    if not settings.DEBUG:
        sys.exit("The demo keeps tokens for all to see, so it runs with DEBUG on and on this machine alone.")


def _bind(host: str, port: int) -> Any:
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Server(ThreadedWSGIServer):
        request_queue_size = 64

        def server_bind(self) -> None:
            """Without the name look-up of the standard library, which can take seconds."""
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(self.server_address)
            self.server_address = self.socket.getsockname()
            self.server_name, self.server_port = host, port
            self.setup_environ()

    class Handler(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """The request line without its query: that can hold a code."""
            method, _, rest = self.requestline.partition(" ")
            self.log_message('"%s" %s %s', f"{method} {rest.partition(' ')[0].partition('?')[0]}", str(code), str(size))

    try:
        server = Server((host, port), Handler, ipv6=":" in host)
    except OSError as error:
        sys.exit(f"Port {port} on {host} cannot be used: {error.strerror}.")
    server.set_app(get_wsgi_application())
    return server


def _leave(signum: int, frame: FrameType | None) -> None:
    os._exit(0)


def _leave_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
