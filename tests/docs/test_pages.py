"""What the pages say is so: snippets, command lines, links, tables, and the parts made from code."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from vivavoce.apps.samples import CONVERTIBLE
from vivavoce.cli.main import viva
from vivavoce.engines.catalog import catalog
from vivavoce.engines.checkpoint import checkpoint_named
from vivavoce.engines.contract import Ability, State, Trait, port
from vivavoce.media.formats import SUFFIXES
from vivavoce.media.modality import Modality
from vivavoce.routes.plan import plan
from vivavoce.routes.route import Wishes

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
PAGES = [*sorted(PROJECT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
OTHER_COMMANDS = {"export", "cat", "eval", ".", "python3", "pip", "sudo", "make"}
ENGLISH_AND_CHINESE = [
    (PROJECT / "README.md", PROJECT / "README.zh.md"),
    (DOCS / "command-line.md", DOCS / "zh" / "command-line.md"),
]


def fences(language):
    """Return (page, body) of each fenced block in a language, as parameters of a test."""
    return [
        pytest.param(body, id=f"{page.relative_to(PROJECT)}-{number}")
        for page in PAGES
        for number, (kind, body) in enumerate(FENCE.findall(page.read_text("utf-8")))
        if kind == language
    ]


def words_of(line):
    """Split a line of shell into commands, each a list of words; comments and redirections are left out."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>")
    lexer.whitespace_split = True
    commands, skip = [[]], False
    for word in lexer:
        if word == "|":
            commands.append([])
        elif skip or word in ("<", ">"):
            skip = not skip
        else:
            commands[-1].append(word)
    return [command for command in commands if command]


def parse(words):
    """Let click parse the words after `viva`; raise its own error where they make no sense."""
    context, words = click.Context(viva, info_name="viva", obj="en"), list(words)
    command = viva
    while isinstance(command, click.Group):
        if not words:
            raise click.UsageError("a command is missing")
        name, command, words = command.resolve_command(context, words)
    try:
        command.make_context(name, words, parent=context)
    except click.BadParameter as error:
        if "does not exist" not in error.message:  # a page's files are the reader's
            raise


