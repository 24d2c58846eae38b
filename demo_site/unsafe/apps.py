from django.apps import AppConfig


class UnsafeConfig(AppConfig):
    name = "demo_site.unsafe"
    label = "demo_unsafe"
    verbose_name = "Demo: the unsafe twin"

    def ready(self) -> None:
        from demo_site.unsafe import checks

        checks.register()
