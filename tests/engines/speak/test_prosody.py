import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.engines.speak.prosody import MAX_CHARACTERS, fitting, spoken_clauses, spoken_sentences
from vivavoce.media.text import Text


def test_markdown_marks_are_not_spoken():
    text = Text("# A title\n\n- one *item*\n- `two` items\n\nSnake_case stays.", "en")
    assert list(spoken_sentences(text)) == ["A title", "one item", "two items", "Snake_case stays."]


def test_a_long_sentence_is_cut_at_commas_and_loses_no_word():
    long = ", ".join(f"the part with number {number}" for number in range(60)) + "."
    pieces = list(spoken_sentences(Text(long, "en")))
    assert len(pieces) > 3
    assert " ".join(pieces).split() == long.split()


@given(st.text(alphabet="ab ,，。.的\n", max_size=2000))
def test_no_piece_is_too_long_and_no_letter_is_lost(text):
    pieces = list(spoken_sentences(Text(text, "en")))
    assert all(len(piece) <= MAX_CHARACTERS for piece in pieces)
    assert [c for piece in pieces for c in piece if c.isalnum()] == [c for c in text if c.isalnum()]


def clauses(text, language="en"):
    return list(spoken_clauses(Text(text, language)))


def test_the_first_clause_is_short_and_the_rest_are_sentences():
    text = (
        "Every evening, about nine hundred people walk across it, on their way home. This spring the city hung lamps."
    )
    assert clauses(text) == [
        "Every evening,",
        "about nine hundred people walk across it, on their way home.",
        "This spring the city hung lamps.",
    ]
    assert clauses("今天晚上天气很好，我们大家一起去河边散步吧。你来吗？", "zh") == [
        "今天晚上天气很好，",
        "我们大家一起去河边散步吧。",
        "你来吗？",
    ]


def test_a_long_opening_without_a_comma_is_cut_before_a_joint():
    assert clauses("The old bridge was mended because the river had risen over it in the night") == [
        "The old bridge was mended",
        "because the river had risen over it in the night",
    ]


def test_a_short_sentence_and_a_number_with_a_comma_stay_whole():
    assert clauses("No, thank you.") == ["No, thank you."]
    assert clauses("There were 1,234,567 of them.") == ["There were 1,234,567 of them."]


@given(st.text(alphabet="ab ,;:.!?，。；x1\x00\n", max_size=500))
def test_clauses_lose_no_letter(text):
    kept = "".join(letter for letter in text if letter.isalnum())
    assert "".join(letter for letter in "".join(clauses(text)) if letter.isalnum()) == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2*3=6", "2*3=6"),
        ("3*4等于12", "3*4等于12"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("a*b*c", "a*b*c"),
        ("这是**重要**的", "这是重要的"),
        ("**bold *and slanted* words**", "bold and slanted words"),
        ("***2*3=6***", "2*3=6"),
    ],
)
def test_stars_are_left_out_only_in_pairs_around_words(text, said):
    assert clauses(text) == [said]


def test_text_is_cut_to_the_tokens_that_a_model_takes_and_loses_none():
    words = "one two three, four five"
    assert list(fitting(words, len, 100)) == [words]
    assert all(len(part) <= 9 for part in fitting(words, len, 9))
    assert " ".join(fitting(words, len, 9)) == words
    assert list(fitting("甲乙，丙丁戊", len, 3)) == ["甲乙，", "丙丁戊"]
    assert "".join(fitting("a" * 1000, len, 7)) == "a" * 1000


def test_control_characters_become_spaces():
    assert list(spoken_sentences(Text("hello\x00world", "en"))) == ["hello world"]
