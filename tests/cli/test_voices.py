"""The consent of a person, from the command line, with a voiceprint of random weights."""

import json
import re

import numpy as np
import pytest

from tiny.hear import xvector
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import save


@pytest.fixture
def keep(tmp_path):
    """Write the files of an enrolled voice."""

    def keeping(name):
        folder = tmp_path / "home" / "voices" / name
        folder.mkdir(parents=True)
        np.save(folder / "voiceprint.npy", np.ones(4, np.float32))
        fields = ("phrase", "sample_digest", "consent_digest", "voiceprint")
        record = dict.fromkeys(fields, "") | {"name": name, "word_error": 0, "similarity": 1}
        (folder / "consent.json").write_text(json.dumps(record | {"date": "2025-03-04"}))
        return folder

    return keeping


@pytest.mark.parametrize(("language", "pattern"), [("en", r"([a-z]+ ){7}[a-z]+"), ("zh", r"[\u4e00-\u9fff]{16}")])
def test_phrase_asks_for_words_of_the_language_and_keeps_them_apart_from_voices(viva, language, pattern):
    done = viva("voices", "phrase", language)
    assert done.code == 0
    assert re.fullmatch(pattern, done.out.strip())
    assert viva("voices", "list").out == ""


def test_a_phrase_in_another_language_is_refused_with_those_there_are(viva):
    done = viva("voices", "phrase", "sv")
    assert done.code == 2
    assert "choose one of en, zh" in done.err


def test_list_shows_who_is_enrolled_and_since_when(viva, keep):
    keep("bob")
    keep("ann")
    assert viva("voices", "list").out == "ann  2025-03-04\nbob  2025-03-04\n"


@pytest.mark.parametrize("file", ["consent.json", "voiceprint.npy"])
@pytest.mark.parametrize("damage", [None, b"{"])
def test_list_marks_a_damaged_voice_and_forget_erases_it(viva, keep, file, damage):
    keep("ann")
    folder = keep("bob")
    (folder / file).unlink() if damage is None else (folder / file).write_bytes(damage)
    done = viva("voices", "list")
    assert done.code == 0
    assert done.out.splitlines() == ["ann  2025-03-04", "bob  damaged; run: viva voices forget bob"]
    assert viva("voices", "forget", "bob").out == "bob is forgotten\n"
    assert not folder.exists()


def test_forget_refuses_a_name_that_nobody_has(viva, keep):
    keep("ann")
    done = viva("voices", "forget", "../voices")
    assert done.code != 0
    assert "nobody called “../voices” is enrolled" in done.err
    assert viva("voices", "list").out == "ann  2025-03-04\n"


def test_enrol_names_a_recording_that_is_missing(viva):
    done = viva("voices", "enrol", "ann", "sample.wav", "consent.wav", "apple river")
    assert done.code != 0
    assert "there is no file" in done.err and "sample.wav" in done.err


def test_enrol_refuses_a_phrase_that_was_not_asked_for(viva, tmp_path):
    noise = np.random.default_rng(0).normal(size=(2, 32_000)).astype(np.float32) * 0.1
    for name, samples in zip(("sample.wav", "consent.wav"), noise, strict=True):
        save(Audio(samples, 16_000), tmp_path / name)
    model = xvector(tmp_path / "model")
    done = viva("voices", "enrol", "ann", "sample.wav", "consent.wav", "apple river", "--voiceprint", model)
    assert done.code == 2
    assert "the phrase “apple river” was not asked for" in done.err
    assert viva("voices", "list").out == ""
