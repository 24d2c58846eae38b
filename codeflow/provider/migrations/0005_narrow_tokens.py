"""Tokens in narrower tables: half the digest, no index that only prefixes need, fixed columns first.

Row for row, every token lives on. Backwards they do not: half a digest finds no token in the wider tables, so these begin
empty and clients have to sign their people in again.
"""

import base64
import uuid
from itertools import islice

import django.db.models.deletion
from django.core.management.color import no_style
from django.db import migrations, models

BATCH = 2000

FIXED_FIRST = [
    "id", "token_family", "created", "expires", "family_expires", "used_at", "revoked", "auth_time", "session",
    "application", "token_checksum", "user",
]


class MakeAnew(migrations.SeparateDatabaseAndState):
    """`state_operations` on one model, done by making its table anew in the order of FIXED_FIRST and copying the rows."""

    def __init__(self, model_name, state_operations):
        super().__init__(state_operations=state_operations)
        self.model_name = model_name

    def deconstruct(self):
        return type(self).__name__, [self.model_name, self.state_operations], {}

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self.make_anew(app_label, schema_editor, from_state, to_state, copy)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        self.make_anew(app_label, schema_editor, from_state, to_state, lambda old, new, using: None)

    def make_anew(self, app_label, schema_editor, from_state, to_state, fill):
        old, new = (state.apps.get_model(app_label, self.model_name) for state in (from_state, to_state))
        if not self.allow_migrate_model(schema_editor.connection.alias, new):
            return
        table = new._meta.db_table
        schema_editor.alter_db_table(old, table, f"{table}_old")
        old._meta.db_table = f"{table}_old"
        new._meta.local_fields.sort(key=lambda field: place(field.name))
        schema_editor.create_model(new)
        fill(old, new, schema_editor.connection)
        schema_editor.delete_model(old)


def place(name):
    return FIXED_FIRST.index(name) if name in FIXED_FIRST else len(FIXED_FIRST)


def copy(old, new, connection):
    new._meta.get_field("created").auto_now_add = False  # it was then, not now
    names = [field.attname for field in old._meta.local_fields]
    rows = old._default_manager.using(connection.alias).order_by("pk").values(*names).iterator(BATCH)
    while batch := [new(**{**row, "token_checksum": left_half(row["token_checksum"])}) for row in islice(rows, BATCH)]:
        new._default_manager.using(connection.alias).bulk_create(batch)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [new]):
            cursor.execute(statement)


def left_half(checksum):
    return uuid.UUID(bytes=base64.urlsafe_b64decode(checksum + "=")[:16], version=4)


def narrower(model_name):
    return MakeAnew(
        model_name,
        [
            migrations.AlterField(model_name, "token_checksum", models.UUIDField(editable=False, unique=True)),
            migrations.AlterField(
                model_name,
                "session",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="codeflow_provider.providersession",
                    verbose_name="session",
                ),
            ),
        ],
    )


class Migration(migrations.Migration):

    dependencies = [
        ("codeflow_provider", "0004_admin_pages"),
    ]

    operations = [
        narrower("accesstoken"),
        narrower("refreshtoken"),
        migrations.AddIndex("providersession", models.Index(fields=["created"], name="codeflow_session_created")),
        migrations.AddIndex("providersession", models.Index(fields=["ended_at"], name="codeflow_session_ended")),
    ]
