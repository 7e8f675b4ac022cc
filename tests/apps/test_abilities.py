"""Calls that lie on no route, on engines of random weights in folders of their own."""

import numpy as np
import pytest

import vivavoce as vv
from tiny import embed, hear, language
from vivavoce.apps import abilities, converter
from vivavoce.errors import EngineError, NotReady, UsageError
from vivavoce.media.origin import to_json


@pytest.fixture
def fresh(monkeypatch):
    """Give the functions of the library a converter of their own, closed when the test ends."""
    with converter.Converter() as own:
        monkeypatch.setattr(abilities, "default_converter", lambda: own)
        yield own


NOISE = vv.Audio(np.random.default_rng(0).normal(0, 0.1, (32_000, 1)).astype(np.float32), 16_000)
PICTURE = vv.Image(np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8))


def test_a_folder_serves_where_it_is_named_and_nowhere_else(fresh, tmp_path):
    folder = embed.clip(tmp_path / "My Clip")
    vectors = vv.embed(["a dog", PICTURE], engine=str(folder))
    assert vectors.shape[0] == 2 and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    scores = vv.classify(PICTURE, ["dog", "cat"], engine=str(folder))
    assert {score.label for score in scores} == {"dog", "cat"}
    assert vv.embed(["a dog"]).shape == (1, 256)  # wordllama still, not the folder


def test_what_nothing_here_can_do_names_the_smallest_model_that_can(fresh):
    with pytest.raises(NotReady, match="no engine for “classify” is ready; the smallest is .*viva models"):
        vv.classify(PICTURE, ["dog"])


def test_an_engine_without_the_ability_is_said_to_be_so(fresh, tmp_path):
    folder = hear.ast(tmp_path / "ast")
    assert vv.hear(NOISE, engine=str(folder))[0].probability > 0
    with pytest.raises(UsageError, match="can't diarize"):
        vv.diarize(NOISE, engine=str(folder))


def test_a_folder_that_holds_no_model_is_said_to_be_so(fresh, tmp_path):
    with pytest.raises(EngineError, match="holds no model"):
        vv.hear(NOISE, engine=str(tmp_path))


def test_a_conversation_comes_word_by_word_and_can_be_left(fresh, tmp_path):
    folder = str(language.causal(tmp_path / "chat"))
    options = vv.ChatOptions(max_tokens=8, temperature=0)
    whole = "".join(vv.chat("hello", options, engine=folder))
    again = vv.chat([vv.Message("user", "hello")], options, engine=folder)
    assert whole.startswith(next(again))
    again.close()
    assert "".join(vv.chat("hello", options, engine=folder)) == whole  # the model is free again


def test_a_picture_given_as_a_sound_is_wrong_usage(fresh):
    with pytest.raises(UsageError, match="expected speech, got image"):
        vv.hear(PICTURE)


def test_an_answer_says_where_it_comes_from(fresh, tmp_path):
    from tiny import see

    folder = see.blip(tmp_path / "blip")
    reply = vv.answer([PICTURE], "what is this ?", engine=str(folder))
    assert reply.origin[-1].engine == "blip"
    assert len(reply.origin[-1].inputs) == 2
    assert "blip" in to_json(reply.origin)
