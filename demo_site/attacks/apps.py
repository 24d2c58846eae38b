from django.apps import AppConfig


class AttacksConfig(AppConfig):
    name = "demo_site.attacks"
    label = "demo_attacks"
