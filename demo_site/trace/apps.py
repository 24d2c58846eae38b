"""The observer: records what passes between browser, client, server and API, and shows it under /lab/."""

from django.apps import AppConfig


class TraceConfig(AppConfig):
    name = "demo_site.trace"
    label = "demo_trace"
    verbose_name = "Demo: trace"

    def ready(self) -> None:
        from django.core.checks import register

        from demo_site.trace import back_channel, checks, flow_events

        register(checks.check_full_capture)
        back_channel.listen()
        flow_events.listen()
