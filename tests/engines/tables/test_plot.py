"""Which marks and series a chart of a table has."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.engines.tables.plot import MAX_BARS, MAX_POINTS, plan
from vivavoce.media.table import Table, typed_table


def table(*rows, title=""):
    return typed_table([[str(cell) for cell in row] for row in rows], title)


def names(plot):
    return [[series.name for series in panel] for panel in plot.panels]


def test_categories_are_bars_and_keep_their_gaps():
    plot = plan(table(("City", "Rain"), ("Paris", 7), ("Rome", ""), ("Oslo", -4)))
    assert plot.kind == "bars"
    assert plot.labels == ("Paris", "Rome", "Oslo")
    assert plot.panels[0][0].values == (7.0, None, -4.0)
    assert plot.title == "Rain by City"
    assert plot.note == ""


@pytest.mark.parametrize("first", [("year", 2019, 2020, 2021), ("day", "2024-01-01", "2024-01-02", "2024-01-05")])
def test_times_are_a_line(first):
    plot = plan(table((first[0], "n"), *zip(first[1:], (3, 1, 2), strict=True)))
    assert plot.kind == "lines"
    assert plot.labels == tuple(str(cell) for cell in first[1:])


def test_days_stand_as_far_apart_as_they_are():
    plot = plan(table(("day", "n"), ("2024-01-01", 1), ("2024-01-02", 2), ("2024-01-05", 3)))
    assert [b - a for a, b in zip(plot.xs, plot.xs[1:], strict=False)] == pytest.approx([1, 3])


def test_a_line_runs_forward_in_time():
    plot = plan(table(("year", "n"), (2021, 3), (2019, 1), (2020, 2)))
    assert plot.panels[0][0].values == (1.0, 2.0, 3.0)


def test_a_rising_first_column_is_a_line():
    plot = plan(table(("dose", "effect"), (0.1, 5), (0.5, 7), (2.5, 6)))
    assert plot.kind == "lines"
    assert plot.xs == (0.1, 0.5, 2.5)
    assert names(plot) == [["effect"]]


def test_similar_columns_share_a_panel_and_unlike_ones_do_not():
    assert names(plan(table(("x", "a", "b"), ("p", 10, 20), ("q", 30, 5)))) == [["a", "b"]]
    assert names(plan(table(("x", "a", "b"), ("p", 10, 2000), ("q", 30, 500)))) == [["a"], ["b"]]


def test_many_points_are_averaged_and_the_note_says_so():
    plot = plan(table(("year", "n"), *[(1000 + n, n) for n in range(1000)]))
    assert len(plot.labels) <= MAX_POINTS
    assert plot.note == "1000 rows, averaged in groups of 5"
    assert plot.panels[0][0].values[0] == 2.0


def test_many_categories_keep_the_largest_and_the_note_says_so():
    plot = plan(table(("name", "n"), *[(f"p{n}", n) for n in range(100)]))
    assert plot.labels[0] == "p99"
    assert len(plot.labels) == MAX_BARS
    assert plot.note == "the 25 largest of 100 rows"


def test_repeated_categories_are_added_up_or_averaged():
    rows = [("red" if n % 2 else "blue", 2) for n in range(60)]
    assert plan(table(("colour", "sold"), *rows)).panels[0][0].values == (60.0, 60.0)
    averaged = plan(table(("颜色", "平均价"), *rows))
    assert averaged.panels[0][0].values == (2.0, 2.0)
    assert averaged.note == "60行，按颜色平均"


def test_several_rows_a_day_are_one_point():
    plot = plan(table(("day", "sold"), *[(f"2024-01-0{1 + n // 2}", n) for n in range(8)]))
    assert plot.kind == "lines"
    assert plot.panels[0][0].values == (1.0, 5.0, 9.0, 13.0)


def test_one_row_is_compared_across_its_columns():
    plot = plan(table(("who", "a", "b", "c"), ("Ann", 1, 2, 5)))
    assert plot.labels == ("a", "b", "c")
    assert plot.title == "Ann"


def test_more_columns_than_can_be_told_apart_are_noted():
    plot = plan(table(("x", *"abcdefgh"), ("p", *range(1, 9)), ("q", *range(2, 10))))
    assert len(plot.panels[0]) == 6
    assert plot.note == "the first 6 of 8 columns of numbers"


def test_a_chinese_title_is_made_of_the_column_names():
    assert plan(table(("城市", "人口", "面积"), ("北京", 2, 3), ("上海", 3, 1))).title == "各城市的人口、面积"


@pytest.mark.parametrize(
    "empty", [Table(("a", "b"), ()), Table(("a",), (("x",), ("y",))), Table(("a",), ((10**400,),))]
)
def test_what_holds_no_numbers_has_no_plot(empty):
    assert plan(empty) is None


cells = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["a", "2024-01-01", "3月", ""]))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(cells, cells, cells), max_size=40))
def test_any_table_has_a_sound_plot_or_none(rows):
    plot = plan(Table(("x", "y", "z"), tuple(rows)))
    if plot is not None:
        lengths = {len(series.values) for panel in plot.panels for series in panel}
        assert lengths == {len(plot.labels)} == {len(plot.xs)}
        assert len(plot.labels) <= (MAX_BARS if plot.kind == "bars" else MAX_POINTS)
        assert any(value is not None for panel in plot.panels for series in panel for value in series.values)
