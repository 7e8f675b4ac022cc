"""Whole texts through sentence translators that are plain functions."""

import pytest

from vivavoce.engines.translate.document import WINDOW, Direction, direction, translated
from vivavoce.errors import UnsupportedLanguage
from vivavoce.media.text import Segment, Text, Word

WAY = Direction("en", "de")


def fits(sentence):
    return True


def shouting(sentences):
    return [sentence.upper() for sentence in sentences]


def test_segments_keep_their_number_times_speakers_and_confidence_and_lose_the_times_of_words():
    segments = (
        Segment("Hello there.", 0.5, 1.5, (Word("Hello", 0.5, 0.9),), 0.7, "Ann"),
        Segment("♪", 1.5, 2.0),
        Segment("Two. Sentences.", 2.0, 3.25),
    )
    made = translated(Text.from_segments(segments, "en"), "de", WAY, shouting, fits)
    assert [(s.text, s.start_s, s.end_s) for s in made.segments] == [
        ("HELLO THERE.", 0.5, 1.5),
        ("♪", 1.5, 2.0),
        ("TWO. SENTENCES.", 2.0, 3.25),
    ]
    assert (made.segments[0].speaker, made.segments[0].confidence, made.segments[0].words) == ("Ann", 0.7, ())
    assert made.language == "de" and made.text == "HELLO THERE. ♪ TWO. SENTENCES."


def test_lines_stay_and_the_language_is_the_target():
    made = translated(Text("# A\n\n- b\n- c\n", "en"), "de", WAY, shouting, fits)
    assert (made.text, made.language) == ("# A\n\n- B\n- C\n", "de")


def test_what_a_translator_garbles_is_put_back():
    def garbling(sentences):
        return [
            "Klick auf den Link" if "http" in s else s.replace("Open", "Öffne").replace("now", "jetzt")
            for s in sentences
        ]

    made = translated(Text("Open https://a.org/x?y=1 now, {name}.", "en"), "de", WAY, garbling, fits)
    assert made.text == "Öffne https://a.org/x?y=1 jetzt, {name}."


def test_what_a_translator_keeps_is_left_alone():
    seen = []

    def watched(sentences):
        seen.extend(sentences)
        return sentences

    translated(Text("Open https://a.org now.", "en"), "de", WAY, watched, fits)
    assert seen == ["Open https://a.org now."]


def test_a_long_text_goes_through_in_windows():
    sizes = []

    def counted(sentences):
        sizes.append(len(sentences))
        return sentences

    text = "One line.\n" * (WINDOW * 2 + 10)
    assert translated(Text(text, "en"), "de", WAY, counted, fits).text == text
    assert sizes == [WINDOW, WINDOW, 10]


@pytest.mark.parametrize("text", ["", " \n\n", "123 – 456\n"])
def test_a_text_without_words_stays_as_it_is(text):
    assert translated(Text(text, "en"), "de", WAY, shouting, fits).text == text


def test_a_direction_needs_two_languages():
    assert direction(Text("a", "zh-CN"), "zh") is None
    assert direction(Text("a", "zh"), "zh_TW") == Direction("zh", "zh-hant")
    with pytest.raises(UnsupportedLanguage, match="--language"):
        direction(Text("a"), "zh")
