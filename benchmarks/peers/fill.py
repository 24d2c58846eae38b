"""Makes a peer's tables, its client with remembered consent, and a person who is signed in; prints the session's key.

DJANGO_SETTINGS_MODULE=benchmarks.peers.floor.settings python -m benchmarks.peers.fill
"""

from importlib import import_module

import django
from django.conf import settings
from django.core.management import call_command


def main() -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    from django.contrib.auth import get_user_model
    from django.test import Client

    user = get_user_model().objects.create_user(
        "ada", "ada@example.org", "a password", first_name="Ada", last_name="Lovelace"
    )
    import_module(settings.ROOT_URLCONF.rpartition(".")[0] + ".register").register(user)
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    print(browser.session.session_key)


if __name__ == "__main__":
    main()
