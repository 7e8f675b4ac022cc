"""Pictures of tables read back: drawn by Pillow and by matplotlib, ruled and plain, leaning, with gaps."""

import io
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from vivavoce.engines.see.layout import Line
from vivavoce.engines.tables.read_image import TableFromImage, to_cells
from vivavoce.errors import NothingFound, UsageError
from vivavoce.media.text import Text

CITIES = [
    ["City", "Year", "Rain", "Note"],
    ["Paris", "2019", "7", "wet"],
    ["New York", "2020", "12.5", "ok"],
    ["Rome", "2021", "1,234", "dry"],
    ["Oslo", "", "-4", "no snow"],
]
CHINESE = [
    ["城市", "年份", "雨量", "备注"],
    ["北京", "2019", "7", "湿润"],
    ["上海市区", "2020", "12.5", "很好"],
    ["广州", "2021", "3", "干燥"],
    ["深圳", "", "-4", "无雪"],
]
CITY_ROWS = (
    ("Paris", 2019, 7, "wet"),
    ("New York", 2020, 12.5, "ok"),
    ("Rome", 2021, 1234, "dry"),
    ("Oslo", None, -4, "no snow"),
)
CHINESE_ROWS = (
    ("北京", 2019, 7, "湿润"),
    ("上海市区", 2020, 12.5, "很好"),
    ("广州", 2021, 3, "干燥"),
    ("深圳", None, -4, "无雪"),
)


@pytest.mark.parametrize("ruled", [False, True])
@pytest.mark.parametrize(("rows", "expected"), [(CITIES, CITY_ROWS), (CHINESE, CHINESE_ROWS)])
def test_a_drawn_table_is_read_back(extract, draw_table, rows, expected, ruled):
    table = extract(draw_table(rows, ruled=ruled))
    assert table.columns == tuple(rows[0])
    assert table.rows == expected


@pytest.mark.parametrize("degrees", [-2, 2])
@pytest.mark.parametrize(("rows", "expected"), [(CITIES, CITY_ROWS), (CHINESE, CHINESE_ROWS)])
def test_a_leaning_table_is_read_back(extract, draw_table, rows, expected, degrees):
    upright = PIL.Image.fromarray(draw_table(rows, column=220))
    turned = upright.rotate(degrees, expand=True, fillcolor="white", resample=PIL.Image.Resampling.BICUBIC)
    assert extract(np.asarray(turned)).rows == expected


def test_a_dark_table_with_a_title_and_jpeg_noise_is_read_back(extract, draw_table):
    pixels = draw_table(CITIES, title="Weather in May", ground="#101820", ink="#f0f0f0", column=190)
    squeezed = io.BytesIO()
    PIL.Image.fromarray(pixels).save(squeezed, "JPEG", quality=75)
    table = extract(np.asarray(PIL.Image.open(squeezed)))
    assert table.title == "Weather in May"
    assert table.rows == CITY_ROWS


def test_a_table_by_matplotlib_is_read_back(extract):
    figure = Figure(figsize=(7, 3), dpi=110)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    drawn = axes.table([row[:3] for row in CITIES[1:]], colLabels=CITIES[0][:3], loc="center", cellLoc="right")
    drawn.set_fontsize(14)
    drawn.scale(0.9, 2)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    table = extract(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    assert table.columns == ("City", "Year", "Rain")
    assert table.rows == tuple(row[:3] for row in CITY_ROWS)


def test_a_column_that_is_almost_empty_stays_a_column(extract, draw_table):
    rows = [["Name", "Points", "Remark"], *[[f"Team {n}", str(n * 11), ""] for n in range(1, 7)]]
    rows[3][2] = "winner"
    table = extract(draw_table(rows, column=200))
    assert table.columns == ("Name", "Points", "Remark")
    assert [row[2] for row in table.rows] == [None, None, "winner", None, None, None]
    assert [row[1] for row in table.rows] == [11, 22, 33, 44, 55, 66]


@pytest.mark.parametrize("rows", [[["Only one line of words"]], [["one"], ["column"], ["of"], ["words"]]])
def test_what_is_no_table_is_refused(extract, draw_table, rows):
    with pytest.raises(NothingFound, match="no table on the picture"):
        extract(draw_table(rows, column=400))


def test_an_empty_picture_is_refused(extract):
    with pytest.raises(NothingFound):
        extract(np.full((50, 50, 3), 255, np.uint8))


def line(text, left, top, width, height=20):
    right = left + width
    corners = np.array([(left, top), (right, top), (right, top + height), (left, top + height)], np.float32)
    return Line(text, 0.9, corners)


def test_cells_read_as_one_line_are_parted_by_their_places():
    lines = [line(f"{word} {n}", 100 * place, 30 * n, 60) for n in range(5) for place, word in enumerate("abc")]
    merged = [item for item in lines if item.text not in ("a 4", "b 4")] + [line("aaaaaa bbbbbb", 0, 120, 160)]
    _, cells = to_cells(merged)
    assert cells[4] == ["aaaaaa", "bbbbbb", "c 4"]


def test_chinese_cells_read_as_one_upright_line_are_parted():
    rows = [("地区", "好坏"), ("北京", "好"), ("上海", "坏"), ("广州", "好")]
    lines = [line(words[0], 0, 40 * n, 60, 30) for n, words in enumerate(rows)]
    lines += [line("好坏", 200, 0, 60, 30), line("好坏好", 200, 40, 32, 110)]
    assert to_cells(lines)[1] == [list(row) for row in rows]


def test_numbers_alone_are_no_header():
    lines = [line(str(place + 10 * n), 100 * place, 30 * n, 30) for n in range(3) for place in (1, 2)]
    assert to_cells(lines)[1][0] == ["", ""]


def test_signs_and_full_width_digits_become_plain_numbers():
    rows = [["x", "y"], ["a", "−4"], ["b", "１２"], ["c", "1 234.5"], ["d", "|7|"]]
    lines = [line(cell, 200 * place, 30 * n, 60) for n, row in enumerate(rows) for place, cell in enumerate(row)]
    assert [row[1] for row in to_cells(lines)[1]] == ["y", "-4", "12", "1234.5", "7"]


def test_text_is_refused():
    with TableFromImage().open("cpu") as extractor, pytest.raises(UsageError):
        extractor(Text("a,b\n1,2"))


def test_importing_the_engine_loads_no_models():
    code = "import sys, vivavoce.engines.tables.read_image; print('rapidocr' in sys.modules, 'cv2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
