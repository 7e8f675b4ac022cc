"""Sentences in English and Chinese."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.engines.split import guess_language, sentences


def test_abbreviations_and_decimals_end_no_sentence():
    text = "Dr. Smith paid $3.50 to Mr. Jones. He left at 5 p.m. yesterday! The U.S. is big."
    assert sentences(text, "en") == [
        "Dr. Smith paid $3.50 to Mr. Jones.",
        "He left at 5 p.m. yesterday!",
        "The U.S. is big.",
    ]


def test_chinese_is_cut_at_its_own_marks():
    assert sentences("你好，世界。今天天气怎么样？价格是3.5元；不贵！“真的吗？”她问。", None) == [
        "你好，世界。",
        "今天天气怎么样？",
        "价格是3.5元；不贵！",
        "“真的吗？”",
        "她问。",
    ]


def test_latin_titles_and_initials_inside_chinese_end_no_sentence():
    assert sentences("Mr. Li在U.S.公司工作。他叫Dr. Wang。好。", "zh") == [
        "Mr. Li在U.S.公司工作。",
        "他叫Dr. Wang。",
        "好。",
    ]


def test_items_of_a_list_are_sentences_with_their_numbers():
    assert sentences("1. First item. 2. Second item.\n3. Third", "en") == [
        "1. First item.",
        "2. Second item.",
        "3. Third",
    ]
    assert sentences("- 苹果\n- 梨", "zh") == ["- 苹果", "- 梨"]


def test_a_paragraph_ends_a_sentence_and_a_wrapped_line_does_not():
    assert sentences("A heading\n\nOne line that\ngoes on. Two.", "en") == [
        "A heading",
        "One line that\ngoes on.",
        "Two.",
    ]


@pytest.mark.parametrize("text", ["", "  \n\n ", "\n"])
def test_white_space_has_no_sentences(text):
    assert sentences(text, None) == []


@pytest.mark.parametrize("language", ["en", "zh", "de", "ja", "xx", "zh-CN", None])
def test_any_language_code_works(language):
    assert sentences("Good morning. 早上好。", language) == ["Good morning.", "早上好。"]


@given(st.text(alphabet="aB1.,!? \n\"'()你好。！？”“；…-\u3000é\x00", max_size=400))
def test_nothing_but_white_space_is_lost(text):
    found = sentences(text, None)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", text)
    assert all(sentence == sentence.strip() != "" for sentence in found)


def test_long_paragraphs_are_cut_the_same_as_short_ones():
    assert sentences("今天天气很好。" * 5000, "zh") == ["今天天气很好。"] * 5000
    assert sentences("The naïve fox jumps over Mr. Dog. " * 3000, "en") == ["The naïve fox jumps over Mr. Dog."] * 3000


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hello", "en"),
        ("今天 hello", "zh"),
        ("the word 好 in a whole line of English", "en"),
        ("123 … 4", None),
        ("今日は", None),
        ("한국", None),
    ],
)
def test_language_is_guessed_from_letters(text, language):
    assert guess_language(text) == language


def test_a_breakdown_of_the_library_leaves_the_block_whole(monkeypatch):
    """sentencex panics on rare mixtures of scripts; its panics are no Exception."""
    panic = type("PanicException", (BaseException,), {})

    def broken(language, block):
        raise panic

    monkeypatch.setattr("sentencex.segment", broken)
    assert sentences("One. Two.", "en") == ["One. Two."]
