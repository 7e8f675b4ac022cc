"""Words and numbers of a text, and numbers as one says them; English and Chinese."""

import re
from datetime import datetime

from vivavoce.engines.split import HAN

# A word of letters with its apostrophes and hyphens, a number, or one Chinese character.
WORD = re.compile(rf"{HAN.pattern}|[^\W_{HAN.pattern[1:-1]}]+(?:[’'.,-][^\W_{HAN.pattern[1:-1]}]+)*")
NUMBER = re.compile(r"(?<![A-Za-z0-9_.])[-+−]?\d+(?:,\d{3})*(?:\.\d+)?(?:\s?%)?(?![A-Za-z_]*\d)")
SCALES_EN = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
SCALES_ZH = ((1e12, "万亿"), (1e8, "亿"), (1e4, "万"))
MONTHS_EN = tuple("January February March April May June July August September October November December".split())
FIGURES = 3  # significant figures that one says of a large or a broken number


def count_words(text: str) -> int:
    """Count words; each Chinese character is one."""
    return len(WORD.findall(text))


def numbers_in(text: str) -> list[str]:
    """Return the numbers written with digits, as they stand: "1,200", "3.5", "40%"."""
    return [number.replace("−", "-") for number in NUMBER.findall(text)]


def say_number(value: float, language: str) -> str:
    """Write a number as one says it: 12345678 is "12.3 million", -4.06 "minus 4.06"; "zh": 1235万, 负4.06."""
    if value < 0:
        return ("负" if language == "zh" else "minus ") + say_number(-value, language)
    scales = SCALES_ZH if language == "zh" else SCALES_EN
    for size, name in scales:
        if value >= max(size, 100_000):
            return f"{_rounded(value / size)}{'' if language == 'zh' else ' '}{name}"
    return _rounded(value) if language == "zh" else _grouped(_rounded(value))


def say_day(day: datetime, language: str) -> str:
    """Write a day as one says it: "2 January 2024"; "zh": 2024年1月2日."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"


def _rounded(value: float) -> str:
    """Write with at most three significant figures behind the whole part, no trailing zeros."""
    if value == int(value):
        return str(int(value))
    whole = len(str(int(value))) if value >= 1 else 0
    decimals = max(0, FIGURES - whole)
    text = f"{value:.{decimals}f}"
    if value < 1 and float(text) == 0:
        text = f"{value:.{FIGURES}g}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _grouped(number: str) -> str:
    whole, point, rest = number.partition(".")
    return (f"{int(whole):,}" if whole.isdigit() and len(whole) > 4 else whole) + point + rest
