from django.apps import AppConfig


class LearnConfig(AppConfig):
    name = "demo_site.learn"
    label = "demo_learn"