def check_command(words):
    program = words[0].rpartition("/")[2]
    if program == "viva":
        parse(words[1:])
    elif program == "make":
        targets = re.findall(r"^(\w+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert set(words[1:]) <= set(targets)
    elif program == "eval":
        parse(shlex.split(words[1].removeprefix("$(").removesuffix(")"))[1:])
    else:
        assert program in OTHER_COMMANDS or program == "python", f"unknown program {program}"


@pytest.mark.parametrize("body", fences("bash"))
def test_command_lines_parse(body):
    commands = [words for line in body.splitlines() for words in words_of(line)]
    assert commands
    for words in commands:
        check_command(words)


def test_command_lines_with_mistakes_do_not_parse():
    for line in ("viva convert --frob a b", "viva nothing", "viva bench nothing", "viva speak x y --rate fast"):
        with pytest.raises(click.ClickException):
            check_command(shlex.split(line))
    with pytest.raises(AssertionError):
        check_command(["make", "nothing"])


@pytest.mark.parametrize("body", fences("python"))
def test_python_snippets_are_parts_of_one_example(body):
    examples = [path.read_text("utf-8") for path in (DOCS / "examples").glob("*.py")]
    paragraphs = [paragraph.strip("\n") for paragraph in body.split("\n\n") if paragraph.strip()]
    assert paragraphs
    assert any(all(f"\n{paragraph}\n" in f"\n{code}\n" for paragraph in paragraphs) for code in examples), body


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text("utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("folder", [DOCS, DOCS / "zh"], ids=["en", "zh"])
def test_every_page_is_reached_from_the_index(folder):
    index = folder / "index.md"
    linked = {(folder / target).resolve() for target in LINK.findall(index.read_text("utf-8"))}
    assert set(folder.glob("*.md")) - {index} <= linked


def test_every_example_is_reached_from_the_index():
    named = set(re.findall(r"examples/(\w+\.py)", (DOCS / "index.md").read_text("utf-8")))
    assert {path.name for path in (DOCS / "examples").glob("*.py")} <= named


def test_parts_made_from_code_are_fresh():
    done = subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / "build_docs.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"run make docs: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", ["command-line.md", "zh/command-line.md"])
def test_every_command_has_its_help_on_the_page(page, monkeypatch):
    monkeypatch.syspath_prepend(str(PROJECT / "scripts"))
    from build_docs import commands

    marks = re.findall(r"<!-- help: ([a-z ]+) -->\n\n```text\nUsage: ", (DOCS / page).read_text("utf-8"))
    assert set(marks) == {" ".join(words) for words in commands()}


def test_a_stale_part_is_seen(monkeypatch):
    monkeypatch.syspath_prepend(str(PROJECT / "scripts"))
    from build_docs import filled

    page = (DOCS / "engines.md").read_text("utf-8")
    assert filled(page, "en") == page
    assert filled(page.replace("pocketsphinx", "something"), "en") != page.replace("pocketsphinx", "something")


def rows_of(page):
    """Return the cells of the table from what to what, by (row, column)."""
    lines = [line for line in page.read_text("utf-8").splitlines() if line.startswith("| **")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    kinds = CONVERTIBLE
    assert len(cells) == len(kinds) and all(len(row) == len(kinds) + 1 for row in cells)
    return {(a, b): cells[i][j + 1] for i, a in enumerate(kinds) for j, b in enumerate(kinds)}


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
@pytest.mark.parametrize("avoid", [(), ("flite",), ("rapidocr",)])
def test_the_table_of_conversions_names_the_engines_of_the_planned_route(page, avoid):
    cards = [engine.card for engine in catalog().engines.values() if engine.card.tier == "embedded"]
    names = {card.name for card in cards}
    for (source, goal), cell in rows_of(PROJECT / page).items():
        named = set(re.findall(r"`([a-z-]+)`", cell))
        assert named <= names
        if source is goal:
            continue
        start = port(source, Trait.AUDIBLE) if source is Modality.VIDEO else State(source)
        taken = {hop.card.name for hop in plan([start], State(goal), cards, Wishes(avoid=avoid)).hops}
        assert taken <= named, f"{source} → {goal}: {taken}"


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_hub_models_that_the_readme_names_have_its_sizes_and_licences(page):
    rows = re.findall(
        r"^\| `([\w.-]+)` \|.*\| (\d+) MB \| ([\w.-]+) \|$", (PROJECT / page).read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) >= 6
    for alias, size_mb, licence in rows:
        model = checkpoint_named(alias)
        assert (str(model.size_mb), model.licence) == (size_mb, licence)


@pytest.mark.parametrize(("english", "chinese"), ENGLISH_AND_CHINESE, ids=["readme", "command-line"])
def test_both_languages_show_the_same_commands_and_sections(english, chinese):
    def skeleton(page):
        text = page.read_text("utf-8")
        code = [
            [words_of(line) for line in body.splitlines()] if kind == "bash" else body
            for kind, body in FENCE.findall(text)
            if kind in ("bash", "python")
        ]
        return code, [len(marks) for marks in re.findall(r"^(#+) ", re.sub(FENCE, "", text), re.MULTILINE)]

    assert skeleton(english) == skeleton(chinese)


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_drawn_house_stands(page):
    tree = next(b for _, b in FENCE.findall((PROJECT / page).read_text("utf-8")) if b.startswith("src/vivavoce/\n"))
    folder = PROJECT
    for line in tree.splitlines():
        name = line.split()[0]
        folder = PROJECT / name if line.startswith("src") else folder
        assert ((folder if line.startswith(" ") else PROJECT) / name).exists(), name


def test_each_dependency_is_explained():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    names = {re.split(r"[<>=\[]", entry)[0] for entry in declared} - {"vivavoce"}
    rows = "\n".join(
        line for line in (DOCS / "dependencies.md").read_text("utf-8").splitlines() if line.startswith("|")
    )
    assert names
    assert {name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", rows)} == set()


def test_each_format_and_ability_is_on_its_page():
    media = (DOCS / "media.md").read_text("utf-8")
    assert [suffix for suffix in SUFFIXES if not re.search(rf"\b{suffix}\b", media)] == []
    contract = (DOCS / "writing-an-engine.md").read_text("utf-8")
    assert [ability for ability in Ability if f"`{ability}`" not in contract] == []


def test_the_package_of_the_page_names_the_example():
    body = next(b for kind, b in FENCE.findall((DOCS / "writing-an-engine.md").read_text("utf-8")) if kind == "toml")
    points = tomllib.loads(body)["project"]["entry-points"]
    assert points == {"vivavoce.engines": {"morse": "morse_engine:engines"}}
    assert "def engines()" in (DOCS / "examples" / "morse_engine.py").read_text("utf-8")
    assert "morse = morse_engine:engines" in (DOCS / "examples" / "use_a_plugin.py").read_text("utf-8")
