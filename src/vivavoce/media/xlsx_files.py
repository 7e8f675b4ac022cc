"""Workbooks (.xlsx): read here cell by cell, so that limits hold before anything is unpacked into memory.

A sheet may name a cell at the far corner of a million rows, or a long text a million times, in a few kilobytes; readers
that return whole sheets make room for all of it. Part names and cell types: ECMA-376 part 1, chapters 12 and 18.
"""

import datetime
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from vivavoce.errors import CorruptMedia, EmptyInput, TooLarge, UnsupportedFormat, VivavoceError
from vivavoce.media.limits import Limits
from vivavoce.media.table import Table, typed_table
from vivavoce.media.table_files import check_cells

BYTES_PER_CELL = 200  # of XML; a part with more than this for each cell of the limit is refused
CHUNK_BYTES = 2**16
DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)])  # the built-in ones
DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)
NOT_A_LETTER = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')  # literal text, colours, padding in a number format
EPOCHS = {False: datetime.datetime(1899, 12, 30), True: datetime.datetime(1904, 1, 1)}
MAX_COLUMNS = 16_384
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,  # an entry with a password, or of an unknown method (NotImplementedError)
)

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]


def read_xlsx(file: IO[bytes], limits: Limits) -> Table:
    """Read the first sheet with anything in it; formulas give their stored values, dates ISO 8601."""
    try:
        with zipfile.ZipFile(file) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise UnsupportedFormat("this is a zip archive, not a workbook; unpack it and give the files in it")
            book = Workbook(archive, limits)
            for name, part in book.sheets():
                rows = book.rows(part)
                if rows:
                    return typed_table(rows, title=name)
    except VivavoceError:
        raise
    except DAMAGE as error:
        raise CorruptMedia(
            "the {format} content is damaged or cut short ({reason}); get it again from its source",
            format="xlsx",
            reason=error,
        ) from error
    raise EmptyInput("the table is empty; give a file with a header and rows")


