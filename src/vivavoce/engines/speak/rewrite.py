"""Rules that turn what is written into what is said, and keep track of which words stood for which."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any

# An e-mail address or a place on the web; to be read with `re.ASCII`, since Chinese letters touch it.
ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[\w./-]*\w|www\.[\w./-]*\w"
DOTTED = r"(?<![\d.])\d+(?:\.\d+){2,}(?![\d.])"  # a version, or the number of a computer
SUBTRACTED = r"(?<=\d)\s?[-−－–]\s?(?=\d[\d.]*(?:\s?[-−－–+*×/÷]\s?\d[\d.]*)*\s?=)"


@dataclass(frozen=True)
class Piece:
    """A stretch of text as it is written, and as it is said; the two are mostly the same."""

    written: str
    said: str


@dataclass(frozen=True)
class Rule:
    """What to look for, and how a match is said; None leaves it to the rules after."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str | None]


def rule(pattern: str, say: Callable[[re.Match[str]], str | None], flags: int = 0) -> Rule:
    """Return a rule from the source of its pattern."""
    return Rule(re.compile(pattern, flags), say)


def rewritten(text: str, rules: Sequence[Rule]) -> list[Piece]:
    """Cut `text` into pieces: the leftmost match is taken, and where several begin together the rule that is first.

    What a rule says is never read again by another.
    """
    pieces: list[Piece] = []
    ahead = [rule.pattern.search(text) for rule in rules]
    at = 0
    while True:
        best: tuple[re.Match[str], str] | None = None
        for number, candidate in enumerate(rules):
            match = ahead[number]
            while match and (match.start() < at or not match[0]):
                match = candidate.pattern.search(text, max(at, match.start() + 1))
            said = candidate.say(match) if match else None
            while match and said is None:
                match = candidate.pattern.search(text, match.start() + 1)
                said = candidate.say(match) if match else None
            ahead[number] = match
            if match and said is not None and (best is None or match.start() < best[0].start()):
                best = match, said
        if best is None:
            break
        match, said = best
        if match.start() > at:
            pieces.append(Piece(text[at : match.start()], text[at : match.start()]))
        pieces.append(Piece(match[0], said))
        at = match.end()
    return [*pieces, Piece(text[at:], text[at:])] if at < len(text) else pieces


@cache
def table(language: str) -> dict[str, Any]:
    """Return what `written.toml` holds for a language."""
    return dict(loads((files("vivavoce.engines.speak") / "written.toml").read_text("utf-8"))[language])


def any_of(words: Sequence[str]) -> str:
    """Return the source of a pattern of any of `words`, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
