"""Serves one of these providers on 127.0.0.1, with an account and the client that PEER describes."""

import json
import os
import sys

from django.core.management import call_command
from django.core.servers.basehttp import run
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

if __name__ == "__main__":
    application = get_wsgi_application()
    call_command("migrate", verbosity=0)
    from django.conf import settings
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    user = users.create_user("alice", "alice@example.com", "password of alice", first_name="Alice", last_name="Example")
    import_string(settings.SETUP)(user, **json.loads(os.environ["PEER"]))
    run("127.0.0.1", int(sys.argv[1]), application, threading=True)
