"""Text to a table: each way a table can stand in a text, and what other text becomes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.engines.tables.extract import TableFromText
from vivavoce.errors import NothingFound, UsageError
from vivavoce.media.image import Image
from vivavoce.media.table import Table
from vivavoce.media.text import Segment, Text


def extract(text, language=None):
    with TableFromText().open("cpu") as extractor:
        return extractor(text if isinstance(text, Text) else Text(text, language))


def test_a_markdown_table_among_prose():
    table = extract("""# Costs, in **euros**

Here is what we spent: a lot.

| Item | Price | Paid |
|:-----|------:|:----:|
| **Tea** | 3.50 | true |
| Milk \\| oats | 1,200 |
| `Sugar` | | false |

And that was all.
""")
    assert table.title == "Costs, in euros"
    assert table.columns == ("Item", "Price", "Paid")
    assert table.rows == (("Tea", 3.5, True), ("Milk | oats", 1200, None), ("Sugar", None, False))


def test_a_chinese_markdown_table_without_outer_pipes():
    table = extract("城市 | 人口\n--- | ---\n北京 | 2189\n上海 | 2487")
    assert table == Table(("城市", "人口"), (("北京", 2189), ("上海", 2487)))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimited_lines(delimiter):
    lines = [["city", "year", "rain"], ["Paris", "2019", "7.5"], ["Rome", "2020", ""]]
    table = extract("\n".join(delimiter.join(line) for line in lines))
    assert table == Table(("city", "year", "rain"), (("Paris", 2019, 7.5), ("Rome", 2020, None)))


def test_aligned_columns_with_a_gap_and_words_around():
    table = extract("""The results are in.

Name          Points   City
Ann Smith         12   New York
Bob                    Rome
Christopher        7   Oslo

Thank you for reading this.""")
    assert table.columns == ("Name", "Points", "City")
    assert table.rows == (("Ann Smith", 12, "New York"), ("Bob", None, "Rome"), ("Christopher", 7, "Oslo"))


def test_aligned_chinese_columns_with_a_gap():
    table = extract("姓名    分数  城市\n王小明    12  北京\n李雷          上海")
    assert table == Table(("姓名", "分数", "城市"), (("王小明", 12, "北京"), ("李雷", None, "上海")))


def test_cells_three_spaces_apart_as_read_from_pictures():
    table = extract("City   Rain\nParis   7\nNew York   12.5")
    assert table == Table(("City", "Rain"), (("Paris", 7), ("New York", 12.5)))


def test_pairs_become_rows():
    assert extract("Apples: 3\nPears: 4\nPlums: 5.5") == Table(
        ("item", "value"), (("Apples", 3), ("Pears", 4), ("Plums", 5.5))
    )
    assert extract("姓名：王小明\n城市：北京") == Table(("项目", "内容"), (("姓名", "王小明"), ("城市", "北京")))


def test_pairs_whose_keys_repeat_become_records():
    table = extract("- **Name**: Ann\n- Age: 30\n\n- Name: Bob\n- Age:\n\n- Name: Eve\n- Age: 25")
    assert table == Table(("Name", "Age"), (("Ann", 30), ("Bob", None), ("Eve", 25)))


def test_a_transcript_gives_a_row_for_each_segment():
    segments = [Segment("Hello there.", 0.0, 1.25, confidence=0.9), Segment("Bye.", 1.5, 2.0)]
    assert extract(Text.from_segments(segments, "en")) == Table(
        ("start_s", "end_s", "text", "confidence"), ((0.0, 1.25, "Hello there.", 0.9), (1.5, 2.0, "Bye.", None))
    )


def test_a_chinese_transcript_with_speakers_and_no_confidence():
    segments = [Segment("你好。", 0.0, 1.0, speaker="甲"), Segment("再见。", 1.0, 2.0, speaker="乙")]
    assert extract(Text.from_segments(segments, "zh")) == Table(
        ("开始秒", "结束秒", "说话人", "文字"), ((0.0, 1.0, "甲", "你好。"), (1.0, 2.0, "乙", "再见。"))
    )


def test_prose_gives_a_row_for_each_sentence():
    table = extract("Dr. Lee paid 3.5 euros, or 40%. Then\nshe left.")
    assert table == Table(
        ("number", "sentence", "words", "numbers mentioned"),
        ((1, "Dr. Lee paid 3.5 euros, or 40%.", 7, "3.5; 40%"), (2, "Then she left.", 3, None)),
    )


def test_chinese_prose_gives_a_row_for_each_sentence():
    table = extract("今天有3个人来。你好！")
    assert table.columns == ("序号", "句子", "字数", "提到的数字")
    assert table.rows == ((1, "今天有3个人来。", 7, "3"), (2, "你好！", 2, None))


@pytest.mark.parametrize(
    "prose",
    [
        "Hello, Ann. How are you, dear?\nI am well, thanks. And you, Bob?",
        "We met at 12:30.  It was late.  He came at 13:45.\nNobody knew why.",
        "He said: “I will go.” Then he left.\nShe stayed, and wrote a letter to her mother.",
        "See https://example.com for more.\nOr write to us: we answer all letters within a week, as a rule.",
        "a" * 200_000,
    ],
)
def test_prose_is_not_taken_for_a_table(prose):
    assert extract(prose).columns[1] == "sentence"


@pytest.mark.parametrize("text", ["", "   \n", "… — !"])
def test_text_without_a_word_is_refused(text):
    with pytest.raises(NothingFound, match="not a word"):
        extract(text)


def test_an_image_is_refused():
    import numpy as np

    with TableFromText().open("cpu") as extractor, pytest.raises(UsageError):
        extractor(Image(np.zeros((2, 2, 3), np.uint8)))


def test_the_origin_is_kept():
    from vivavoce.media.origin import Step

    step = Step(engine="test")
    assert extract(Text("Some words.", origin=(step,))).origin == (step,)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='aB1 ,;|:\t\n-#.。："你 \u3000\\*`', min_size=1, max_size=120))
def test_any_text_gives_a_table_or_is_refused(text):
    try:
        table = extract(text)
    except NothingFound:
        assert not any(letter.isalnum() for letter in text)
    else:
        assert table.rows
        assert len(set(table.columns)) == len(table.columns)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.from_regex(r"[A-Za-z][a-z]{0,8}( [a-z]{1,5})?", fullmatch=True), min_size=3, max_size=3),
        min_size=3,
        max_size=6,
    )
)
def test_written_cells_come_back(rows):
    rows[0] = ["one", "two", "three"]
    expected = Table(tuple(rows[0]), tuple(tuple(row) for row in rows[1:]))
    if any(cell.lower() in ("true", "false", "nan", "inf") for row in rows for cell in row):
        return
    markdown = [" | ".join(row) for row in rows]
    assert extract("\n".join([markdown[0], "--|--|--", *markdown[1:]])) == expected
    assert extract("\n".join("   ".join(row) for row in rows)) == expected
    assert extract("\n".join("".join(cell.ljust(20) for cell in row) for row in rows)) == expected
