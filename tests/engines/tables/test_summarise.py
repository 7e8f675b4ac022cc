"""Spoken summaries, in English and Chinese."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.engines.tables.summarise import TableSummary
from vivavoce.errors import UnsupportedLanguage
from vivavoce.media.table import Table, typed_table


def say(table, language=None):
    with TableSummary().open("cpu") as summarise:
        return summarise(table, language)


SALES = typed_table([["year", "sales_usd"], *[[str(year), str(year * 1000 - 2_000_000)] for year in range(2015, 2025)]])
CITIES = typed_table(
    [
        ["城市", "人口", "面积", "地区"],
        ["北京", "21893095", "16410", "华北"],
        ["上海", "24870895", "6340", "华东"],
        ["广州", "18676605", "7434", "华南"],
        ["深圳", "17560061", "", "华南"],
    ],
    "中国城市",
)


def test_a_small_table_is_read_row_by_row():
    table = typed_table([["City", "Rain", "Sunny"], ["Paris", "7", "true"], ["Rome", "", "false"]], "Weather")
    assert say(table).text == (
        "The table “Weather” has 2 rows and 3 columns: City, Rain and Sunny. "
        "Paris: Rain 7, Sunny yes. Rome: Rain not given, Sunny no."
    )


def test_a_small_chinese_table_is_read_row_by_row():
    table = typed_table([["城市", "雨量"], ["北京", "-7.25"], ["上海", "12"]])
    text = say(table)
    assert text.text == "这个表格有2行、2列：城市和雨量。北京：雨量负7.25。上海：雨量12。"
    assert text.language == "zh"


def test_a_series_is_summed_up_with_its_trend():
    text = say(SALES)
    assert text.language == "en"
    assert text.text == (
        "The table has 10 rows and 2 columns: year and sales usd. "
        "Sales usd: in total 195,000, on average 19,500; the highest is 24,000 in 2024, the lowest 15,000 in 2015. "
        "From 2015 to 2024, sales usd rose from 15,000 to 24,000, by 60 percent."
    )


def test_a_series_that_is_written_backwards_has_the_same_trend():
    assert say(Table(SALES.columns, SALES.rows[::-1])).text == say(SALES).text


def test_a_chinese_table_is_summed_up():
    assert say(CITIES).text == (
        "表格《中国城市》有4行、4列：城市、人口、面积和地区。"
        "人口：合计8300万，平均2075万；最高是上海的2487万，最低是深圳的1756万。"
        "面积：合计30184，平均10061；最高是北京的16410，最低是上海的6340。有一个值缺失。"
        "地区有3种不同的值；最常见的是华南，共2次。"
    )


def test_the_language_can_be_asked_for():
    assert say(CITIES, "en").text.startswith("The table “中国城市” has 4 rows and 4 columns:")
    assert say(SALES, "zh").text.endswith("从2015年到2024年，sales usd从15000升到24000，上升百分之60。")


def test_days_are_said_in_words_and_falls_are_falls():
    rows = [[f"2024-01-{day:02}", str(40 - day)] for day in range(1, 14)]
    text = say(typed_table([["date", "temp"], *rows])).text
    assert "the highest is 39 on 1 January 2024" in text
    assert "From 1 January 2024 to 13 January 2024, temp fell from 39 to 27, by 31 percent." in text
    assert "in total" not in text


def test_a_column_that_stands_still_is_called_steady_or_constant():
    level = typed_table([["year", "a", "b"], *[[str(2000 + n), "5", "100" if n % 2 else "101"] for n in range(9)]])
    text = say(level).text
    assert "A is always 5." in text
    assert "b stayed at about 101." in text


@pytest.mark.parametrize("table", [Table(("a",), ()), Table(("a", "b"), ((None, None),)), Table(("a",), ((10**400,),))])
def test_odd_tables_are_summed_up(table):
    assert say(table).text.startswith("The table has ")


def test_a_wide_table_names_its_first_columns():
    table = Table(tuple(f"c{n}" for n in range(20)), (tuple(range(20)),) * 3)
    text = say(table).text
    assert "c7, and 12 more." in text.replace(" and c7", ", c7")
    assert "14 more columns hold numbers." in text


def test_other_languages_are_refused():
    with pytest.raises(UnsupportedLanguage, match="got de"):
        say(SALES, "de")


cells = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text("ab 你.", max_size=5))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(cells, cells, cells), max_size=9), st.sampled_from(["en", "zh"]))
def test_any_table_can_be_said(rows, language):
    text = say(Table(("x", "y", "z"), tuple(rows)), language).text
    assert "nan" not in text
    assert "inf" not in text
    assert "None" not in text
    assert text.endswith((".", "。"))
