"""Holds the command `conformance`; no models."""

from django.apps import AppConfig


class ConformanceConfig(AppConfig):
    name = "demo_site.conformance"
    label = "demo_conformance"
    verbose_name = "Demo: conformance suite"
