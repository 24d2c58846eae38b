"""How codeflow_doctor says it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.projects.test_shapes import run


def said(*arguments):
    out = StringIO()
    code = 0
    try:
        call_command("codeflow_doctor", *arguments, stdout=out, no_color=True)
    except SystemExit as end:
        code = end.code
    return out.getvalue(), code


def test_plain_words(op):
    text, code = said("acme")
    assert code == 0
    assert text.startswith(
        "relying party · acme\n  ok       register: redirect_uri: https://shop.example/auth/callback/"
    )
    assert text.endswith("0 problems, 0 warnings\n")


def test_problem_and_its_fix(op):
    op.misbehave("metadata_issuer_wrong")
    text, code = said("acme")
    assert code == 1
    assert "  problem  discovery: metadata.issuer" in text
    assert '\n           fix: Write "issuer": "https://evil.example"' in text
    assert text.endswith("1 problems, 0 warnings\n")


def test_both_roles_and_both_questions(op, doctor):
    told = doctor("acme", "--client", "nobody")
    assert {item["role"] for item in told.document["findings"]} == {"provider", "relying_party"}
    assert told.exit_code == 1


def test_role_that_is_not_installed(settings):
    settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if name != "codeflow.relying_party"]
    with pytest.raises(CommandError, match=r"codeflow\.relying_party is not in INSTALLED_APPS"):
        call_command("codeflow_doctor", "acme")
    assert said()[0].startswith("provider\n")


@pytest.mark.parametrize(("shape", "role"), [("provider_only", "provider"), ("relying_party_only", "relying party")])
def test_site_with_one_role(shape, role):
    code = """
import django
django.setup()
from django.core.management import call_command
call_command("codeflow_doctor", no_color=True)
"""
    finished = run(shape, code)
    assert finished.returncode == 1, finished.stderr  # no tables here; no such host there
    assert finished.stdout.startswith(role), finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr
