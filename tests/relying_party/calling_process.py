"""A server process of its own that calls an API on somebody's behalf from many threads at once.

It reads one line of JSON (issuer, apis, user_id, threads, lease), says "ready", waits for a line, and prints one JSON list
with what became of each call.
"""

import json
import sys
import threading
from typing import Any

import django
from django.conf import settings


def main() -> None:
    order = json.loads(sys.stdin.readline())
    settings.DEBUG = True
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.CODEFLOW_RELYING_PARTY = {"PROVIDERS": {"acme": order["provider"]}}
    django.setup()
    from codeflow.relying_party import grants

    grants.LEASE = order["lease"]
    results: list[str] = []
    threads = [threading.Thread(target=call, args=(order["user_id"], results)) for _ in range(order["threads"])]
    print("ready", flush=True)  # noqa: T201  # the test waits for it
    sys.stdin.readline()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(results), flush=True)  # noqa: T201  # the answer to the test


def call(user_id: Any, results: list[str]) -> None:
    from django.db import connections

    from codeflow.relying_party import api

    try:
        with api.for_user(user_id, "acme", "orders") as orders:
            results.append(str(orders.get("v1/orders").status_code))
    except Exception as error:  # noqa: BLE001  # whatever it was, the test shows it
        results.append(repr(error))
    finally:
        connections.close_all()


if __name__ == "__main__":
    main()
