"""How numbers, dates, money and units are said in Chinese."""

import re
from functools import cache

from vivavoce.engines.speak.rewrite import ADDRESS, DOTTED, SUBTRACTED, Rule, any_of, rule, table

DIGITS = "零一二三四五六七八九"
ON_THE_TELEPHONE = str.maketrans("0123456789", "零幺二三四五六七八九")
NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
SIGN = r"([-−－]?)"
START = r"(?<![\dA-Za-z.,])"
MAX_READ_DIGITS = 16  # longer numbers are read digit by digit
HOTLINES = "110|114|119|120|122|12306|12315|12345|10000|10010|10086|95588"
# What stands before a number that is called, or before a number of the post; else each may be a quantity.
CALLED = re.compile(
    r"(?:拨打?|[拨打]了|打|热线|电话|客服|致电|呼叫|报警|急救|号码|投诉|咨询)[是为：:\s“\"]*(?:\d+[、或和及跟与]\s?)*$"
)
CALLED_AFTER = ("热线", "客服", "电话", "急救", "报警")
POSTED = re.compile(r"邮(?:编|政编码)[是为：:\s]*$")
SPAN = r"\s?[~～至到—–-]\s?"
# Words of measure, before which 2 is 两.
MEASURE = (
    r"(?:[个只本天位名条张件次种人块瓶杯家间头辆台套双对支首句岁倍篇米周口份]|年(?![0-9代级])|点(?!\d\b)"
    r"|公里|小时|分钟|公斤)"
)
SYMBOLS = {"+": "加", "=": "等于", "×": "乘以", "÷": "除以", "&": "和", "%": "百分号", "±": "正负", "≈": "约等于"}


def cardinal(number: int) -> str:
    """Say a whole number below 10^16: 20015 is 两万零一十五."""
    groups = []
    for unit in ("", "万", "亿", "万亿"):
        number, group = divmod(number, 10_000)
        groups.append((group, unit))
    said, gap = "", False
    for group, unit in reversed(groups):
        if not group:
            gap = bool(said)
            continue
        said += ("零" if said and (gap or group < 1000) else "") + _group(group, leading=not said) + unit
        gap = False
    if said.startswith("一十"):
        said = said[1:]
    return (re.sub(r"^二(?=[千万亿])", "两", said)) or "零"


def _group(number: int, *, leading: bool) -> str:
    said, gap = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if not digit:
            gap = bool(said)
            continue
        two = "两" if digit == 2 and size >= 100 and leading and not said else DIGITS[digit]
        said += ("零" if gap else "") + two + unit
        gap = False
    return said


def digits(number: str) -> str:
    """Say each digit."""
    return "".join(DIGITS[int(digit)] for digit in number if digit.isdigit())


def quantity(number: str, *, measured: bool = False) -> str:
    """Say a number with commas or a decimal point; a 2 that is `measured` is 两."""
    whole, point, decimals = number.replace(",", "").partition(".")
    long = len(whole) > MAX_READ_DIGITS or (len(whole) > 1 and whole.startswith("0"))
    said = digits(whole) if long else cardinal(int(whole))
    if point:
        return f"{said}点{digits(decimals)}"
    return "两" if measured and said == "二" else said


def _signed(match: re.Match[str], *, measured: bool = False) -> str:
    return ("负" if match[1] else "") + quantity(match[2], measured=measured)


def _bare(amount: str) -> str:
    """Return an amount of money without the zeros at its end: 3.00 is 3."""
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def _date(of_year: str, month: str, day: str) -> str | None:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return f"{digits(of_year)}年{cardinal(int(month))}月{cardinal(int(day))}日"


def _time(match: re.Match[str]) -> str | None:
    hour, minute, second = int(match[1]), int(match[2]), match[3]
    if hour > 24 or minute > 59:
        return None
    said = ("两" if hour == 2 else cardinal(hour)) + "点"
    if minute or second:
        said += ("零" if 0 < minute < 10 else "") + cardinal(minute) + "分"
    return said + (f"{'零' if 0 < int(second) < 10 else ''}{cardinal(int(second))}秒" if second else "")


def _temperature(match: re.Match[str]) -> str:
    return ("零下" if match[1] else "") + quantity(match[2]) + str(table("zh")["units"].get(match[3], match[3]))


def _measure(match: re.Match[str]) -> str:
    return _signed(match, measured=True) + str(table("zh")["units"][match[3]])


def _speed(match: re.Match[str]) -> str:
    each, unit = table("zh")["speeds"][match[2]]
    return f"{each}{quantity(match[1], measured=True)}{unit}"


def _money(match: re.Match[str]) -> str:
    unit = str(table("zh")["currencies"][match[1]])
    return quantity(_bare(match[2]), measured=True) + (match[3] or "") + unit


def _amount(match: re.Match[str]) -> str:
    return ("负" if match[1] else "") + quantity(_bare(match[2]), measured=not match[2].startswith("0"))


def _telephone(match: re.Match[str]) -> str:
    return ("加" if match[0].startswith("+") else "") + re.sub(r"[^\d]", "", match[0]).translate(ON_THE_TELEPHONE)


def _hotline(match: re.Match[str]) -> str | None:
    alone = match.string.strip(" 。！？，!?,.") == match[0]
    called = CALLED.search(match.string[: match.start()]) or match.string.startswith(CALLED_AFTER, match.end())
    return _telephone(match) if alone or called else None


