"""The client's pages; no models."""

from django.apps import AppConfig


class ClientConfig(AppConfig):
    name = "demo_site.client"
    label = "demo_client"
    verbose_name = "Demo: client"
