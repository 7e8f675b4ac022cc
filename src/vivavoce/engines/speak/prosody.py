"""What every voice needs before it speaks: sentences and clauses, cut where a reader would breathe."""

import re
from collections.abc import Callable, Iterator

from vivavoce.engines.split import HAN, sentences
from vivavoce.media.text import Text

WORDS_PER_MINUTE = 175  # an easy reading pace, and the rate that 1.0 stands for
MAX_CHARACTERS = 300  # longer sentences are cut at a comma, so that sound comes early and memory stays small

MARKDOWN = re.compile(r"^\s{0,3}(?:#{1,6}\s+|[-*+]\s+|>\s?)|`{1,3}|\b_{1,2}(?=\w)|(?<=\w)_{1,2}\b", re.MULTILINE)
# A pair of stars around words; a star by itself, or between numbers, is a sign of arithmetic.
EMPHASIS = re.compile(r"(?<![A-Za-z0-9*])(\*{1,3})(?=[^\s*])(.{1,300}?)(?<=[^\s*])\1(?![A-Za-z0-9*])")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # a NUL would end the text for a C library
CLAUSE = re.compile(r"(?<=[,;:])\s+|(?<=[，；：、])\s*")
PAUSE = re.compile(r"\s|[，；：、]")

# Where the first words of a stream may part from the rest when there is no comma.
JOINT = re.compile(
    r"\s(?=(?:and|but|or|because|which|who|when|while|where|if|so|that|than|as|in|on|at|for|from|with)\s)",
    re.IGNORECASE,
)
HAN_WEIGHT = 3  # a Chinese character takes as long to say as three letters
FIRST_SIZE = 24  # letters of the first clause: about a second and a half of speech
LEAST_SIZE = 10  # less than this sounds clipped on its own
CLAUSE_SIZE = 120


def spoken_sentences(text: Text) -> Iterator[str]:
    """Yield the sentences of `text` without Markdown marks, none longer than `MAX_CHARACTERS`."""
    plain = MARKDOWN.sub("", CONTROL.sub(" ", text.text))
    for _ in range(2):  # words in italics may be in bold ones
        plain = EMPHASIS.sub(r"\2", plain)
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


def spoken_clauses(text: Text) -> Iterator[str]:
    """Yield what is said in one breath: a short first clause, so that sound comes early, then longer ones."""
    first = True
    for sentence in spoken_sentences(text):
        rest = sentence
        if first:
            head, rest = _opening(sentence)
            if head:
                yield head
            first = False
        yield from _merged(CLAUSE.split(rest), CLAUSE_SIZE)


def fitting(said: str, size: Callable[[str], int], most: int) -> Iterator[str]:
    """Yield `said` in parts of `most` tokens at the most, halved at a space or a Chinese comma while `size` is more."""
    if size(said) <= most or len(said) < 2:
        yield said
        return
    middle = (len(said) + 1) // 2
    cut = max((mark.end() for mark in PAUSE.finditer(said, 0, middle)), default=0)
    cut = cut if cut > middle // 2 else middle
    for part in (said[:cut].strip(), said[cut:].strip()):
        yield from fitting(part, size, most)


def _opening(sentence: str) -> tuple[str, str]:
    """Part a sentence after its first clause, or before a joint that comes sooner; ("", it) if it is short or whole."""
    if _size(sentence) <= FIRST_SIZE + LEAST_SIZE:
        return "", sentence
    for pattern in (CLAUSE, JOINT):
        for cut in pattern.finditer(sentence):
            head, rest = sentence[: cut.start()], sentence[cut.end() :]
            if LEAST_SIZE <= _size(head) <= 2 * FIRST_SIZE and _size(rest) >= LEAST_SIZE:
                return head, rest
    return "", sentence


def _merged(clauses: list[str], most: int) -> Iterator[str]:
    held = ""
    for clause in clauses:
        if held and _size(held) + _size(clause) > most and _size(held) >= LEAST_SIZE:
            yield held
            held = ""
        held = f"{held} {clause}" if held and held[-1].isascii() else held + clause
    if any(letter.isalnum() for letter in held):
        yield held


def _size(text: str) -> int:
    return len(text) + (HAN_WEIGHT - 1) * len(HAN.findall(text))
