"""What a painter is told: the user's words in a style, and what is to be kept out."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from vivavoce.engines.fonts import is_cjk
from vivavoce.engines.options import Brush
from vivavoce.errors import EmptyInput, UsageError
from vivavoce.media.text import Text


@dataclass(frozen=True)
class Prompt:
    """Words to paint, words to keep out of the picture, and the language of both ("en" or "zh")."""

    words: str
    negative: str
    language: str


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("vivavoce.engines.draw") / "prompts.toml").read_text("utf-8"))


def styles() -> tuple[str, ...]:
    """Return the names of the styles of `prompts.toml`."""
    return tuple(_table()["style"])


def language_of(text: Text) -> str:
    """Return the language of a prompt: its own, else Chinese where it has a Chinese letter, else English."""
    return text.language or ("zh" if any(is_cjk(letter) for letter in text.text) else "en")


def prompt_of(text: Text, brush: Brush) -> Prompt:
    """Set the words in the brush's style; a style adds what it leaves out, the brush's own negative words come first.

    Raises UsageError for an unknown style, EmptyInput without a word.
    """
    words, written = " ".join(text.text.split()), "zh" if language_of(text) == "zh" else "en"
    if not words:
        raise EmptyInput("there is nothing to paint; give it words")
    if not brush.style:
        return Prompt(words, brush.negative, written)
    table = _table()
    if brush.style not in table["style"]:
        raise UsageError("unknown style “{style}”; choose one of {known}", style=brush.style, known=", ".join(styles()))
    style, comma = table["style"][brush.style], "，" if written == "zh" else ", "
    kept_out = [brush.negative, style[f"negative_{written}"], table["quality"][written]]
    return Prompt(style[written].replace("{prompt}", words), comma.join(filter(None, kept_out)), written)
