"""Tables: types of cells, names of columns."""

import pytest

from vivavoce.errors import InputError
from vivavoce.media.table import Table, parse_number, typed_table, unique_names


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12", 12),
        ("-3.5", -3.5),
        ("+4", 4),
        ("1,234", 1234),
        ("1,234,567.5", 1234567.5),
        (" 7 ", 7),
        ("0", 0),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("6e-3", 0.006),
        ("1E5", 1e5),
        ("12345678901234567890", 12345678901234567890),
        ("-0", 0),
    ],
)
def test_numbers_are_read(cell, number):
    assert parse_number(cell) == number


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "007",
        "00.5",
        "1,23",
        "1234,567",
        "1,2345",
        ",123",
        "0,123",
        "1.5,234",
        "1,234e",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "1_000",
        "٣",
        "１２",
        "12%",
        "0x10",
        "--5",
        "+-5",
        "1 234",
        "e5",
        ".",
        "+",
        "1e5.5",
        "9" * 65,
        "1" * 10_000,
    ],
)
def test_codes_and_words_are_no_numbers(cell):
    assert parse_number(cell) is None


def test_columns_get_the_type_that_all_their_cells_share():
    table = typed_table(
        [["code", "price", "mixed", "sold", "gap"], ["007", "1,234", "5", "TRUE", ""], ["008", "", "x", "false", ""]]
    )
    assert table.rows == (("007", 1234, "5", True, None), ("008", None, "x", False, None))
    assert table.numeric_columns() == [1]


def test_names_are_made_up_and_told_apart():
    assert unique_names(["price", "", "price", " price ", "price 2"]) == [
        "price",
        "column 2",
        "price 3",
        "price 4",
        "price 2",
    ]
    assert len(set(unique_names(["a"] * 50 + ["a 2", "a 3", ""]))) == 53


def test_ragged_rows_are_filled():
    assert typed_table([["a"], ["1", "2", "3"], []]).columns == ("a", "column 2", "column 3")
    assert typed_table([["a", "b"], ["1"]]).rows == ((1, None),)


def test_a_header_alone_is_a_table_without_rows():
    assert typed_table([["a", "b"]]).rows == ()


def test_wrong_shapes_are_refused():
    with pytest.raises(InputError, match="at least one column"):
        Table((), ())
    with pytest.raises(InputError, match="at least one column"):
        typed_table([[], []])
    with pytest.raises(InputError, match="row 2 has 1 cells and the table 2 columns"):
        Table(("a", "b"), ((1, 2), (3,)))
