"""Workbooks: values as they are shown, from files made by hand."""

import io
import zipfile

import pytest

from media.makers import BOOK, CONTENT_TYPES, MAIN, RELATIONS, xlsx
from vivavoce.errors import CorruptMedia, EmptyInput, UnsupportedFormat
from vivavoce.media.gateway import open_value


def table(rows, **options):
    value = open_value(xlsx(rows, **options))
    return value.columns, value.rows


def test_shared_inline_and_formula_texts_are_read():
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><r><t>pri</t></r><r><t>ce</t></r></is></c>'
        '<c r="C1" t="str"><f>A1</f><v>formula</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>3.0</v></c><c r="C2" t="e"><v>#DIV/0!</v></c></row>'
    )
    assert table(rows, shared=["name", "茶 &amp; 水"]) == (("name", "price", "formula"), (("茶 & 水", 3, "#DIV/0!"),))


def test_pronunciations_of_japanese_are_left_out():
    book = xlsx(
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>',
        shared=["東京</t><rPh sb='0' eb='2'><t>とうきょう</t></rPh><t>都"],
    )
    assert open_value(book).columns == ("東京都",)


def test_booleans_numbers_and_gaps():
    rows = (
        '<row r="2"><c r="B2" t="inlineStr"><is><t>a</t></is></c><c r="D2" t="inlineStr"><is><t>b</t></is></c></row>'
        '<row r="5"><c r="B5"><v>0.1</v></c><c r="D5" t="b"><v>1</v></c></row>'
        '<row r="6"><c r="D6" t="b"><v>0</v></c></row>'
    )
    assert table(rows) == (("a", "column 2", "b"), ((0.1, None, True), (None, None, False)))


def test_cells_without_references_follow_each_other():
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c r='B2'><v>4</v></c></row>"
    assert table(rows) == (("1", "2"), ((3, 4),))


DATES = (
    '<numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="0.00&quot;day&quot;"/>'
    '<numFmt numFmtId="166" formatCode="[Red]0.0"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    '<xf numFmtId="166"/><xf numFmtId="22"/></cellXfs>'
)


@pytest.mark.parametrize(
    ("style", "number", "shown"),
    [
        (0, "45000", 45_000),
        (1, "45000", "2023-03-15"),
        (2, "45000", "2023-03-15"),
        (3, "45000", 45_000),
        (4, "45000.5", 45_000.5),
        (5, "45000.75", "2023-03-15 18:00:00"),
        (1, "0.25", "06:00:00"),
        (1, "1e12", 1e12),
        (99, "5", 5),
    ],
)
def test_dates_are_told_from_numbers_by_their_style(style, number, shown):
    rows = f'<row r="1"><c r="A1" t="str"><v>x</v></c></row><row r="2"><c r="A2" s="{style}"><v>{number}</v></c></row>'
    assert table(rows, styles=DATES)[1] == ((shown,),)


def packed(parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return content.getvalue()


def sheet(rows):
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"


FULL = sheet("<row><c t='str'><v>a</v></c></row>")


def test_the_first_sheet_with_content_counts_wherever_it_lies():
    two = BOOK.replace("</sheets>", '<sheet name="Second" sheetId="2" r:id="rId2"/></sheets>')
    links = RELATIONS.replace("</Rel", '<Relationship Id="rId2" Type="w" Target="/other/place.xml"/></Rel')
    parts = {"xl/workbook.xml": two, "xl/_rels/workbook.xml.rels": links, "xl/worksheets/sheet1.xml": sheet("<row/>")}
    assert open_value(packed(parts | {"[Content_Types].xml": CONTENT_TYPES, "other/place.xml": FULL})).title == "Second"


def test_a_calendar_from_1904_is_honoured():
    book = BOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    styles = f"<styleSheet {MAIN}>{DATES}</styleSheet>"
    rows = "<row><c t='str'><v>a</v></c></row><row><c s='1'><v>1000</v></c></row>"
    parts = {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": RELATIONS, "xl/styles.xml": styles}
    assert open_value(packed(parts | {"xl/worksheets/sheet1.xml": sheet(rows)})).rows == (("1906-09-27",),)


def test_empty_books_and_other_archives_say_so():
    with pytest.raises(EmptyInput, match="the table is empty"):
        open_value(xlsx(""))
    with pytest.raises(UnsupportedFormat, match="a zip archive, not a workbook"):
        open_value(packed({"a.txt": "hello"}))


@pytest.mark.parametrize(
    "body",
    [
        "<worksheet><sheetData><row>",
        "no xml",
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData><row><c t="str"><v>&a;</v></c></row></sheetData>'
        "</worksheet>",
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet/>',
        sheet("<row><c t='s'><v>7</v></c></row>"),
        sheet("<row><c><v>12abc</v></c></row>"),
        sheet("<row r='x'><c><v>1</v></c></row>"),
        sheet("<row><c r='ZZZZ1'><v>1</v></c></row>"),
    ],
)
def test_damaged_sheets_are_errors(body):
    parts = {"xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": RELATIONS, "xl/worksheets/sheet1.xml": body}
    with pytest.raises(CorruptMedia, match="xlsx content is damaged"):
        open_value(packed(parts))


def test_flipped_bits_are_errors_or_change_only_values():
    content = bytearray(xlsx("".join(f"<row><c><v>{n}</v></c></row>" for n in range(50))))
    for at in range(0, len(content), 7):
        changed = bytearray(content)
        changed[at] ^= 0x10
        try:
            open_value(bytes(changed))
        except (CorruptMedia, UnsupportedFormat, EmptyInput) as error:
            assert "\n" not in str(error)
