"""How numbers, dates, money, units and abbreviations are said in English."""

import re
from functools import cache

from vivavoce.engines.speak.rewrite import ADDRESS, DOTTED, SUBTRACTED, Rule, any_of, rule, table

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split()
)
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
ORDINALS |= {"twelve": "twelfth"}
MONTHS = "January February March April May June July August September October November December".split()
MONTH = "(" + any_of([*MONTHS, *(month[:3] for month in MONTHS), "Sept"]) + r")\.?"
NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
MAX_READ_DIGITS = 15  # longer numbers are read digit by digit
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
KINGS = "Henry|Louis|Charles|George|Edward|Elizabeth|James|William|Richard|Philip|Napoleon|Pius|Benedict|Paul"
PARTS = "War|Chapter|Part|Volume|Act|Section|Phase|Type"
FRACTIONS = {"1/2": "one half", "1/4": "one quarter", "3/4": "three quarters", "24/7": "twenty-four seven"}
SIGNS = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅛": "1/8"}
TOUCHING = ("s", "h")  # units that after a space are mostly letters: at 5 h street
SPAN = r"\s?[-–—~]\s?"
SCALE = r"(?:\s?(million|billion|trillion|thousand|bn|[kKmM])\b)?"
AGES = ("70", "80", "90")  # mostly decades; other numbers with an s are mostly seconds
OF_AN_AGE = re.compile(r"(?:\b(?:the|his|her|their|my|your|our|early|mid|late)[ -]|['’])$")
BEFORE_NUMBER = r"(?<![\w.,])"
AFTER_NUMBER = r"(?![\d,]*\d)(?!\w)"


def cardinal(number: int) -> str:
    """Say a whole number below 10^15: 21 is twenty-one."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    size, name = next(scale for scale in SCALES if number >= scale[0])
    rest = number % size
    return f"{cardinal(number // size)} {name}" + (f" {cardinal(rest)}" if rest else "")


def ordinal(number: int) -> str:
    """Say a place in a row: 21 is twenty-first."""
    head, cut, last = re.split(r"(^|[ -])(?=[a-z]+$)", cardinal(number))
    if last.endswith("y"):
        return f"{head}{cut}{last[:-1]}ieth"
    return f"{head}{cut}{ORDINALS.get(last, last.removesuffix('t') + 'th')}"


def digits(number: str) -> str:
    """Say each digit."""
    return " ".join(ONES[int(digit)] for digit in number if digit.isdigit())


def quantity(number: str) -> str:
    """Say a number with commas or a decimal point."""
    whole, point, decimals = number.replace(",", "").partition(".")
    long = len(whole) > MAX_READ_DIGITS or (len(whole) > 1 and whole.startswith("0"))
    said = digits(whole) if long else cardinal(int(whole))
    return f"{said} point {digits(decimals)}" if point else said


def year(number: int) -> str:
    """Say a year: 1999 is nineteen ninety-nine, 2005 two thousand five."""
    century, rest = divmod(number, 100)
    if number < 1000 or 2000 <= number < 2010 or century % 10 == 0 and not rest:
        return cardinal(number)
    if not rest:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def _date(month: str, day: str, of_year: str | None) -> str | None:
    name = MONTHS[int(month) - 1] if month.isdigit() and 1 <= int(month) <= 12 else month
    if name.isdigit() or not 1 <= int(day) <= 31:
        return None
    full = next(known for known in MONTHS if known.startswith(name[:3]))
    return f"{full} {ordinal(int(day))}" + (f", {year(int(of_year))}" if of_year else "")


def _moment(match: re.Match[str]) -> str | None:
    date = _date(match[2], match[3], match[1])
    return f"{date}, " if date else None


def _time(match: re.Match[str]) -> str | None:
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    half = (match[4] or "").replace(".", "").upper()
    if hour > 24 or minute > 59 or second > 59:
        return None
    said = cardinal(hour)
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    elif not half:
        said += " o'clock" if hour <= 12 else " hundred"
    if second:
        said += f" and {cardinal(second)} second{'s' if second > 1 else ''}"
    return f"{said} {' '.join(half)}".strip()


def _money(currency: str, amount: str, scale: str | None) -> str:
    one, many, small_one, small_many = table("en")["currencies"][currency]
    amount = amount.replace(",", "")
    if scale:
        scale = {"k": "thousand", "m": "million", "bn": "billion"}.get(scale.lower(), scale)
        return f"{quantity(amount)} {scale} {many}"
    whole, _, cents = amount.partition(".")
    if len(cents) > 2:
        return f"{quantity(amount)} {many}"
    said = f"{quantity(whole)} {one if int(whole) == 1 else many}"
    count = int(cents.ljust(2, "0")) if cents else 0
    small = f"{cardinal(count)} {small_one if count == 1 else small_many}"
    if not count:
        return said
    return small if not int(whole) else f"{said} and {small}"


def _measure(match: re.Match[str]) -> str:
    one, many = _units(match)
    return f"{_signed(match)} {one if match[2] == '1' and not match[1] else many}"


def _measures(match: re.Match[str]) -> str:
    return f"{_signed(match)} to {quantity(match[3])} {_units(match)[1]}"


def _units(match: re.Match[str]) -> tuple[str, str]:
    """Return the unit found as it is said of one and of many."""
    one, many = table("en")["units"][match[match.lastindex or 0]]
    return one, many


def _signed(match: re.Match[str]) -> str:
    return ("minus " if match[1] else "") + quantity(match[2])


def _inches(match: re.Match[str]) -> str | None:
    """Say 5in or 5": where a mark of quotation is open, it is closed by the same sign."""
    if match[2] == '"' and (match.string.count('"', 0, match.start()) % 2 or len(match[1]) > 2):
        return None
    return f"{quantity(match[1])} inch{'' if match[1] == '1' else 'es'}"


