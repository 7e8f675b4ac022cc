"""What columns are for."""

from datetime import datetime

import pytest

from vivavoce.engines.tables.roles import Roles, in_time_order, parse_time, quantity, roles, totals
from vivavoce.media.table import Table


def test_the_first_column_of_words_names_the_rows():
    table = Table(("id", "city", "rain"), ((1, "Paris", 7), (2, "Rome", 3)))
    assert roles(table) == Roles(1, (2,), False)


def test_years_and_dates_are_a_time():
    assert roles(Table(("year", "n"), ((2019, 1), (2020, 2)))) == Roles(0, (1,), True)
    assert roles(Table(("x", "n"), (("2024-01", 1), ("2024-02", 2)))) == Roles(0, (1,), True)
    assert roles(Table(("月份", "n"), (("1月", 1), ("2月", 2)))) == Roles(0, (1,), True)
    assert not roles(Table(("size", "n"), ((3, 1), (4, 2)))).timed


def test_a_counter_is_no_quantity():
    assert roles(Table(("number", "words"), ((1, 5), (2, 9)))) == Roles(0, (1,), False)


def test_rows_are_put_in_order_of_time():
    newest_first = Table(("year", "n"), ((2021, 3), (2019, 1), (2020, 2)))
    assert [row[1] for row in in_time_order(newest_first).rows] == [1, 2, 3]
    dates = Table(("date", "n"), (("2024-03-01", 2), ("2024-02-01", 1)))
    assert [row[1] for row in in_time_order(dates).rows] == [1, 2]
    words = Table(("name", "n"), (("b", 2), ("a", 1)))
    assert in_time_order(words) is words


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("2024-01-31", datetime(2024, 1, 31)),
        ("2024/1/31", datetime(2024, 1, 31)),
        ("2024年1月31日", datetime(2024, 1, 31)),
        ("2024-01-31T10:20:00", datetime(2024, 1, 31, 10, 20)),
        ("Jan 2024", datetime(2024, 1, 1)),
        ("December", datetime(2000, 12, 1)),
        ("13月", None),
        ("Paris", None),
        ("2024-13-01", None),
        ("", None),
    ],
)
def test_times_are_read(cell, time):
    assert parse_time(cell) == time


def test_rates_and_levels_are_not_added_up():
    assert totals("sales", [1, 2, None])
    assert not totals("growth rate", [1, 2])
    assert not totals("气温", [1, 2])
    assert not totals("profit", [1, -2])


@pytest.mark.parametrize("cell", [float("inf"), float("nan"), 10**400, True, "7", None])
def test_what_cannot_be_counted_with_is_no_quantity(cell):
    assert quantity(cell) is None
