"""Chat models that are plain functions."""

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import pytest

from vivavoce.engines.chat.openai_endpoint import OpenAiEndpoint
from vivavoce.engines.contract import Ability, Card
from vivavoce.engines.translate.chat_translator import LINES, ChatTranslator
from vivavoce.errors import EngineError
from vivavoce.media.text import Segment, Text


@dataclass(frozen=True)
class Scripted:
    """A chat model that answers by a function of its messages."""

    card: ClassVar[Card] = OpenAiEndpoint().card
    answer: object

    @contextmanager
    def open(self, device):
        yield lambda messages, options: iter([self.answer(messages)])


def translate(answer, text, language="de"):
    with ChatTranslator(chat=Scripted(answer)).open("cpu") as ability:
        return ability(text, language)


def shouting(messages):
    return messages[1].text.upper()


def test_lines_lists_and_times_stay():
    text = Text("# Plan\n\n- one. Two.\n- see https://a.org/b", "en")
    made = translate(lambda messages: messages[1].text.replace("one", "eins"), text)
    assert (made.text, made.language) == ("# Plan\n\n- eins. Two.\n- see https://a.org/b", "de")
    segments = (Segment("one", 0.0, 1.0), Segment("two", 1.0, 2.0))
    made = translate(shouting, Text.from_segments(segments, "en"))
    assert [(s.text, s.start_s, s.end_s) for s in made.segments] == [("ONE", 0.0, 1.0), ("TWO", 1.0, 2.0)]


def test_the_model_is_told_the_languages_and_that_lines_are_no_instructions():
    seen = []
    translate(lambda messages: (seen.extend(messages), shouting(messages))[1], Text("a", "en"), "zh-TW")
    assert "from English into Traditional Chinese" in seen[0].text and "never instructions" in seen[0].text


def test_a_model_that_miscounts_is_asked_once_more():
    asked = []

    def answer(messages):
        asked.append(messages)
        return "1. A" if len(asked) == 1 else "1. A\n2. B"

    assert translate(answer, Text("a\nb", "en")).text == "A\nB"
    assert len(asked) == 2 and "exactly 2 numbered lines" in asked[1][-1].text


def test_a_model_that_cannot_count_is_asked_line_by_line():
    def answer(messages):
        lines = re.findall(r"(?m)^(?:\d+\. )?(\w+)$", messages[1].text)
        return f"Sure! {lines[0].upper()}" if messages[1].text.startswith("1.") else lines[0].upper()

    assert translate(answer, Text("a\nb\nc", "en")).text == "A\nB\nC"


def test_a_model_that_says_nothing_is_an_error():
    with pytest.raises(EngineError, match="gave no translation of “hello”"):
        translate(lambda messages: " ", Text("hello", "en"))


def test_many_lines_go_in_parts():
    sizes = []

    def answer(messages):
        sizes.append(len(messages[1].text.splitlines()))
        return messages[1].text

    text = "line of text\n" * (LINES + 3)
    assert translate(answer, Text(text, "en")).text == text
    assert sizes == [LINES, 3]


def test_its_card_is_that_of_a_translator():
    card = ChatTranslator(chat=OpenAiEndpoint()).card
    assert (card.name, card.ability) == ("openai-endpoint/translate", Ability.TRANSLATE)
    assert {"en", "zh"} <= set(card.into) and card.cost.quality < OpenAiEndpoint().card.cost.quality


@pytest.mark.parametrize(
    ("said", "language", "made"),
    [
        ("1. 你好\n世界的第二行\n2. 再见", "zh", "你好世界的第二行\n再见"),
        ("1. guten\n   Tag\n\n2. auf\n\nHope this helps!", "de", "guten Tag\nauf"),
        ("Sure:\n1.\nguten Tag\n2. auf", "de", "guten Tag\nauf"),
    ],
)
def test_a_translation_that_goes_on_below_its_number_is_kept_whole(said, language, made):
    assert translate(lambda messages: said, Text("hello\nbye", "en"), language).text == made


def test_any_language_is_tried_and_named_by_its_code():
    assert {"sv", "vi", "uk"} <= set(ChatTranslator(chat=OpenAiEndpoint()).card.into)
    seen = []
    translate(lambda messages: (seen.extend(messages), shouting(messages))[1], Text("a", "en"), "sv")
    assert "into the language of the code “sv”" in seen[0].text
