"""What every voice needs before it speaks: sentences, cut where a reader would breathe."""

import re
from collections.abc import Iterator

from vivavoce.engines.split import sentences
from vivavoce.media.text import Text

WORDS_PER_MINUTE = 175  # an easy reading pace, and the rate that 1.0 stands for
MAX_CHARACTERS = 300  # longer sentences are cut at a comma, so that sound comes early and memory stays small

MARKDOWN = re.compile(r"^\s{0,3}(?:#{1,6}\s+|[-*+]\s+|>\s?)|[*`]{1,3}|\b_{1,2}(?=\w)|(?<=\w)_{1,2}\b", re.MULTILINE)
CLAUSE = re.compile(r"(?<=[,;:，；：、])\s*")


def spoken_sentences(text: Text) -> Iterator[str]:
    """Yield the sentences of `text` without Markdown marks, none longer than `MAX_CHARACTERS`."""
    plain = MARKDOWN.sub("", text.text)
    for paragraph in plain.splitlines():
        for sentence in sentences(paragraph, text.language):
            if any(letter.isalnum() for letter in sentence):
                yield from _clauses(sentence)


def _clauses(sentence: str) -> Iterator[str]:
    held = ""
    for clause in CLAUSE.split(sentence) if len(sentence) > MAX_CHARACTERS else [sentence]:
        if held and len(held) + len(clause) >= MAX_CHARACTERS:
            yield held
            held = ""
        held = f"{held} {clause}" if held and held.isascii() else held + clause
        while len(held) > MAX_CHARACTERS:
            cut = held.rfind(" ", 1, MAX_CHARACTERS)
            cut = cut if cut > 0 else MAX_CHARACTERS
            yield held[:cut].strip()
            held = held[cut:].strip()
    if held:
        yield held