def _dotted(match: re.Match[str]) -> str:
    parts = match[0].split(".")
    return (" dot " if len(parts) == 4 else " point ").join(map(quantity, parts))


def _phone(match: re.Match[str]) -> str | None:
    groups = re.findall(r"\d+", match[0])
    if not 7 <= sum(map(len, groups)) <= 15:
        return None
    return ("plus " if match[0].startswith("+") else "") + ", ".join(digits(group) for group in groups)


def _span(match: re.Match[str]) -> str:
    low, high = match[1], match[2]
    if all(re.fullmatch("1[1-9]..|20..", end) for end in (low, high)):
        return f"{year(int(low))} to {year(int(high))}"
    return f"{quantity(low)} to {quantity(high)}"


def _fraction(match: re.Match[str]) -> str:
    whole, above, below = match[1], int(match[2]), int(match[3])
    if 0 < above < below:
        part = f"{cardinal(above)} {ordinal(below).removeprefix('one ')}{'s' if above > 1 else ''}"
    else:
        part = f"{cardinal(above)} over {cardinal(below)}"
    part = FRACTIONS.get(f"{above}/{below}", part)
    return f"{cardinal(int(whole))} and {part}" if whole else part


def _fraction_sign(match: re.Match[str]) -> str:
    above, below = SIGNS[match[2]].split("/")
    part = FRACTIONS.get(SIGNS[match[2]]) or f"{ONES[int(above)]} {ordinal(int(below))}{'s' if above != '1' else ''}"
    return f"{quantity(match[1])} and {part}" if match[1] else part


def _roman(letters: str) -> int:
    values = [ROMAN[letter] for letter in letters]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))


def _decade(match: re.Match[str]) -> str | None:
    if len(match[1]) == 2 and match[1] not in AGES and not OF_AN_AGE.search(match.string[: match.start()]):
        return None  # a 10s timeout
    said = year(int(match[1])) if len(match[1]) == 4 else cardinal(int(match[1]))
    return said[:-1] + "ies" if said.endswith("y") else said + "s"


