"""The step mode's pages; no models."""

from django.apps import AppConfig


class StepModeConfig(AppConfig):
    name = "demo_site.step_mode"
    label = "demo_step_mode"
    verbose_name = "Demo: step mode"
