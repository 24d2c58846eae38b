"""The server's own resource."""

from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "demo_site.notes"
    label = "demo_notes"
    verbose_name = "Demo: notes"
