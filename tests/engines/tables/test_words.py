"""Words, numbers in text, and numbers as one says them."""

from datetime import datetime

import pytest

from vivavoce.engines.tables.words import count_words, numbers_in, say_day, say_number


@pytest.mark.parametrize(
    ("text", "count"),
    [("It's a well-known fact.", 4), ("", 0), ("你好，世界", 4), ("我有2台PC", 5), ("3.5 percent of 1,200", 4)],
)
def test_words_are_counted(text, count):
    assert count_words(text) == count


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It rose 3.5% to 1,200 in 2020, then -4.", ["3.5%", "1,200", "2020", "-4"]),
        ("价格是12.5元，涨了40%。", ["12.5", "40%"]),
        ("no numbers, not even in R2D2", []),
        ("−7 degrees", ["-7"]),
    ],
)
def test_numbers_are_found(text, numbers):
    assert numbers_in(text) == numbers


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "0", "0"),
        (7, "7", "7"),
        (1234, "1234", "1234"),
        (12345, "12,345", "12345"),
        (12345678, "12.3 million", "1235万"),
        (2_500_000_000, "2.5 billion", "25亿"),
        (3.14159, "3.14", "3.14"),
        (-4.06, "minus 4.06", "负4.06"),
        (0.00012, "0.00012", "0.00012"),
        (99.999, "100", "100"),
        (1234.5678, "1235", "1235"),
        (1e300, None, None),
    ],
)
def test_numbers_are_said(value, english, chinese):
    if english is None:
        assert say_number(value, "en").endswith("trillion")
    else:
        assert say_number(value, "en") == english
        assert say_number(value, "zh") == chinese


def test_days_are_said():
    assert say_day(datetime(2024, 1, 2), "en") == "2 January 2024"
    assert say_day(datetime(2024, 1, 2), "zh") == "2024年1月2日"
