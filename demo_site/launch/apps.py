"""Holds the `demo` command; installed at the server, whose settings manage.py uses."""

from django.apps import AppConfig


class LaunchConfig(AppConfig):
    name = "demo_site.launch"
    label = "demo_launch"
    verbose_name = "Demo: launch"