def _address(match: re.Match[str]) -> str:
    said = match[0].replace("@", " at ").replace(".", " dot ").replace("://", " ").replace("/", " slash ")
    return said.replace("www", "w w w").replace("https", "").strip()


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of English, the most particular first."""
    known = table("en")
    currencies, short = any_of(known["currencies"]), known["abbreviations"]
    apart = [unit for unit in known["units"] if unit not in TOUCHING]
    units = rf"(?:\s?({any_of(apart)})|({any_of(TOUCHING)}))(?![\w²³])"
    return (
        rule(ADDRESS, _address, re.ASCII),
        rule(r"\b(\d{4})([-/])(\d{1,2})\2(\d{1,2})\b", lambda m: _date(m[3], m[4], m[1])),
        rule(r"\b(\d{4})-(\d\d)-(\d\d)T(?=\d\d:)", _moment),
        rule(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b", lambda m: _date(m[1], m[2], m[3])),
        rule(rf"\b{MONTH}\s(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(\d{{4}}))?\b", lambda m: _date(m[1], m[2], m[3])),
        rule(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s{MONTH}(?:,?\s(\d{{4}}))?(?!\w)", lambda m: _date(m[2], m[1], m[3])),
        rule(r"(?<=\d)\s?[-–—~]\s?(?=\d{1,2}:\d\d)", lambda m: " to "),
        rule(r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2}))?(?!:?\d)(?:\s?([ap]\.?m\b\.?))?", _time, re.IGNORECASE),
        rule(r"\b(\d{1,2})()()\s?([ap]\.?m\b\.?)", _time, re.IGNORECASE),
        rule(r"\b(\d{1,3}):(\d{1,3})\b(?!:)", lambda m: f"{cardinal(int(m[1]))} to {cardinal(int(m[2]))}"),
        rule(rf"{BEFORE_NUMBER}[-−](?=(?:{currencies})\s?\d)", lambda m: "minus "),
        rule(
            rf"({currencies})\s?{NUMBER}{SPAN}(?:\1\s?)?{NUMBER}(?!\d){SCALE}",
            lambda m: f"{quantity(m[2])} to {_money(m[1], m[3], m[4])}",
        ),
        rule(rf"({currencies})\s?{NUMBER}{SCALE}", lambda m: _money(m[1], m[2], m[3])),
        rule(r"\+\d[\d -]{6,17}\d\b|\(\d{3}\) ?\d{3}-\d{4}\b|\b\d{3}-\d{3,4}(?:-\d{4})?\b(?!-)", _phone),
        rule(r"\b\d{3}\.\d{3}\.\d{4}\b", _phone),
        rule(DOTTED, _dotted),
        rule(SUBTRACTED, lambda m: " minus "),
        rule(r"\b([12]\d\d0|[1-9]0)['’]?s\b", _decade),
        rule(rf"{BEFORE_NUMBER}([-−]?){NUMBER}\s?(?:%|percent\b)", lambda m: f"{_signed(m)} percent"),
        rule(rf"{BEFORE_NUMBER}([-−]?){NUMBER}{SPAN}{NUMBER}{units}", _measures),
        rule(rf"\b{NUMBER}{SPAN}{NUMBER}(?=\s?%|\b)(?![-/]\d|\s?=)", _span),
        rule(rf"{BEFORE_NUMBER}([-−]?){NUMBER}{units}", _measure),
        rule(rf"{BEFORE_NUMBER}{NUMBER}(\"|″|in\b\.?|\sin\.(?=\s[a-z]))", _inches),
        rule(r"\b(\d{1,3}(?:,\d{3})*|\d+)(?:st|nd|rd|th)\b", lambda m: ordinal(int(m[1].replace(",", "")))),
        rule(r"\b(?:(\d{1,3})\s)?(\d{1,4})/(\d{1,4})\b(?!/)", _fraction),
        rule(rf"(?:{BEFORE_NUMBER}(\d+)\s?)?([{''.join(SIGNS)}])", _fraction_sign),
        rule(r"\b(\d)['′](\d{1,2})(?:\"|″|'')", lambda m: f"{cardinal(int(m[1]))} foot {cardinal(int(m[2]))}"),
        rule(rf"\b({KINGS})\s(?!I\b)([IVX]+)\b", lambda m: f"{m[1]} the {ordinal(_roman(m[2]))}"),
        rule(rf"\b({PARTS})\s(?!I\b)([IVX]+)\b", lambda m: f"{m[1]} {cardinal(_roman(m[2]))}"),
        rule(r"\bNo\.\s?(?=\d)", lambda m: "number "),
        rule(r"#\s?(?=\d)", lambda m: "number "),
        rule(r"\bv(?=\d+\.)", lambda m: "version "),
        rule(r"\bSt\.(?=\s[A-Z])", lambda m: "Saint"),
        rule(r"(?<=[a-z]\s)St\.(?=\W|$)", lambda m: "Street"),
        rule(rf"(?<![\w.])({any_of([key for key in short if key != 'No.'])})(?!\w)", lambda m: short[m[1]]),
        rule(r"\b(1[5-9]\d\d|20\d\d)\b(?![.,]?\d)", lambda m: year(int(m[1]))),
        rule(r"\b(\d+)[x×](?=\s)", lambda m: f"{quantity(m[1])} times"),
        rule(rf"{BEFORE_NUMBER}([-−]?){NUMBER}{AFTER_NUMBER}", _signed),
        rule(NUMBER, lambda m: f" {quantity(m[1])} "),
        rule(r"\s?&\s?", lambda m: " and "),
        rule(r"\s?=\s?", lambda m: " equals "),
        rule(r"\s?\+\s?", lambda m: " plus "),
        rule(r"\s?@\s?", lambda m: " at "),
        rule(r"\s?%", lambda m: " percent"),
        rule(r"\s?[×*]\s?(?=\d)", lambda m: " times "),
    )
