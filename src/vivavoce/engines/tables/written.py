"""Tables that are written in a text: Markdown, delimited lines, aligned columns, and lines of "key: value"."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from vivavoce.errors import InputError
from vivavoce.media.limits import DEFAULT_LIMITS
from vivavoce.media.table import Table, typed_table
from vivavoce.media.table_files import looks_like_table, read_delimited

LONGEST_LINE = 10_000  # characters: a longer line is prose
LONGEST_CELL = 40  # characters on average: longer ones are prose with wide gaps
MAX_LINES = 20_000

RULE = re.compile(r"\s*\|?\s*:?-{1,}:?\s*(?:\|\s*:?-{1,}:?\s*)*\|?\s*")
PIPE = re.compile(r"(?<!\\)\|")
HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
MARKS = re.compile(r"(\*\*|__|`)(.+?)\1")
GAP = re.compile(r"[ \u3000]{2,}|\t+")
PAIR = re.compile(r"\s*(?:[-*+•]\s+)?(?P<key>[^:：|\n]{1,40}?)\s*(?::(?=\s|$)|：)\s*(?P<value>.*?)\s*")
PAIR_SHARE = 0.6  # of the lines must be pairs
PAIR_COLUMNS = {"en": ("item", "value"), "zh": ("项目", "内容")}


def markdown(text: str) -> Table | None:
    """Return the first pipe table with a rule under its header, titled by the heading before it."""
    lines = text.splitlines()
    title = ""
    for number, line in enumerate(lines[:-1]):
        if heading := HEADING.fullmatch(line):
            title = _plain(heading[1])
        rule = lines[number + 1]
        if "|" in line and "-" in rule and "|" in rule and RULE.fullmatch(rule):
            body = [line]
            for row in lines[number + 2 :]:
                if not PIPE.search(row):
                    break
                body.append(row)
            return typed_table([_cells(row) for row in body], title)
    return None


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [_plain(cell.replace("\\|", "|")) for cell in PIPE.split(inner)]


def _plain(cell: str) -> str:
    """Take off the marks of bold and code."""
    return MARKS.sub(r"\2", cell).strip()


def delimited(text: str) -> Table | None:
    """Return the table of lines in CSV, TSV or another delimiter, if each line has as many cells."""
    if max(map(len, text.splitlines()), default=0) > LONGEST_LINE or not looks_like_table(text):
        return None
    try:
        table = read_delimited(text, DEFAULT_LIMITS)
    except InputError:
        return None
    return table if table.rows else None


def aligned(text: str) -> Table | None:
    """Return the longest run of lines whose cells are parted by tabs or at least two spaces."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines()[:MAX_LINES]:
        if line.strip() and len(line) <= LONGEST_LINE:
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    tables = [rows for block in blocks if (rows := _split_block(block))]
    best = max(tables, key=len, default=None)
    return typed_table(best) if best else None


def _split_block(lines: Sequence[str]) -> list[list[str]] | None:
    """Split the lines of a block at their gaps, or at the character columns that are empty in each of them."""
    rows = [GAP.split(line.strip()) for line in lines]
    widths = Counter(map(len, rows))
    width, votes = widths.most_common(1)[0] if rows else (0, 0)
    if votes < 2:
        return None
    if width > 1 and votes == len(rows):
        return rows if _short(rows) else None
    if sum(count for size, count in widths.items() if size > 1) < 0.8 * len(rows):
        return None
    if max(widths) > 1 and (by_place := _split_by_place(lines)) and _short(by_place):
        return by_place
    run = _longest_run(rows)
    return run if len(run) > 1 and _short(run) else None


def _short(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell for row in rows for cell in row]
    return sum(map(len, cells)) / len(cells) <= LONGEST_CELL


def _longest_run(rows: list[list[str]]) -> list[list[str]]:
    """Return the longest stretch of rows of the same width, two or more."""
    best: list[list[str]] = []
    run: list[list[str]] = []
    for row in rows:
        run = [*run, row] if run and len(row) == len(run[0]) else [row]
        if len(row) > 1 and len(run) > len(best):
            best = run
    return best


def _split_by_place(lines: Sequence[str]) -> list[list[str]] | None:
    """Cut at character places that are blank in all lines, two or more in a row; Chinese characters are two wide."""
    spread = [_spread(line.expandtabs(8)) for line in lines]
    width = max(map(len, spread))
    padded = [line.ljust(width) for line in spread]
    blank = "".join(" " if all(line[at] == " " for line in padded) else "x" for at in range(width))
    starts = [match.start() for match in re.finditer(r"(?:(?<=  )|^\s*)x", blank)]
    if len(starts) < 2:
        return None
    ends = [*starts[1:], width]
    return [
        [line[start:end].replace("\x00", "").strip() for start, end in zip(starts, ends, strict=True)]
        for line in padded
    ]


def _spread(line: str) -> str:
    """Give wide characters a second place, so that places in the text are places on the screen."""
    wide = ("W", "F")
    return "".join(c + "\x00" if unicodedata.east_asian_width(c) in wide else c for c in line)


def pairs(text: str, language: str) -> Table | None:
    """Return "key: value" lines: a row for each record where keys repeat, else a row for each pair."""
    lines = [line for line in text.splitlines() if line.strip()]
    found = [match for line in lines if (match := PAIR.fullmatch(line)) and _is_key(match["key"])]
    filled = [(_plain(m["key"]), _plain(m["value"])) for m in found if m["value"]]
    if len(filled) < 2 or len(found) < PAIR_SHARE * len(lines):
        return None
    keys = list(dict.fromkeys(key for key, _ in filled))
    records = _records(filled)
    if len(keys) > 1 and len(records) > 1 and sum(len(r) == len(keys) for r in records) >= PAIR_SHARE * len(records):
        return typed_table([keys, *([record.get(key, "") for key in keys] for record in records)])
    return typed_table([list(PAIR_COLUMNS[language]), *(list(pair) for pair in filled)])


def _records(filled: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Begin a record wherever a key comes again."""
    records: list[dict[str, str]] = [{}]
    for key, value in filled:
        if key in records[-1]:
            records.append({})
        records[-1][key] = value
    return records


def _is_key(key: str) -> bool:
    """Say whether it has a letter and is no sentence."""
    return any(letter.isalpha() for letter in key) and len(key.split()) <= 5 and not re.search(r"[.!?。！？，,]", key)
