"""Every message has its Chinese, with the same fields, and no translation is left over."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

import vivavoce
from vivavoce import errors
from vivavoce.apps.advisor import tasks
from vivavoce.engines.checkpoint import renamed
from vivavoce.messages import LANGUAGES, translate

SOURCES = Path(vivavoce.__file__).parent
ENTRIES = tomllib.loads((SOURCES / "messages_zh.toml").read_text("utf-8")).get("message", [])
TYPES = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.VivavoceError)
}
SPEAKERS = ("translate", "say")  # what else shows a message to the user, in the user's language


def template_of(call):
    """Return the template of a call, None where it isn't a literal."""
    if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
        return call.args[0].value
    return None


def raised():
    """Yield place, template (None if it isn't a literal) and the names of the fields of each error that is made."""
    for file in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in TYPES:
                fields = {keyword.arg for keyword in node.keywords}
                yield f"{file.relative_to(SOURCES)}:{node.lineno}", template_of(node), fields


def fields_of(template):
    return sorted(
        name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name is not None
    )


def literals():
    """Return every string in the sources, and those that are given to a speaker."""
    everything, spoken = set(), set()
    for file in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                everything.add(node.value)
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in SPEAKERS:
                spoken.add(template_of(node))
    return everything, spoken - {None}


RAISED = list(raised())
TEMPLATES = {template for _, template, _ in RAISED if template}
EVERYTHING, SPOKEN = literals()
IN_TABLES = {wrong.why for wrong in renamed()} | {task.guide for task in tasks()}


def test_errors_are_raised_with_literal_templates():
    assert len(RAISED) > 50
    assert [place for place, template, _ in RAISED if template is None] == []


def test_every_field_of_a_template_is_given_and_no_other():
    wrong = [
        (place, fields_of(template), sorted(map(str, given)))
        for place, template, given in RAISED
        if template and set(fields_of(template)) != given
    ]
    assert wrong == []


def test_every_template_has_a_translation():
    known = {entry["en"] for entry in ENTRIES}
    missing = sorted((TEMPLATES | SPOKEN | IN_TABLES) - known)
    assert missing == [], f"{len(missing)} without Chinese: {missing}"


def test_no_translation_is_left_over():
    unused = sorted({entry["en"] for entry in ENTRIES} - EVERYTHING - IN_TABLES)
    assert unused == []


def test_no_template_is_translated_twice():
    english = [entry["en"] for entry in ENTRIES]
    assert sorted({e for e in english if english.count(e) > 1}) == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["en"][:40])
def test_a_translation_has_the_same_fields_and_is_chinese(entry):
    assert set(entry) == {"en", "zh"}
    assert fields_of(entry["zh"]) == fields_of(entry["en"])
    assert re.search(r"[\u4e00-\u9fff]", entry["zh"])
    assert entry["zh"] == entry["zh"].strip()


@pytest.mark.parametrize("template", sorted(TEMPLATES), ids=lambda template: template[:40])
def test_a_message_is_one_sentence_without_a_full_stop(template):
    assert template == template.strip()
    assert "\n" not in template
    assert not template.endswith((".", "!"))


def test_translating_falls_back_to_english():
    assert LANGUAGES == ("en", "zh")
    assert translate("no such message {x}", "zh") == "no such message {x}"
    for entry in ENTRIES:
        assert translate(entry["en"], "zh") == entry["zh"]
        assert translate(entry["en"], "en") == entry["en"]
