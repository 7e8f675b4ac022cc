"""Charts show what the table holds: read back by OCR, looked at by colour, drawn from several threads."""

import datetime
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from vivavoce.engines.options import THEMES, DrawOptions
from vivavoce.engines.tables.chart import MatplotlibChart
from vivavoce.engines.tables.marks import exact_number, short_number
from vivavoce.engines.tables.style import SERIES_COLOURS, _hex, style_of
from vivavoce.engines.typesetting import PALETTES
from vivavoce.media.table import Table, typed_table

WEATHER = typed_table(
    [["City", "Rain", "Sunny hours"], ["Paris", "63.7", "52"], ["New York", "112.5", "67"], ["Rome", "", "81"]],
    "Weather in May",
)
CITIES = typed_table(
    [["城市", "人口（万）", "面积"], ["北京", "2189", "16410"], ["上海", "2487", "6340"], ["广州", "1867", "7434"]],
    "中国的大城市",
)
YEARS = typed_table(
    [["year", "sales", "staff"], *[[str(2016 + n), str(52_000 + 117 * n), str(31 + n * n % 7)] for n in range(6)]]
)
LONG = typed_table(
    [
        ["department", "spent"],
        ["Research and new products", "91"],
        ["Human resources", "-35"],
        ["Facilities and maintenance", "58"],
        ["Marketing and sales", "77"],
    ]
)
WORDS = typed_table([["Name", "Town"], ["Ann Smith", "Hamburg"], ["Bob Jones", "Kyoto"]], "Our people")


def draw(table, **options):
    with MatplotlibChart().open("cpu") as chart:
        return chart(table, DrawOptions(**options))


def share(image, colour):
    """Return the share of pixels of a colour written as #rrggbb."""
    rgb = np.array(list(bytes.fromhex(colour[1:])), np.int16)
    return float((np.abs(image.pixels.astype(np.int16) - rgb).max(axis=2) <= 6).mean())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("table", [WEATHER, CITIES, YEARS, LONG], ids=["weather", "cities", "years", "long"])
def test_a_chart_shows_labels_and_values(read_lines, table, theme):
    read = read_lines(draw(table, theme=theme).pixels)
    everything = "|".join(read)
    expected = [table.title, *(str(cell) for row in table.rows for cell in row[:1])]
    for words in expected:
        assert "".join(words.split()) in everything, words
    values = [exact_number(cell) for row in table.rows for cell in row[1:] if cell is not None]
    missing = [value for value in values if value not in everything]
    assert missing == []


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (800, 600)])
def test_a_chart_has_the_size_asked_for(size):
    width, height = size
    assert draw(WEATHER, width=width, height=height).pixels.shape == (height, width, 3)


@pytest.mark.parametrize("size", [(64, 48), (3000, 150), (120, 1600)])
def test_odd_sizes_work(size):
    width, height = size
    for table in (WEATHER, YEARS, LONG, WORDS):
        assert draw(table, width=width, height=height).pixels.shape == (height, width, 3)


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_colours_ground_and_marks(theme):
    image = draw(WEATHER, theme=theme)
    assert share(image, _hex(PALETTES[theme].ground)) > 0.5
    assert share(image, SERIES_COLOURS[theme][0]) > 0.02
    assert share(image, SERIES_COLOURS[theme][1]) > 0.02


def test_a_gap_has_no_bar():
    colour = SERIES_COLOURS["light"][0]
    full = draw(typed_table([["a", "b"], ["x", "5"], ["y", "5"], ["z", "5"]]))
    gap = draw(typed_table([["a", "b"], ["x", "5"], ["y", ""], ["z", "5"]]))
    assert share(gap, colour) == pytest.approx(share(full, colour) * 2 / 3, rel=0.05)


def test_a_gap_breaks_a_line():
    colour = SERIES_COLOURS["light"][0]
    rows = [[str(2000 + n), "5"] for n in range(9)]
    full = draw(typed_table([["year", "b"], *rows]))
    rows[4][1] = ""
    gap = draw(typed_table([["year", "b"], *rows]))
    assert share(gap, colour) < 0.9 * share(full, colour)


