"""Text taken apart for a translator, and put together again: what is translated, and what stays as it is.

Lines stay lines: a sentence never runs over the end of one. Blank lines, indents, list marks, code, addresses and
what has no letters are kept to the character. A translator that changes nothing gives back the identical text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vivavoce.engines.split import sentences
from vivavoce.media.text import UNSPACED

LINE_END = re.compile(r"(\r\n|\n|\r)")
MARK = re.compile(
    r"[ \t\u3000]*(?:(?:[-*+•·>]|#{1,6}|\d{1,3}[.)]|[(]\d{1,3}[)])[ \t]+|[（(]?\d{1,3}[、）][ \t]*)*[ \t\u3000]*"
)
FENCE = re.compile(r"[ \t]*(?:```|~~~)")
WIDE_END = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef”’…—]$")

# What must come out as it went in: code, web and mail addresses, placeholders, markup, long numbers.
KEPT = re.compile(
    r"`[^`\n]+`"
    r"|(?:https?://|ftp://|www\.)[^\s<>\"'，。；：！？、（）“”「」『』`]*[^\s<>\"'，。；：！？、（）“”「」『』`.,;:!?)\]}]"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\$?\{\{?[^{}\n]*\}\}?"
    r"|%\(\w+\)[sdif]|%[sdif]\b"
    r"|</?[A-Za-z][^<>\n]*>"
    r"|\+?\d[\d-]{5,}\d"
)

# Where a sentence that is too long for a model is cut, the best first.
CUTS = (re.compile(r"[;:；：。！？]\s*|[.!?]\s+"), re.compile(r"[,，、]\s*|\s[–—-]+\s"), re.compile(r"\s+"))

Fits = Callable[[str], bool]


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `kept` ones stay as they are, the others are sentences for the translator."""

    text: str
    kept: bool


def pieces(text: str, language: str, fits: Fits) -> list[Piece]:
    """Take `text` apart; joined in order, the pieces are `text`. A sentence that doesn't fit is cut until it does."""
    found: list[Piece] = []
    fenced = False
    for part in LINE_END.split(text):
        fence = FENCE.match(part) is not None
        if fenced or fence or not any(letter.isalpha() for letter in part):
            found.append(Piece(part, kept=True))
        else:
            found += _line(part, language, fits)
        fenced ^= fence
    return [piece for piece in found if piece.text]


def _line(line: str, language: str, fits: Fits) -> Iterator[Piece]:
    mark = MARK.match(line)
    at = mark.end() if mark else 0
    yield Piece(line[:at], kept=True)
    for sentence in _sentences(line[at:], language):
        start = line.index(sentence, at)
        yield Piece(line[at:start], kept=True)
        yield from _fitting(sentence, fits)
        at = start + len(sentence)
    yield Piece(line[at:], kept=True)


def _sentences(line: str, language: str) -> list[str]:
    """Return sentences that stand in `line` one after the other; where the splitter changed them, the line itself."""
    found = sentences(line, language)
    at = 0
    for sentence in found:
        start = line.find(sentence, at)
        if start < 0 or line[at:start].strip():
            return [line.strip()]
        at = start + len(sentence)
    return found


def _fitting(sentence: str, fits: Fits) -> Iterator[Piece]:
    if not _worded(sentence):
        yield Piece(sentence, kept=True)
    elif len(sentence) < 2 or fits(sentence):
        yield Piece(sentence, kept=False)
    else:
        cut = _cut(sentence)
        for part in (sentence[:cut], sentence[cut:]):
            core = part.strip()
            before, _, after = part.partition(core) if core else (part, "", "")
            yield Piece(before, kept=True)
            if core:
                yield from _fitting(core, fits)
            yield Piece(after, kept=True)


def _cut(sentence: str) -> int:
    """Return the best place nearest the middle, inside the sentence and not inside what must be kept."""
    closed = [match.span() for match in KEPT.finditer(sentence)]
    middle = len(sentence) // 2
    for edge in (len(sentence) // 5, 0):  # a cut near an end leaves too much on the other side
        for cut in CUTS:
            ends = [match.end() for match in cut.finditer(sentence)]
            inside = [end for end in ends if edge < end < len(sentence) - edge]
            free = [end for end in inside if not any(start < end < stop for start, stop in closed)]
            if free:
                return min(free, key=lambda end: abs(end - middle))
    return middle


def _worded(text: str) -> bool:
    """Say whether there is anything to translate beside what must be kept."""
    return any(letter.isalpha() for letter in KEPT.sub("", text))


def joined(parts: Sequence[Piece], translations: Sequence[str], source: str, target: str) -> str:
    """Put the text together; `translations` are those of the pieces that aren't kept, in order.

    Between two sentences stands what the language puts there: a space in English, nothing in Chinese.
    """
    given = iter(translations)
    spelled = [piece.text if piece.kept else _one_line(next(given)) for piece in parts]
    if (source in UNSPACED) == (target in UNSPACED):
        return "".join(spelled)
    out = spelled[:1]
    for (before, after), text in zip(pairwise(parts), spelled[1:], strict=True):
        joint = target in UNSPACED and after.kept and text == " " and WIDE_END.search(out[-1])
        touching = target not in UNSPACED and not (before.kept or after.kept) and text
        out.append("" if joint else f" {text}" if touching else text)
    return "".join(out)


def _one_line(text: str) -> str:
    return re.sub(r"\s*[\r\n]+\s*", " ", text.strip())


def lost(sentence: str, translation: str) -> bool:
    """Say whether something that must be kept is missing from a translation."""
    wanted = KEPT.findall(sentence)
    return any(translation.count(item) < wanted.count(item) for item in wanted)


def around_kept(sentence: str) -> list[Piece]:
    """Take a sentence apart at what must be kept, to be translated around it."""
    found, at = [], 0
    for match in KEPT.finditer(sentence):
        found += _edged(sentence[at : match.start()])
        found.append(Piece(match[0], kept=True))
        at = match.end()
    return [piece for piece in (*found, *_edged(sentence[at:])) if piece.text]


def _edged(text: str) -> list[Piece]:
    core = text.strip()
    if not any(letter.isalpha() for letter in core):
        return [Piece(text, kept=True)]
    start = text.index(core)
    return [Piece(text[:start], kept=True), Piece(core, kept=False), Piece(text[start + len(core) :], kept=True)]
