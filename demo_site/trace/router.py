"""The trace has a database of its own: it belongs to the observer, to neither of the two sites."""

from typing import Any

from django.db.models import Model

APP, DATABASE = "demo_trace", "trace"


class TraceRouter:
    """Sends the trace's models to the database `trace`, and nothing else there."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return DATABASE if model._meta.app_label == APP else None

    db_for_write = db_for_read

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool | None:
        labels = {one._meta.app_label, other._meta.app_label}
        return None if APP not in labels else labels == {APP}

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        if app_label == APP:
            return db == DATABASE
        return False if db == DATABASE else None