def test_bars_are_as_long_as_their_values():
    image = draw(typed_table([["a", "b"], ["x", "10"], ["y", "40"]]))
    rgb = np.array(list(bytes.fromhex(SERIES_COLOURS["light"][0][1:])), np.int16)
    painted = (np.abs(image.pixels.astype(np.int16) - rgb).max(axis=2) <= 6).sum(axis=0)
    heights = [height for height in painted if height > 20]
    assert max(heights) / min(heights) == pytest.approx(4, rel=0.03)


@pytest.mark.slow
def test_many_rows_say_what_was_left_out(read_lines):
    day = datetime.date(2020, 1, 1)
    daily = [["date", "value"], *[[str(day + datetime.timedelta(n)), str(n % 50)] for n in range(900)]]
    assert "(900rows,averagedingroupsof5)" in "".join(read_lines(draw(typed_table(daily)).pixels))
    players = [["name", "score"], *[[f"player {n}", str(n * 3 % 101 - 50)] for n in range(120)]]
    assert "(the25largestof120rows)" in "".join(read_lines(draw(typed_table(players)).pixels))


def test_a_table_of_words_is_drawn_as_a_table_that_can_be_read_back(extract):
    table = extract(draw(WORDS).pixels)
    assert table.title == "Our people"
    assert table == Table(WORDS.columns, WORDS.rows, "Our people")


@pytest.mark.slow
def test_a_table_that_does_not_fit_says_so(read_lines):
    rows = [[f"Person {n}", "a comment that goes on and on, " * 9] for n in range(80)]
    read = "".join(read_lines(draw(typed_table([["Name", "Comment"], *rows]), width=640, height=320).pixels))
    assert "of80rows,2of2columns" in read
    assert "…" in read or "..." in read


@pytest.mark.parametrize(
    "table",
    [
        Table(("a", "b"), ()),
        Table(("a",), ((1,),)),
        Table(("a", "b"), ((None, None),)),
        Table(("a", "b"), (("x", 0), ("y", 0))),
        Table(("a", "b"), (("x", 1e300), ("y", -1e-300))),
        Table(("a", "b"), (("x", float("inf")), ("y", 10**400))),
        Table(("cost $ and $x_1^2$", "b"), (("$\\frac", 1), ("_^%", 2))),
        Table(("a", "b"), (("", 1), ("😀 emoji", 2))),
        Table(tuple(f"column {n}" for n in range(40)), (tuple(range(40)),) * 3),
        Table(("a", "b"), (("x" * 500, 1), ("y", 2)), "t" * 500),
        Table(("a", "b"), (("中" * 90, 1), ("y", 2)), "标题" * 90),
    ],
)
def test_odd_tables_are_drawn(table):
    image = draw(table)
    assert image.pixels.shape == (720, 1280, 3)
    assert image.pixels.std() > 1


def test_charts_drawn_side_by_side_are_the_same_as_alone():
    tables = [WEATHER, CITIES, YEARS, LONG] * 3
    alone = [draw(table).digest() for table in tables[:4]]
    with MatplotlibChart().open("cpu") as chart, ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda table: chart(table, DrawOptions()).digest(), tables))
    assert together == alone * 3


def test_drawing_leaves_pyplot_alone():
    code = """if True:
        import sys
        from vivavoce.engines.options import DrawOptions
        from vivavoce.engines.tables.chart import MatplotlibChart
        from vivavoce.media.table import Table
        assert "matplotlib" not in sys.modules
        with MatplotlibChart().open("cpu") as chart:
            chart(Table(("a", "b"), (("x", 1), ("y", 2))), DrawOptions())
        print("matplotlib.pyplot" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_numbers_are_written_shortly_on_axes_and_in_full_on_marks():
    assert [exact_number(v) for v in (1234567, 12.5, -4, 0.00001, 3.14159265, 1e15)] == [
        "1,234,567",
        "12.5",
        "-4",
        "1e-05",
        "3.14159",
        "1e+15",
    ]
    assert [short_number(v) for v in (1_500_000, 30_000, 0.05, 2e9, -45_000)] == ["1.5M", "30k", "0.05", "2G", "-45k"]


def test_text_is_cut_to_the_room_there_is():
    style = style_of(WEATHER, "light", 720)
    cut = style.fitted("a very long label that does not fit", 100)
    assert cut.endswith("…")
    assert style.width(cut) <= 100
    assert style.fitted("short", 100) == "short"
