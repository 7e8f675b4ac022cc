"""Workbooks: values as they are shown."""

import datetime
import io
import zipfile

import openpyxl
import pytest

from media.makers import xlsx
from vivavoce.errors import CorruptMedia, EmptyInput, UnsupportedFormat
from vivavoce.media.gateway import open_value
from vivavoce.media.limits import UPLOAD_LIMITS


def book(*sheets):
    """Return a workbook as a spreadsheet program writes it, from (title, rows) pairs."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets:
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def test_names_numbers_booleans_and_gaps_get_their_types():
    rows = [["name", "price", "fresh", "note"], ["茶 & 水", 3.0, True, None], ["tea", 2.5, False, "hot"]]
    value = open_value(book(("Prices", rows)))
    assert value.title == "Prices"
    assert value.columns == ("name", "price", "fresh", "note")
    assert value.rows == (("茶 & 水", 3, True, None), ("tea", 2.5, False, "hot"))


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (datetime.datetime(2023, 3, 15), "2023-03-15"),
        (datetime.datetime(2023, 3, 15, 18, 0), "2023-03-15 18:00:00"),
        (datetime.time(6, 30), "06:30:00"),
        ("007", "007"),
        (1e12, 1_000_000_000_000),
    ],
)
def test_a_cell_is_spelled_as_a_person_would(cell, shown):
    assert open_value(book(("A", [["x"], [cell]]))).rows == ((shown,),)


def test_formulas_give_their_stored_values():
    rows = '<row r="1"><c r="A1" t="str"><f>A1</f><v>x</v></c></row><row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
    assert open_value(xlsx(rows)).rows == ((2,),)


def test_the_first_sheet_with_content_counts_and_empty_borders_are_left_out():
    value = open_value(book(("Empty", []), ("Second", [[], [None, "a", None, "b"], [None, 1, None, 2]])))
    assert (value.title, value.columns, value.rows) == ("Second", ("a", "b"), ((1, 2),))


def test_a_header_that_claims_a_huge_sheet_is_not_believed():
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 2_000))
    claim = b'<dimension ref="A1:XFD1048576"/><sheetData>'
    with zipfile.ZipFile(io.BytesIO(xlsx(rows))) as old, zipfile.ZipFile(changed := io.BytesIO(), "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<sheetData>", claim))
    value = open_value(changed.getvalue(), limits=UPLOAD_LIMITS)
    assert (len(value.columns), len(value.rows)) == (1, 1_998)


def test_cells_far_apart_take_no_room_between_them():
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    assert open_value(xlsx(rows), limits=UPLOAD_LIMITS).rows == ((None, 2),)


def test_empty_books_and_other_archives_say_so():
    with pytest.raises(EmptyInput, match="the table is empty"):
        open_value(book(("Empty", [])))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", "hello")
    with pytest.raises(UnsupportedFormat, match="a zip archive, not a workbook"):
        open_value(content.getvalue())


@pytest.mark.parametrize("rows", ["<row><c t='s'><v>7</v></c></row>", "<row r='x'><c><v>1</v></c></row>", "<row>"])
def test_damaged_sheets_are_errors(rows):
    with pytest.raises(CorruptMedia, match="xlsx content is damaged"):
        open_value(xlsx(rows))


def test_flipped_bits_are_errors_or_change_only_values():
    content = bytearray(book(("A", [["n"], *([number] for number in range(50))])))
    for at in range(0, len(content), 41):
        changed = bytearray(content)
        changed[at] ^= 0x10
        try:
            open_value(bytes(changed))
        except (CorruptMedia, UnsupportedFormat, EmptyInput) as error:
            assert "\n" not in str(error)
