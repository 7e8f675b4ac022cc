"""Taking text apart and putting it together again: pure functions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.engines.translate.pieces import around_kept, joined, lost, pieces


def anything(sentence):
    return True


def sentences(text, language="en", fits=anything):
    return [piece.text for piece in pieces(text, language, fits) if not piece.kept]


PAGES = st.text(alphabet="aB1.,!? \n\r\t\"'()-*#>`{}<%@/:你好。！？”“；…\u3000é\x00\x85", max_size=300)


@given(PAGES, st.sampled_from(["en", "zh"]))
def test_pieces_in_order_are_the_text(text, language):
    parts = pieces(text, language, anything)
    assert "".join(piece.text for piece in parts) == text
    assert all(piece.text == piece.text.strip() for piece in parts if not piece.kept)


@given(PAGES, st.integers(1, 12))
def test_what_is_cut_to_a_length_is_still_the_text(text, longest):
    parts = pieces(text, "en", lambda sentence: len(sentence) <= longest)
    assert "".join(piece.text for piece in parts) == text
    assert all(len(piece.text) <= longest for piece in parts if not piece.kept)


@given(PAGES, st.sampled_from([("en", "de"), ("zh", "ja")]))
def test_a_translator_that_changes_nothing_gives_back_the_identical_text(text, pair):
    parts = pieces(text, pair[0], anything)
    assert joined(parts, [piece.text for piece in parts if not piece.kept], *pair) == text


@given(PAGES, st.sampled_from([("en", "zh"), ("zh", "en"), ("en", "fr")]))
def test_a_text_keeps_its_number_of_lines_whatever_the_translator_says(text, pair):
    parts = pieces(text, pair[0], anything)
    made = joined(parts, ["x\ny\r\nz" for piece in parts if not piece.kept], *pair)
    assert len(re.split(r"\r\n|\n|\r", made)) == len(re.split(r"\r\n|\n|\r", text))


def test_marks_of_lists_headings_and_quotes_stay_out_of_the_sentences():
    text = "# Plan\n\n- Buy bread.\n  * and milk\n1. Go home. Sleep.\n（2）回家。\n> He said so.\n"
    assert sentences(text) == ["Plan", "Buy bread.", "and milk", "Go home.", "Sleep.", "回家。", "He said so."]


def test_numbers_at_the_start_of_a_sentence_are_no_list_marks():
    assert sentences("3.5 litres of milk.\n12 apples.") == ["3.5 litres of milk.", "12 apples."]


def test_code_rules_and_lines_without_letters_are_not_translated():
    text = "Run this:\n```python\nprint('hello')\n```\n----\n12:30 – 14:00\nhttps://example.org/a\nDone."
    assert sentences(text) == ["Run this:", "Done."]


@pytest.mark.parametrize(
    ("source", "target", "parts", "made"),
    [
        ("en", "zh", "One. Two. Three", "一。二。 三"),
        ("zh", "en", "甲。乙。丙", "A. B. C"),
        ("en", "de", "One.  Two.", "Eins.  Zwei."),
    ],
)
def test_sentences_are_joined_as_the_target_joins_them(source, target, parts, made):
    words = {"One.": "一。", "Two.": "二。", "Three": "三"} if target == "zh" else {}
    words |= {"甲。": "A.", "乙。": "B.", "丙": "C"}
    words |= {"One.": "Eins.", "Two.": "Zwei."} if target == "de" else {}
    found = pieces(parts, source, anything)
    assert joined(found, [words[p.text] for p in found if not p.kept], source, target) == made.replace("。 三", "。三")


def test_a_long_sentence_is_cut_at_a_clause_before_a_space_before_a_word():
    assert sentences("Where it rains, we stay at home", fits=lambda s: len(s) < 20) == [
        "Where it rains,",
        "we stay at home",
    ]
    assert sentences("one two three four", fits=lambda s: len(s) < 12) == ["one two", "three four"]
    assert "".join(sentences("abcdefghijklmnop", fits=lambda s: len(s) <= 3)) == "abcdefghijklmnop"


def test_a_cut_goes_round_an_address():
    found = sentences("see https://example.org/a,b,c,d,e,f,g,h for it", fits=lambda s: len(s) < 44)
    assert any("https://example.org/a,b,c,d,e,f,g,h" in sentence for sentence in found)


KEPT = [
    "`x = 1`",
    "https://a.org/b?c=1",
    "me@a.org",
    "{name}",
    "{{ name }}",
    "${HOME}",
    "%s",
    "%(n)d",
    "<b>",
    "555-1234",
]


@pytest.mark.parametrize("item", KEPT)
def test_what_must_be_kept_is_missed_when_it_is_gone_and_stands_alone_in_the_pieces(item):
    sentence = f"Give {item}, please."
    assert not lost(sentence, f"Bitte {item} geben.")
    assert lost(sentence, "Bitte geben.")
    parts = around_kept(sentence)
    assert "".join(piece.text for piece in parts) == sentence
    assert item in [piece.text for piece in parts if piece.kept]


def test_a_full_stop_after_an_address_is_no_part_of_it():
    assert "https://a.org/b" in [piece.text for piece in around_kept("See https://a.org/b.")]


@given(PAGES)
def test_taken_apart_around_what_is_kept_nothing_is_lost(text):
    assert "".join(piece.text for piece in around_kept(text)) == text
