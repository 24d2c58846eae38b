"""The shared pages of the demo; no models."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "demo_site.pages"
    label = "demo_pages"
    verbose_name = "Demo: pages"
