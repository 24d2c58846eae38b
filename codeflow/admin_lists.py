"""Lists of both roles' admins: an address that no table can be asked with is a wrong address, not an error of ours."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as _ModelAdmin

    ModelAdmin = _ModelAdmin[Any]
else:
    ModelAdmin = object


class CarefulList(ChangeList):
    """Django's, but that what no column can hold leads back to the whole list, as its other wrong filters do."""

    def get_filters(self, request: HttpRequest) -> Any:
        if any("\x00" in value for values in self.get_filters_params().values() for value in values):
            raise IncorrectLookupParameters("PostgreSQL's texts hold no NUL")
        try:
            return super().get_filters(request)
        except (OverflowError, ValueError) as error:  # the day after 9999-12-31
            raise IncorrectLookupParameters(error) from error

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (OverflowError, ValueError) as error:  # a number, or a moment in its time zone, beyond the database's
            raise IncorrectLookupParameters(error) from error


class CarefulActions(ModelAdmin):
    """A mixin: rows chosen by keys that no row can have are a bad request (400), whatever the action."""

    def response_action(self, request: HttpRequest, queryset: Any, *more: Any, **named: Any) -> Any:
        key = self.model._meta.pk
        try:
            for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
                key.clean(chosen, None)
        except ValidationError as error:
            raise BadRequest("A chosen row's key is none") from error
        return super().response_action(request, queryset, *more, **named)
