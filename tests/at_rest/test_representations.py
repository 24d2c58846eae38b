"""`repr` and `str` of every model and every dataclass tell no secret, whatever their fields hold."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models

import codeflow

MARK = "marked-secret-value"
SECRET_NAMES = re.compile(
    r"secret|password|private|verifier|authorization\b|(^|_)code$|(access|refresh|id|logout|device)_token$|^token$|raw|body|headers|^url$|held|sealed|hash$|checksum|challenge"
)
PUBLIC = {"code_challenge", "code_challenge_method", "code_challenge_methods_supported", "private_key_kid"}
"""What travels in an address bar, or is published."""

PUBLIC_HERE = {
    ("UriNote", "code"),  # the note's own
    ("ClaimsParameter", "id_token"),  # the claims that are asked for there
    ("Ways", "token"),  # how the fake's token response differs
}
CAN_HOLD_ONE = re.compile(r"str|bytes|Mapping|dict|Any")


def every_class() -> Iterator[type]:
    for module in pkgutil.walk_packages(codeflow.__path__, "codeflow."):
        if ".migrations" in module.name or module.name.endswith((".ninja", ".drf", "pytest_plugin")):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and value.__module__ == module.name:
                yield value


DATACLASSES = sorted(
    {found for found in every_class() if dataclasses.is_dataclass(found)},
    key=lambda found: f"{found.__module__}.{found.__qualname__}",
)
MODELS = [model for model in apps.get_models() if model._meta.app_label.startswith("codeflow")]


def test_classes_are_found():
    assert len(DATACLASSES) > 40
    assert len(MODELS) > 10


@pytest.mark.parametrize("found", DATACLASSES, ids=lambda found: f"{found.__module__}.{found.__qualname__}")
def test_fields_that_may_hold_a_secret_are_left_out_of_repr(found):
    if "__repr__" in vars(found) and not found.__dataclass_params__.repr:
        return  # it says itself what it shows; tested with its module
    shown = {
        field.name
        for field in dataclasses.fields(found)
        if field.repr and SECRET_NAMES.search(field.name) and CAN_HOLD_ONE.search(str(field.type))
    }
    assert {name for name in shown - PUBLIC if (found.__name__, name) not in PUBLIC_HERE} == set()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_rows_tell_who_they_are_and_no_more(model):
    row = model()
    for field in model._meta.concrete_fields:
        if isinstance(field, (models.CharField, models.TextField)) and SECRET_NAMES.search(field.name):
            setattr(row, field.attname, MARK)
    assert MARK not in f"{safe(repr, row)} {safe(str, row)}"


def safe(show: Any, row: Any) -> str:
    """A row that refers to none cannot always name itself; that is no leak."""
    try:
        return show(row)
    except (models.ObjectDoesNotExist, AttributeError):
        return ""
