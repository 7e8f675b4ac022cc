"""Text to a table: one that is written in it, else the pairs, times or sentences it is made of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import ClassVar

from vivavoce.engines.abilities import Extract
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.engines.split import guess_language, sentences
from vivavoce.engines.tables.words import count_words, numbers_in
from vivavoce.engines.tables.written import aligned, delimited, markdown, pairs
from vivavoce.errors import NothingFound, UsageError
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.table import Cell, Table
from vivavoce.media.text import Text

SENTENCE_COLUMNS = {
    "en": ("number", "sentence", "words", "numbers mentioned"),
    "zh": ("序号", "句子", "字数", "提到的数字"),
}
TIMED_COLUMNS = {
    "en": ("start_s", "end_s", "speaker", "text", "confidence"),
    "zh": ("开始秒", "结束秒", "说话人", "文字", "置信度"),
}


@dataclass(frozen=True, kw_only=True)
class TableFromText:
    """Looks for a Markdown table, delimited lines, aligned columns and "key: value" lines, in this order.

    Where there are none, a transcript gives a row for each segment and other text a row for each sentence.
    """

    card: ClassVar[Card] = Card(
        name="table-from-text",
        ability=Ability.EXTRACT,
        takes=(port(Modality.TEXT),),
        gives=port(Modality.TABLE),
        summary="the table written in a text, else a table of its sentences",
        licence="Apache-2.0",
        cost=Cost(fixed_s=0.01, per_unit_s=0.0000005, memory_gb=0.03, quality=0.5),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Extract]:
        """Yield a function that raises NothingFound on text without a word."""
        yield _extract


def _extract(source: Text | Image) -> Table:
    if isinstance(source, Image):
        raise UsageError("table-from-text takes text, got an image; use table-from-image")
    if not any(letter.isalnum() for letter in source.text):
        raise NothingFound("there is not a word in the text to make a table of; give it words")
    language = "zh" if (source.language or guess_language(source.text)) == "zh" else "en"
    finders: tuple[Callable[[str], Table | None], ...] = (
        markdown,
        delimited,
        aligned,
        lambda text: pairs(text, language),
    )
    found = next((table for find in finders if (table := find(source.text)) is not None), None)
    if found is None:
        found = _transcript(source, language) if source.timed else _sentences(source, language)
    return replace(found, origin=source.origin)


def _transcript(text: Text, language: str) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            round(segment.start_s, 3),
            round(segment.end_s, 3),
            segment.speaker or None,
            segment.text,
            None if segment.confidence is None else round(segment.confidence, 3),
        )
        for segment in text.segments
    ]
    kept = [i for i in range(5) if i < 2 or i == 3 or any(row[i] is not None for row in rows)]
    columns = TIMED_COLUMNS[language]
    return Table(tuple(columns[i] for i in kept), tuple(tuple(row[i] for i in kept) for row in rows))


def _sentences(text: Text, language: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for number, sentence in enumerate(sentences(text.text, text.language), 1):
        line = " ".join(sentence.split())
        rows.append((number, line, count_words(line), "; ".join(numbers_in(line)) or None))
    return Table(SENTENCE_COLUMNS[language], tuple(rows))
