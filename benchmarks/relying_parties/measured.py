"""One library's site in a process of its own: signs in and calls an API as the lines on its standard input say.

A line is {"do": "login" | "call", "times": n, "count": bool}. For a sign-in the address at the provider goes out as a line, and
the query of the callback comes in. The answer to a line is {"cpu": seconds, "statements": n}.
"""

import json
import sys
import time
from typing import Any

import django
from django.core.management import call_command
from django.test import Client
from django.test.utils import CaptureQueriesContext


def main() -> None:
    login_path = sys.argv[1]
    django.setup()
    call_command("migrate", verbosity=0)
    from django.db import connection

    browser = Client()
    tell({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        cpu, statements = 0.0, 0
        for _time in range(order["times"]):
            if order["do"] == "login":
                browser = Client()
            begun = time.process_time()
            with CaptureQueriesContext(connection) as captured:
                login(browser, login_path) if order["do"] == "login" else call(browser)
            cpu += time.process_time() - begun
            statements += sum(
                not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for query in captured
            )
        tell({"cpu": cpu, "statements": statements})


def login(browser: Client, login_path: str) -> None:
    location = browser.get(login_path).headers["Location"]
    callback, query = ask({"location": location})
    answer = browser.get(f"{callback}?{query}")
    assert answer.status_code in (302, 303), answer.content[:500]


def call(browser: Client) -> None:
    assert browser.get("/call/").status_code == 200


def ask(question: dict[str, Any]) -> Any:
    tell(question)
    return json.loads(sys.stdin.readline())


def tell(content: dict[str, Any]) -> None:
    print(json.dumps(content), flush=True)


if __name__ == "__main__":
    main()
