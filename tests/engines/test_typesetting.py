import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.engines.fonts import font_path
from vivavoce.engines.typesetting import (
    PALETTES,
    Paragraph,
    balanced,
    face,
    fit,
    lay_out,
    time_code,
    units,
    wrap,
)

LATIN, CHINESE = (
    "The quick brown fox jumps over the lazy dog, and then over the fence. ",
    "他说：“你好！”（然后走了）……没有人回答《问题》。",
)


def font(text, size=32):
    return face(font_path(text), size)


@pytest.mark.parametrize("text", [LATIN * 3, CHINESE * 4, "混合 mixed 文字 with spaces，和标点 (punctuation)。" * 3])
@pytest.mark.parametrize("width", [120, 333, 900])
def test_lines_keep_all_letters_and_fit_the_width(text, width):
    lines = wrap(text, font(text), width)
    assert "".join("".join(line.split()) for _, line in lines) == "".join(text.split())
    assert max(font(text).getlength(line) for _, line in lines) <= width + 1
    assert all(text[start : start + len(line)] == line for start, line in lines)


@pytest.mark.parametrize("width", range(140, 460, 13))
def test_no_line_begins_with_closing_or_ends_with_opening_punctuation(width):
    lines = [line for _, line in wrap(CHINESE * 5, font(CHINESE), width)]
    assert len(lines) > 3
    assert not [line for line in lines[1:] if line[0] in "，。！？：；、）》”…"]
    assert not [line for line in lines if line[-1] in "（《“"]


def test_a_word_wider_than_the_line_is_broken():
    lines = wrap("Donaudampfschifffahrtsgesellschaft", font("D"), 150)
    assert len(lines) > 2
    assert "".join(line for _, line in lines) == "Donaudampfschifffahrtsgesellschaft"


def test_english_words_inside_chinese_stay_whole():
    assert [unit.strip() for unit in units("版本v0.1 is-ready了。")] == ["版", "本", "v0.1", "is-ready", "了。"]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab c你好，。“”（）…—!?.\u3000"), max_size=80), st.integers(20, 300))
def test_units_lose_nothing_but_spaces(text, width):
    assert "".join("".join(units(text)).split()) == "".join(text.split())
    kept = "".join(line for _, line in wrap(text, face(font_path("你"), 20), width))
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize("count", [1, 4, 20])
def test_text_is_set_as_large_as_the_box_allows(count):
    paragraphs = [Paragraph(LATIN.strip())] * count
    block = fit(paragraphs, (800, 600), 200, 10)
    assert block.height <= 600 and not block.cut
    assert lay_out(paragraphs, 800, block.size + 2).height > 600


@pytest.mark.parametrize(("text", "end"), [(LATIN * 80, "fence. …"), (CHINESE * 200, "……"), ("word " * 900, "word …")])
def test_text_too_long_for_the_box_is_cut_after_a_sentence_or_word(text, end):
    block = fit([Paragraph(text)], (600, 300), 60, 20)
    assert block.cut and block.height <= 300
    assert max(line.width for line in block.lines) <= 601
    shown = " ".join(line.text for line in block.lines)
    assert shown.rstrip("… ") and shown.rstrip(" …").endswith(end.rstrip(" …")) and shown.endswith("…")


def test_a_book_costs_no_more_than_a_page():
    block = fit([Paragraph("word " * 300_000)], (600, 300), 60, 20)
    assert block.cut and len(block.lines) < 20


def test_a_long_word_is_set_smaller_rather_than_broken():
    block = fit([Paragraph("Incomprehensibilities everywhere")], (500, 500), 200, 8)
    assert [line.text for line in block.lines] == ["Incomprehensibilities", "everywhere"]


def test_balanced_lines_are_about_equally_long():
    paragraph = Paragraph("There is iron, they say, in all our blood, and a grain or two")
    greedy, even = lay_out([paragraph], 700, 40), balanced(paragraph, 700, 40)
    assert len(greedy.lines) == len(even.lines) == 2
    spread = [abs(block.lines[0].width - block.lines[1].width) for block in (greedy, even)]
    assert spread[1] < spread[0] / 2


def test_paragraphs_without_visible_letters_keep_their_number():
    block = fit([Paragraph("one"), Paragraph("🦄"), Paragraph("three")], (400, 400), 40, 10)
    assert [line.paragraph for line in block.lines] == [0, 2]


@pytest.mark.parametrize("theme", PALETTES)
def test_text_stands_out_from_the_ground_in_every_theme(theme):
    def luminance(colour):
        parts = [(c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4) for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    def contrast(one, other):
        high, low = sorted((luminance(one), luminance(other)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    palette = PALETTES[theme]
    assert contrast(palette.ink, palette.ground) >= 7  # WCAG AAA
    assert contrast(palette.accent, palette.ground) >= 4.5
    assert contrast(palette.muted, palette.ground) >= 3  # large letters


@pytest.mark.parametrize(("seconds", "code"), [(0, "0:00"), (9.99, "0:09"), (75, "1:15"), (3723, "1:02:03")])
def test_times_are_written_as_on_a_clock(seconds, code):
    assert time_code(seconds) == code
