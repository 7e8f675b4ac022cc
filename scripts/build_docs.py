"""Fill the parts of the pages that are made from code; with --check change nothing and exit 1 if a page is stale.

A page says where: the help of a command goes between `<!-- help: viva convert -->` and `<!-- end -->`, in Chinese for
pages in zh/; tables go between `<!-- engines -->`, `<!-- to fetch -->`, `<!-- models -->` or `<!-- renamed -->` and
`<!-- end -->`. What is written does not depend on what is installed on this machine.
"""

import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from vivavoce.cli.main import COMMANDS, viva
from vivavoce.engines.catalog import catalog
from vivavoce.engines.checkpoint import Checkpoint, published, renamed
from vivavoce.engines.contract import Card
from vivavoce.messages import translate

DOCS = Path(__file__).parents[1] / "docs"
WIDTH = 96
FEW = 6  # languages that are listed by name
PART = re.compile(r"(?<=<!-- )(help: [a-z ]+|engines|to fetch|models|renamed)( -->\n)(.*?)(?=<!-- end -->)", re.DOTALL)


def commands() -> Iterator[tuple[str, ...]]:
    """Yield the words that call each command, groups before what is in them."""
    yield ("viva",)
    for name in COMMANDS:
        yield ("viva", name)
        found = importlib.import_module(f"vivavoce.cli.{name}").command
        yield from (("viva", name, below) for below in getattr(found, "commands", ()))


def help_of(words: Sequence[str], language: str) -> str:
    """Return what a command's --help prints in "en" or "zh", at a fixed width."""
    context = click.Context(
        viva, info_name="viva", obj=language, terminal_width=WIDTH, help_option_names=["-h", "--help"]
    )
    for word in words[1:]:
        group = context.command
        found = group.get_command(context, word) if isinstance(group, click.Group) else None
        if found is None:
            raise SystemExit(f"no command “{' '.join(words)}”; mend the page")
        context = click.Context(found, info_name=word, parent=context, terminal_width=WIDTH)
    with context:
        return "\n".join(line.rstrip() for line in context.get_help().splitlines())


def engines_table() -> str:
    """Return a row for each engine that needs no weights from a hub."""
    rows = [
        f"| `{card.name}` | {card.ability} | {_states(card)} | {_languages(card)} | {card.cost.quality:.2f} "
        f"| {card.licence} | {card.summary} |"
        for card in _cards()
        if card.weights is None
    ]
    head = "| engine | ability | takes → gives | languages | quality | licence | what it does |\n"
    return "\n".join([head + "|---|---|---|---|---|---|---|", *rows])


def fetch_table() -> str:
    """Return a row for each engine that needs more than the base install."""
    rows = [
        f"| `{card.name}` | {_library(card)} | {_weights(card)} | {_command(card)} |"
        for card in _cards()
        if (card.extra or card.program) and not card.weights
    ]
    head = "| engine | needs | weights | command |\n|---|---|---|---|"
    return "\n".join([head, *rows])


def models_table(language: str) -> str:
    """Return a row for each published model: what it can do, languages, size, memory, licence and its own figure."""
    heads = {
        "en": "| model | does | languages | download | memory | licence | published |",
        "zh": "| 模型 | 能力 | 语言 | 下载 | 内存 | 许可 | 公布的指标 |",
    }
    abilities: dict[str, list[str]] = {}
    for card in _cards():
        if card.weights:
            abilities.setdefault(card.name.partition("/")[0], []).append(card.ability)
    rows = [
        f"| `{model.alias}` | {', '.join(dict.fromkeys(abilities[model.alias]))} | {_known(model)} "
        f"| {model.size_mb} MB | {_memory(model)} | {model.licence} | {_published(model)} |"
        for model in published()
    ]
    return "\n".join([heads[language], "|---|---|---|---|---|---|---|", *rows])


def renamed_table(language: str) -> str:
    """Return a row for each model name of articles that no hub has."""
    head = {"en": "| name | why it can't be had | the nearest |", "zh": "| 名字 | 为何找不到 | 最接近的模型 |"}
    rows = [f"| {wrong.name} | {translate(wrong.why, language)} | {wrong.instead} |" for wrong in renamed()]
    return "\n".join([head[language], "|---|---|---|", *rows])


def _known(model: Checkpoint) -> str:
    into = f" → {', '.join(model.into)}" if model.into and len(model.into) <= FEW else ""
    if not model.languages:
        return "–"
    return (", ".join(model.languages) if len(model.languages) <= FEW else str(len(model.languages))) + into


def _memory(model: Checkpoint) -> str:
    return ", ".join(f"{kind} {gigabytes:g} GB" for kind, gigabytes in model.memory_gb)


def _published(model: Checkpoint) -> str:
    return f"[{model.published}]({model.source})" if model.published else "–"


def _cards() -> list[Card]:
    return [engine.card for engine in catalog().engines.values()]


def _states(card: Card) -> str:
    takes = " + ".join(map(str, card.takes))
    return f"{takes} → {card.gives or 'no value to convert'}"


def _languages(card: Card) -> str:
    if not card.languages:
        return "any"
    return ", ".join(card.languages) if len(card.languages) <= FEW else str(len(card.languages))


def _library(card: Card) -> str:
    if card.program:
        return f"the program {card.program}"
    return f"the extra `{card.extra}`" if card.extra else "nothing more"


def _weights(card: Card) -> str:
    weights = card.weights
    return f"{weights.repository}, {weights.size_mb} MB, {weights.licence}" if weights else "none"


def _command(card: Card) -> str:
    if card.weights:
        return f"`viva models pull {card.name}`"
    return f"`apt-get install {card.program}`" if card.program else "that is all"


def filled(page: str, language: str) -> str:
    """Return a page with its marked parts made anew; help in the page's language."""

    def make(part: re.Match[str]) -> str:
        kind, mark = part[1], part[2]
        match kind.split():
            case ["help:", *words]:
                return f"{kind}{mark}\n```text\n{help_of(words, language)}\n```\n\n"
            case ["engines"]:
                return f"{kind}{mark}\n{engines_table()}\n\n"
            case ["models"]:
                return f"{kind}{mark}\n{models_table(language)}\n\n"
            case ["renamed"]:
                return f"{kind}{mark}\n{renamed_table(language)}\n\n"
            case _:
                return f"{kind}{mark}\n{fetch_table()}\n\n"

    return PART.sub(make, page)


def main(arguments: Sequence[str]) -> int:
    """Rewrite the pages, or with --check name the stale ones; return the exit code."""
    check, stale = "--check" in arguments, []
    for path in sorted(DOCS.rglob("*.md")):
        page = path.read_text("utf-8")
        fresh = filled(page, "zh" if path.parent.name == "zh" else "en")
        if fresh != page:
            stale.append(path)
            if not check:
                path.write_text(fresh, "utf-8")
    for path in stale:
        print(f"{'stale' if check else 'rewritten'}: {path.relative_to(DOCS.parent)}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