class Workbook:
    """An opened workbook: its shared texts and which cell styles are dates."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self.archive = archive
        self.limits = limits
        self.dates_from_1904 = False
        self.texts = self._shared_texts()
        self.date_styles = self._date_styles()

    def sheets(self) -> Iterator[tuple[str, str]]:
        """Yield name and part of each sheet, in the order of their tabs."""
        names: list[tuple[str, str]] = []
        targets: dict[str, str] = {}

        def sheet(tag: str, attributes: dict[str, str]) -> None:
            if tag == "sheet":
                names.append((attributes.get("name", ""), attributes.get("id", "")))
            elif tag == "workbookPr":
                self.dates_from_1904 = attributes.get("date1904") in ("1", "true")

        def relation(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship":
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        self._parse("xl/workbook.xml", sheet)
        self._parse("xl/_rels/workbook.xml.rels", relation)
        for name, key in names:
            target = targets.get(key, "")
            part = target[1:] if target.startswith("/") else f"xl/{target}"
            if part in self.archive.namelist():
                yield name, part

    def _shared_texts(self) -> list[str]:
        texts: list[str] = []
        pieces: list[str] = []
        phonetic = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal phonetic
            phonetic = phonetic or tag == "rPh"  # how to pronounce Japanese: not content

        def end(tag: str, text: str) -> None:
            nonlocal phonetic
            if tag == "t" and not phonetic:
                pieces.append(text)
            elif tag == "rPh":
                phonetic = False
            elif tag == "si":
                texts.append("".join(pieces))
                pieces.clear()

        if "xl/sharedStrings.xml" in self.archive.namelist():
            self._parse("xl/sharedStrings.xml", start, end)
        return texts

    def _date_styles(self) -> set[int]:
        """Return the indices of cell styles that show a number as a date or a time."""
        custom: dict[int, str] = {}
        used: list[int] = []
        inside = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if tag == "numFmt":
                custom[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            elif tag == "cellXfs":
                inside = True
            elif tag == "xf" and inside:
                used.append(int(attributes.get("numFmtId", "0")))

        def end(tag: str, text: str) -> None:
            nonlocal inside
            inside = inside and tag != "cellXfs"

        if "xl/styles.xml" in self.archive.namelist():
            self._parse("xl/styles.xml", start, end)
        dates = {number for number, code in custom.items() if DATE_LETTERS.search(NOT_A_LETTER.sub("", code))}
        return {index for index, number in enumerate(used) if number in dates or number in DATE_FORMATS}

    def rows(self, part: str) -> list[list[str]]:
        """Return the rows of a sheet as strings, without the empty ones and the empty columns at the left."""
        sheet = Sheet(self)
        self._parse(part, sheet.start, sheet.end)
        first = min((column for row in sheet.rows.values() for column in row), default=0)
        rows = []
        for _, row in sorted(sheet.rows.items()):
            width = max(row) + 1
            rows.append([row.get(column, "") for column in range(first, width)])
        return rows

    def _parse(self, part: str, start: Start, end: End | None = None) -> None:
        """Feed a part through expat; tags and attributes come without their namespaces."""
        pieces: list[str] = []

        def opened(tag: str, attributes: dict[str, str]) -> None:
            pieces.clear()
            start(_local(tag), {_local(key): value for key, value in attributes.items()})

        def closed(tag: str) -> None:
            if end is not None:
                end(_local(tag), "".join(pieces))
            pieces.clear()

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = opened
        parser.EndElementHandler = closed
        parser.CharacterDataHandler = pieces.append
        parser.StartDoctypeDeclHandler = _refuse_doctype
        left = self.limits.max_cells * BYTES_PER_CELL
        with self.archive.open(part) as file:
            while chunk := file.read(CHUNK_BYTES):
                left -= len(chunk)
                if left < 0:
                    raise TooLarge(
                        "the workbook unpacks to over {limit:,} bytes; split it",
                        limit=self.limits.max_cells * BYTES_PER_CELL,
                    )
                parser.Parse(chunk)
            parser.Parse(b"", True)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    raise ValueError("a workbook declares no document type")


class Sheet:
    """The cells of a sheet, as its XML goes by: rows by number, each with its cells by column."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.rows: dict[int, dict[int, str]] = {}
        self.row, self.column = -1, -1
        self.kind, self.style = "n", 0
        self.value = ""
        self.widest = 0
        self.characters = 0
        self.phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Note where the cell is; without a reference it follows the one before."""
        if tag == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif tag == "c":
            self.column = column_of(attributes["r"]) if "r" in attributes else self.column + 1
            self.kind, self.style = attributes.get("t", "n"), int(attributes.get("s", "0"))
            self.value = ""
        elif tag == "rPh":
            self.phonetic = True

    def end(self, tag: str, text: str) -> None:
        """Take the value of a cell; raise TooLarge when the sheet grows over the limits."""
        if tag == "v" or (tag == "t" and not self.phonetic):
            self.value += text
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "c" and self.value:
            self._store(self._spelled())

    def _store(self, value: str) -> None:
        if not 0 <= self.column < MAX_COLUMNS:
            raise ValueError(f"column {self.column}")
        self.rows.setdefault(self.row, {})[self.column] = value
        self.widest = max(self.widest, self.column + 1)
        self.characters += len(value)
        check_cells(len(self.rows) * self.widest, self.book.limits)
        if self.characters > self.book.limits.max_characters:
            raise TooLarge("the table has over {limit:,} characters; split it", limit=self.book.limits.max_characters)

    def _spelled(self) -> str:
        """Spell a value: 3.0 is 3, a date ISO 8601."""
        if self.kind == "s":
            return self.book.texts[int(self.value)]
        if self.kind == "b":
            return "true" if self.value.strip() == "1" else "false"
        if self.kind != "n":
            return self.value
        number = float(self.value)
        if self.style in self.book.date_styles:
            return _date(number, self.book.dates_from_1904)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def column_of(reference: str) -> int:
    """Return 27 for "AB12"."""
    number = 0
    for letter in reference[:4]:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - ord("A") + 1
    return number - 1


def _date(days: float, from_1904: bool) -> str:
    """Spell days since the workbook's epoch: a date, a time of day below 1, or both."""
    try:
        moment = EPOCHS[from_1904] + datetime.timedelta(seconds=round(days * 86_400))
    except (OverflowError, ValueError):  # no date, in spite of the style
        return repr(days)
    if 0 <= days < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if days == int(days) else moment.isoformat(sep=" ")
