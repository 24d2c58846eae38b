"""Lists of both roles' admins: an address that no table can be asked with is a wrong address, not an error of ours."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest


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