def _postcode(match: re.Match[str]) -> str | None:
    return digits(match[0]) if POSTED.search(match.string[: match.start()]) else None


def _dotted(match: re.Match[str]) -> str:
    parts = match[0].split(".")
    return "点".join(map(digits if len(parts) == 4 else quantity, parts))


def _address(match: re.Match[str]) -> str:
    said = re.sub(r"https?://", "", match[0]).replace("@", " at ").replace(".", "点").replace("/", "斜杠")
    return re.sub(r"\d", lambda digit: digits(digit[0]), said)


def _percents(match: re.Match[str]) -> str:
    low, high = (("负" if match[at] else "") + "百分之" + quantity(match[at + 1]) for at in (1, 3))
    return f"{low}到{high}"


def _span(match: re.Match[str]) -> str:
    low, high = match[1], match[2]
    after = match.string[match.end() : match.end() + 1]
    if after == "年" and len(low) == len(high) == 4:
        return f"{digits(low)}到{digits(high)}"
    measured = re.match(MEASURE, match.string[match.end() :]) is not None
    return f"{quantity(low, measured=measured)}到{quantity(high, measured=measured)}"


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of Chinese, the most particular first."""
    known = table("zh")
    units, currencies, speeds = (any_of(known[key]) for key in ("units", "currencies", "speeds"))
    return (
        rule(ADDRESS, _address, re.ASCII),
        rule(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", lambda m: _date(m[1], m[2], m[3])),
        rule(r"(?<!\d)(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)", lambda m: _date(m[3], m[1], m[2]) or _date(m[3], m[2], m[1])),
        rule(DOTTED, _dotted),
        rule(r"(?<!\d)\d{4}(?=年代)", lambda m: digits(m[0])),
        rule(r"(?<!\d)(\d{4}|\d{2})(?=年(?!代|前|后|来|以|间|内|级|轻|的|龄|了))", _year),
        rule(r"(?<=\d)\s?[-–—~]\s?(?=\d{1,2}:\d\d)", lambda m: "到"),
        rule(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?(?![\d:])", _time),
        rule(rf"({currencies})\s?{NUMBER}([万亿千]*)(?:元|美元|欧元|英镑|块)?", _money),
        rule(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)", _telephone),
        rule(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)|(?<!\d)[48]00-\d{3,4}-\d{3,4}(?!\d)", _telephone),
        rule(rf"(?<![\d第.,])(?:{HOTLINES})(?![\d.,]\d|\d|{MEASURE}|[元万亿])", _hotline),
        rule(r"(?<!\d)\d{6}(?!\d)", _postcode),
        rule(SUBTRACTED, lambda m: "减"),
        rule(rf"{START}{SIGN}{NUMBER}\s?[%％]?{SPAN}{SIGN}{NUMBER}\s?[%％]", _percents),
        rule(rf"{START}{SIGN}{NUMBER}\s?[%％]", lambda m: ("负" if m[1] else "") + "百分之" + quantity(m[2])),
        rule(rf"{START}{SIGN}{NUMBER}\s?(℃|°C)?{SPAN}{SIGN}{NUMBER}\s?(℃|°C)", _temperatures),
        rule(rf"{START}{NUMBER}\s?[~～—–-]\s?{NUMBER}(?![-\d.]|\s?=)", _span),
        rule(rf"{START}{SIGN}{NUMBER}(?=\s?(?:元|块|[美欧日]元|英镑))", _amount),
        rule(rf"{START}{SIGN}{NUMBER}\s?(℃|°C|°F|(?<=\d)度)", _temperature),
        rule(rf"{START}{NUMBER}\s?({speeds})(?![A-Za-z])", _speed),
        rule(rf"{START}{SIGN}{NUMBER}\s?({units})(?![A-Za-z0-9²³])", _measure),
        rule(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?![\d/])", lambda m: f"{quantity(m[2])}分之{quantity(m[1])}"),
        rule(r"(?<!\d)(\d{1,3})[:：](\d{1,3})(?!\d)", lambda m: f"{quantity(m[1])}比{quantity(m[2])}"),
        rule(r"No\.\s?(?=\d)", lambda m: "第"),
        rule(r"(?<=[A-Za-z])\d+(?=[A-Za-z])", lambda m: digits(m[0])),
        rule(rf"{START}{SIGN}{NUMBER}(?={MEASURE})", lambda m: _signed(m, measured=not _ordered(m))),
        rule(rf"{START}{SIGN}{NUMBER}(?!\d)", _signed),
        rule(NUMBER, lambda m: quantity(m[1])),
        rule("[" + re.escape("".join(SYMBOLS)) + "]", lambda m: SYMBOLS[m[0]]),
        rule(r"(?<=[\d])\s?[*xX]\s?(?=\d)", lambda m: "乘以"),
    )


def _ordered(match: re.Match[str]) -> bool:
    return match.string[: match.start()].endswith("第")


def _year(match: re.Match[str]) -> str | None:
    lone = len(match[1]) == 2  # 98年 is a year, 20年 mostly a time
    return None if lone and match[1] < "49" else digits(match[1])


def _temperatures(match: re.Match[str]) -> str:
    low, high = ("零下" if match[1] else "") + quantity(match[2]), ("零下" if match[4] else "") + quantity(match[5])
    return f"{low}到{high}摄氏度"
