"""Streams of words: stop strings, calls of tools, control tokens; pure functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.engines.chat.controls import control_tokens, neutralised
from vivavoce.engines.chat.stops import until
from vivavoce.engines.chat.tool_calls import with_calls
from vivavoce.engines.conversation import ToolCall

CALL = '<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>'


def cut(text, places):
    """Cut a text into parts at some places."""
    edges = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[a:b] for a, b in zip(edges, edges[1:], strict=False)]


PLACES = st.lists(st.integers(0, 10_000), max_size=12)


@given(st.text("ab<c", max_size=40), st.lists(st.text("ab<c", max_size=3), max_size=3), PLACES)
def test_words_end_before_the_first_stop_however_they_are_cut(text, stops, places):
    ends = [text.find(stop) for stop in stops if stop and stop in text]
    assert "".join(until(cut(text, places), stops)) == text[: min(ends, default=len(text))]


def test_what_can_not_become_a_stop_is_not_held_back():
    stream = until(iter(["hello", " wor"]), ("##",))
    assert next(stream) == "hell"


@given(PLACES)
def test_calls_are_found_however_the_words_are_cut(places):
    found = list(with_calls(cut(f"a < b {CALL}{CALL} end", places)))
    assert "".join(part for part in found if isinstance(part, str)) == "a < b  end"
    assert [part for part in found if isinstance(part, ToolCall)] == [
        ToolCall(id=f"call-{number}", name="f", arguments='{"x": 1}') for number in (0, 1)
    ]


@pytest.mark.parametrize(
    "text", ["<tool_call>no json</tool_call>", "<tool_call>[1]</tool_call>", "<tool_call>{", "<tool", "plain", ""]
)
@given(places=PLACES)
def test_what_only_looks_like_a_call_stays_words(text, places):
    assert "".join(with_calls(cut(text, places))) == text


SPECIAL = ("<|im_start|>", "<s>", "  ", "word", "\n\n")


def test_control_tokens_are_special_tokens_and_marks_of_the_template_but_no_words_or_spaces():
    template = "{{ '[INST] ' + x + ' [/INST]' }}<start_of_turn><<SYS>>{% if a < b %}<b>{% endif %}"
    assert set(control_tokens(SPECIAL, template)) == {
        *("<|im_start|>", "<s>", "[INST]", "[/INST]", "<start_of_turn>", "<<SYS>>")
    }


@given(st.lists(st.sampled_from(["<|im_start|>", "<|", "|>", "<s", ">", "im_start", "<", "x"]), max_size=12))
def test_no_control_token_is_left_and_nothing_but_spaces_added(parts):
    text = "".join(parts)
    controls = control_tokens(SPECIAL, "")
    made = neutralised(text, controls)
    assert not any(token in made for token in controls)
    assert made.replace(" ", "") == text


def test_text_without_control_tokens_stays_as_it_is():
    assert neutralised("a < b | c  word", control_tokens(SPECIAL, "")) == "a < b | c  word"
