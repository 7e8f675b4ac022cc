"""Workbooks (.xlsx), read row by row by openpyxl, so that a sheet that swells is left before it fills the memory."""

import datetime
import warnings
import zipfile
import zlib
from typing import IO, TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from vivavoce.errors import CorruptMedia, EmptyInput, TooLarge, UnsupportedFormat, VivavoceError
from vivavoce.media.limits import Limits
from vivavoce.media.table import Table, typed_table
from vivavoce.media.table_files import check_cells

# Of XML: an archive with more than both is refused.
BYTES_PER_CELL, BYTES_ALWAYS = 200, 10_000_000

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet


def read_xlsx(file: IO[bytes], limits: Limits) -> Table:
    """Read the first sheet with anything in it; formulas give their stored values, dates ISO 8601."""
    import openpyxl

    try:
        _check_archive(file, limits)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of charts and styles that don't matter here
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            for sheet in book.worksheets:
                rows = _rows(sheet, limits)
                if rows:
                    return typed_table(rows, title=sheet.title)
    except VivavoceError:
        raise
    except (zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError, ValueError, LookupError) as error:
        raise _damaged(error) from error
    except (TypeError, AttributeError, RuntimeError, OverflowError) as error:  # parts that are not what they should be
        raise _damaged(error) from error
    raise EmptyInput("the table is empty; give a file with a header and rows")


def _damaged(error: Exception) -> CorruptMedia:
    return CorruptMedia(
        "the {format} content is damaged or cut short ({reason}); get it again from its source",
        format="xlsx",
        reason=str(error).split("\n")[0],
    )


def _check_archive(file: IO[bytes], limits: Limits) -> None:
    with zipfile.ZipFile(file) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise UnsupportedFormat("this is a zip archive, not a workbook; unpack it and give the files in it")
        unpacked = sum(entry.file_size for entry in archive.infolist())
        limit = max(BYTES_ALWAYS, BYTES_PER_CELL * limits.max_cells)
        if unpacked > limit:
            raise TooLarge("the workbook unpacks to over {limit:,} bytes; split it", limit=limit)
    file.seek(0)


def _rows(sheet: "ReadOnlyWorksheet", limits: Limits) -> list[list[str]]:
    """Return the rows that hold anything, cut to the columns that do; cells and characters are counted as they come."""
    rows: list[list[str]] = []
    width = characters = 0
    sheet.reset_dimensions()  # a header may claim 16,384 columns, to which each row would be padded
    for row in sheet.iter_rows(values_only=True):
        spelled = [_spelled(cell) for cell in row]
        width = max(width, len(row))
        characters += sum(map(len, spelled))
        check_cells(width * (len(rows) + 1), limits)
        if characters > limits.max_characters:
            raise TooLarge("the table has over {limit:,} characters; split it", limit=limits.max_characters)
        if any(spelled):
            rows.append(spelled)
    wide = [[*row, *[""] * (width - len(row))] for row in rows]
    used = [column for column in range(width) if any(row[column] for row in wide)]
    return [[row[column] for column in used] for row in wide]


def _spelled(cell: object) -> str:
    """Spell a cell as a person would: 3.0 is 3, a date without a time is only a date."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime.datetime() if cell.time() == datetime.time():
            return cell.date().isoformat()
        case datetime.date() | datetime.time():
            return cell.isoformat(*([" "] if isinstance(cell, datetime.datetime) else []))
        case _:
            return str(cell)
