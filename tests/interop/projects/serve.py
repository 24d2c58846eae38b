"""Serves one of these projects on 127.0.0.1: DJANGO_SETTINGS_MODULE says which, the argument is the port."""

import sys

from django.core.management import call_command
from django.core.servers.basehttp import run
from django.core.wsgi import get_wsgi_application

if __name__ == "__main__":
    application = get_wsgi_application()
    call_command("migrate", verbosity=0)
    run("127.0.0.1", int(sys.argv[1]), application, threading=True)
