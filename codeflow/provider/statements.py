"""Statements that Django writes once for each connection and that then run with other values.

To write a joined SELECT costs Django ten times what it costs to send it. The SQL is still Django's own, for every engine, and
what comes back are ordinary instances. `pre_save` and `post_save` are not sent: nothing here goes through `save`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import connections, router
from django.db.models import Expression, Model, QuerySet
from django.db.models.sql import InsertQuery, UpdateQuery

Row = TypeVar("Row", bound=Model)
Rows = Callable[[], QuerySet[Any, Any]]
Written = TypeVar("Written")


class Parameter(Expression):
    """Stands in a queryset for a value of a field that comes later, under `name`."""

    def __init__(self, name: str, model: type[Model], field: str = "") -> None:
        super().__init__(output_field=model._meta.get_field(field or name))  # type: ignore[arg-type]  # no relation in reverse
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", (self,)

    def prepared(self, value: Any, connection: Any) -> Any:
        return self.output_field.get_db_prep_value(value, connection)


class Statement(ABC, Generic[Row, Written]):
    """Keeps what was written as long as the connection lives. Connections belong to threads, so nothing is shared."""

    def __init__(self, model: type[Row]) -> None:
        self._model = model
        self._kept: WeakKeyDictionary[Any, Written] = WeakKeyDictionary()

    def _written(self, connection: Any) -> Written:
        found = self._kept.get(connection)
        if found is None:
            found = self._kept[connection] = self._write(connection)
        return found

    @abstractmethod
    def _write(self, connection: Any) -> Written: ...


@dataclass(frozen=True, slots=True)
class Part:
    """The columns of one model in a joined row."""

    model: type[Model]
    names: list[str]
    columns: slice
    key: int
    join: Any
    """Sets its instance as the related row of the first part's; None for that one itself."""

    def instance(self, alias: str, row: list[Any]) -> Any:
        """None where the join found nothing."""
        values = row[self.columns]
        return None if values[self.key] is None else self.model.from_db(alias, self.names, values)


@dataclass(frozen=True, slots=True)
class Selection:
    sql: str
    parameters: list[Any]
    compiler: Any
    converters: dict[int, Any]
    parts: list[Part]


class Select(Statement[Row, Selection]):
    """The first row of a queryset with Parameters in it, with what `select_related` and `annotate` add to it."""

    def __init__(self, model: type[Row], rows: Rows) -> None:
        super().__init__(model)
        self._rows = rows

    def first(self, **values: Any) -> Row | None:
        connection = connections[router.db_for_read(self._model)]
        written = self._written(connection)
        with connection.cursor() as cursor:
            cursor.execute(written.sql, _with_values(written.parameters, values, connection))
            found = cursor.fetchone()
        if found is None:
            return None
        [columns] = written.compiler.apply_converters([found], written.converters)
        main, *joined = written.parts
        row: Row = main.instance(connection.alias, columns)
        for part in joined:
            part.join(row, part.instance(connection.alias, columns))
        for name, place in written.compiler.annotation_col_map.items():
            setattr(row, name, columns[place])
        return row

    def _write(self, connection: Any) -> Selection:
        compiler = self._rows().query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        main = compiler.klass_info
        parts = [_part(compiler, info) for info in (main, *main.get("related_klass_infos", []))]
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        return Selection(sql, list(parameters), compiler, converters, parts)


class Update(Statement[Row, tuple[str, list[Any]]]):
    """Sets the fields `changes` in the rows of a queryset, each to a value that comes under its name."""

    def __init__(self, model: type[Row], rows: Rows, *changes: str) -> None:
        super().__init__(model)
        self._rows, self._changes = rows, changes

    def run(self, **values: Any) -> int:
        """How many rows were changed."""
        connection = connections[router.db_for_write(self._model)]
        sql, parameters = self._written(connection)
        with connection.cursor() as cursor:
            cursor.execute(sql, _with_values(parameters, values, connection))
            return int(cursor.rowcount)

    def _write(self, connection: Any) -> tuple[str, list[Any]]:
        query: Any = self._rows().query.chain(UpdateQuery)
        query.add_update_values({name: Parameter(name, self._model) for name in self._changes})
        sql, parameters = query.get_compiler(connection=connection).as_sql()
        return sql, list(parameters)


class Insert(Statement[Row, tuple[str, list[Any]]]):
    """Writes instances as `save` would write a new one, but does not ask for the key that the database gave it."""

    def run(self, row: Row) -> None:
        connection = connections[router.db_for_write(self._model)]
        sql, fields = self._written(connection)
        values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    def _write(self, connection: Any) -> tuple[str, list[Any]]:
        fields = [field for field in self._model._meta.local_concrete_fields if not field.primary_key]
        query = InsertQuery(self._model)
        query.insert_values(fields, [self._model()], raw=True)
        [(sql, _values)] = query.get_compiler(connection=connection).as_sql()
        return sql, fields


def _part(compiler: Any, info: dict[str, Any]) -> Part:
    places = info["select_fields"]
    names = [compiler.select[place][0].target.attname for place in places]
    model = info["model"]
    return Part(
        model, names, slice(places[0], places[-1] + 1), names.index(model._meta.pk.attname), info.get("local_setter")
    )


def _with_values(parameters: Iterable[Any], values: dict[str, Any], connection: Any) -> list[Any]:
    return [one.prepared(values[one.name], connection) if isinstance(one, Parameter) else one for one in parameters]
