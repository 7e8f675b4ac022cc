"""Tables in files: delimiters, quotes, marks and JSON shapes."""

import csv
import io
import json
import math

import pytest

from vivavoce.errors import CorruptMedia, EmptyInput
from vivavoce.media.gateway import open_value, save
from vivavoce.media.limits import DEFAULT_LIMITS
from vivavoce.media.table import Table
from vivavoce.media.table_files import guess_delimiter, looks_like_table, read_delimited

TABLE = Table(
    ("name", "price", "note", "sold"),
    (("tea", 1.5, 'says "hi",\nand leaves', True), ("咖啡", 2.0, "007", False), ("milk", None, None, True)),
)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_delimiter_quote_and_mark_is_read(delimiter, encoding, line_end, tmp_path):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([TABLE.columns, *[["" if c is None else c for c in row] for row in TABLE.rows]])
    path = tmp_path / "a.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    assert (open_value(path).columns, open_value(path).rows) == (TABLE.columns, TABLE.rows)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json"])
def test_written_tables_come_back(suffix, tmp_path):
    after = open_value(save(TABLE, tmp_path / f"a.{suffix}"))
    assert (after.columns, after.rows) == (TABLE.columns, TABLE.rows)


def test_what_is_not_finite_becomes_a_gap_in_json(tmp_path):
    path = save(Table(("a",), ((math.nan,), (math.inf,), (1.5,))), tmp_path / "a.json")
    assert [row["a"] for row in json.loads(path.read_text("utf-8"))] == [None, None, 1.5]
    assert open_value(b'[{"a": NaN}, {"a": 1e999}, {"a": 2}]').rows == ((None,), (None,), (2,))


def test_two_columns_of_one_name_both_survive_json(tmp_path):
    assert open_value(save(Table(("a", "a"), ((1, 2),)), tmp_path / "a.json")).rows == ((1, 2),)


@pytest.mark.parametrize(
    ("content", "columns", "rows"),
    [
        ('[{"a": 1, "b": "x"}, {"b": "y", "c": [1]}]', ("a", "b", "c"), ((1, "x", None), (None, "y", "[1]"))),
        ('[["a", "b"], [1, 2], [3]]', ("a", "b"), ((1, 2), (3, None))),
        ('{"a": [1, 2], "b": ["x", null]}', ("a", "b"), ((1, "x"), (2, None))),
        ('[{"": 1, " ": 2}]', ("column 1", "column 2"), ((1, 2),)),
    ],
)
def test_json_shapes_are_read(content, columns, rows):
    table = open_value(content.encode())
    assert (table.columns, table.rows) == (columns, rows)


def test_empty_tables_are_errors(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",,\n,,\n")
    with pytest.raises(EmptyInput, match="the table is empty"):
        open_value(path)
    path = tmp_path / "a.json"
    path.write_text("[{}]")
    with pytest.raises(EmptyInput, match="the table is empty"):
        open_value(path)


def test_a_cell_of_over_128_kilobytes_is_an_error(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1," + "x" * 200_000)
    with pytest.raises(CorruptMedia, match="can't be read"):
        open_value(path)


def test_an_open_quote_swallows_the_rest_and_nothing_else_happens():
    assert read_delimited('a,b\n1,"x\ny,z', DEFAULT_LIMITS).rows == ((1, "x\ny,z"),)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2", ","),
        ("a;b\n1,5;2,5", ";"),
        ("a\tb\n1\t2", "\t"),
        ("a|b\n1|2", "|"),
        ("hello", None),
        ("", None),
        ('"a;b",c\n"d;e",f', ","),
    ],
)
def test_the_delimiter_is_guessed(text, delimiter):
    assert guess_delimiter(text) == delimiter


@pytest.mark.parametrize(
    ("text", "name", "is_table"),
    [
        ("a,b\n1,2", "", True),
        ("a,b\n1,2", "a.txt", False),
        ("anything", "A.CSV", True),
        ("Hello, world\nGoodbye, world", "", False),
        ("a,b\n1,2,3", "", False),
        ("one line, only", "", False),
        ("x" * 100 + "," + "y" * 100 + "\n" + "x" * 100 + "," + "y" * 100, "", False),
        ("a,b\n" + "1,2\n" * 50_000, "", True),
    ],
)
def test_prose_with_commas_is_no_table(text, name, is_table):
    assert looks_like_table(text, name) is is_table
