from hypothesis import given
from hypothesis import strategies as st

from vivavoce.engines.speak.prosody import MAX_CHARACTERS, spoken_sentences
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
