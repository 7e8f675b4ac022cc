"""Reading order, rows, columns and paragraphs, on lines placed by hand."""

import math

import numpy as np
import pytest

from vivavoce.engines.see.layout import Line, join, level, reading_order, rows

HEIGHT = 20


def line(text, left, top, width=None, height=HEIGHT):
    right = left + (width or len(text) * 10)
    corners = np.array([(left, top), (right, top), (right, top + height), (left, top + height)], np.float32)
    return Line(text, 0.9, corners)


def turned(lines, degrees):
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return [Line(item.text, item.confidence, (item.corners @ turn).astype(np.float32)) for item in lines]


def texts(ordered):
    return [[item.line.text for item in row] for row in ordered]


def in_order(lines):
    return texts(reading_order(level(lines)))


def text(lines):
    return join(reading_order(level(lines)))


def two_columns():
    left = [line(f"the left column, line {n}", 0, 30 * n) for n in range(1, 6)]
    right = [line(f"the right column, line {n}", 300, 30 * n) for n in range(1, 6)]
    return left, right


def test_lines_beside_each_other_are_one_row_from_left_to_right():
    assert in_order([line("b", 200, 3), line("c", 0, 40), line("a", 0, 0)]) == [["a", "b"], ["c"]]


@pytest.mark.parametrize("degrees", [-6, -2, 2, 6])
def test_a_page_that_leans_is_levelled(degrees):
    lines = [line(f"cell {row} {column}", 250 * column, 30 * row) for row in range(6) for column in range(4)]
    expected = [[f"cell {row} {column}" for column in range(4)] for row in range(6)]
    assert texts(rows(level(turned(lines, degrees)))) == expected


def test_columns_are_read_one_after_the_other():
    left, right = two_columns()
    shuffled = [item for pair in zip(right, left, strict=True) for item in pair]
    assert in_order(shuffled) == [[item.text] for item in left + right]


def test_a_heading_over_both_columns_comes_first_and_one_between_parts_them():
    left, right = two_columns()
    heading = line("a heading that spans both of the columns", 0, 0, width=520)
    between = line("another heading over both of the columns", 0, 190, width=520)
    below = [
        line(f"below on the {side}, line {n}", x, 200 + 30 * n)
        for n in (1, 2, 3)
        for side, x in (("left", 0), ("right", 300))
    ]
    found = [row[0] for row in in_order([*below, between, *right, heading, *left])]
    assert found[0] == heading.text
    assert found[1:11] == [item.text for item in left + right]
    assert found[11] == between.text
    assert found[12:] == [item.text for item in below[::2] + below[1::2]]


def test_short_cells_are_rows_not_columns():
    cells = [line(word, x, 30 * n) for n in range(6) for x, word in ((0, "Rome"), (200, "12"), (400, "wet"))]
    assert in_order(cells) == [["Rome", "12", "wet"]] * 6


def test_a_wide_gap_in_a_row_stays_visible():
    assert text([line("Total", 0, 0), line("12.50", 400, 0)]) == "Total   12.50"
    assert text([line("two", 0, 0), line("words", 35, 0)]) == "two words"


def test_wrapped_lines_flow_together():
    lines = ["When the rain stopped, the children", "went into the garden to look for", "snails under the leaves."]
    assert text([line(words, 0, 24 * n) for n, words in enumerate(lines)]) == " ".join(lines)


def test_wrapped_chinese_flows_together_without_a_space():
    lines = ["雨停了以后孩子们跑到花园里寻找", "蜗牛他们一共找到了十一只还给每", "只起了名字。"]
    placed = [line(words, 0, 24 * n, width=20 * len(words)) for n, words in enumerate(lines)]
    assert text(placed) == "".join(lines)


def test_a_hyphen_at_the_end_of_a_line_is_taken_out():
    lines = ["a long line of words that is hyphen-", "ated at its end"]
    assert (
        text([line(words, 0, 24 * n) for n, words in enumerate(lines)])
        == "a long line of words that is hyphenated at its end"
    )


def test_items_of_a_list_stay_on_their_lines():
    lines = ["Shopping:", "- milk and honey", "- bread", "- butter"]
    assert text([line(words, 0, 24 * n) for n, words in enumerate(lines)]) == "\n".join(lines)


def test_a_gap_or_larger_letters_begin_a_paragraph():
    lines = [line("HEADING", 0, 0, height=40), line("first.", 0, 50), line("second.", 0, 74), line("later.", 0, 130)]
    assert text(lines) == "HEADING\n\nfirst.\nsecond.\n\nlater."


def test_every_line_is_written_once():
    rng = np.random.default_rng(3)
    lines = [line(f"w{n}", float(x), float(y)) for n, (x, y) in enumerate(rng.uniform(0, 900, (200, 2)))]
    found = [word for row in in_order(lines) for word in row]
    assert sorted(found) == sorted(item.text for item in lines)
