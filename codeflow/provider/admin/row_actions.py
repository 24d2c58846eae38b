"""A list's actions as buttons on the page of one row; they lead to the same question."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from codeflow.provider.admin.base import ModelAdmin


class RowActionsAdmin(ModelAdmin):
    change_form_template = "admin/codeflow_provider/row.html"
    row_actions: ClassVar[dict[str, Any]] = {}
    """Name of the action → what its button says for one row."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        allowed = self.get_actions(request)
        buttons = [(name, words) for name, words in self.row_actions.items() if name in allowed]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "row_actions": buttons})
