import json
from dataclasses import replace

import numpy as np
import pytest

from vivavoce.engines.speak import voiceprints
from vivavoce.engines.speak.voiceprints import Judges, consent_phrase, enrol, enrolled, forget, names, word_error
from vivavoce.errors import EngineError, InputError, NothingFound, UnknownVoice, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.text import Segment

RATE_HZ = 16_000


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path))
    return tmp_path


def recording(voice, seconds=3.0, seed=0):
    """Return noise around a level that stands for the voice: `print_of` reads it."""
    noise = np.random.default_rng(seed).normal(size=round(seconds * RATE_HZ)) * 0.01
    return Audio((noise + voice).astype(np.float32), RATE_HZ)


def print_of(audio):
    angle = float(audio.samples.mean()) * 10
    return np.array([np.cos(angle), np.sin(angle), 0], np.float32)


def judges(says):
    def hear(audio, hints):
        if says is None:
            raise NothingFound("nobody speaks")
        yield Segment(says, 0.0, 1.0)

    return Judges(hear=hear, voiceprint=print_of, voiceprint_name="mean")


def enrolled_as(name, language="en", **changed):
    phrase = consent_phrase(language)
    return enrol(name, recording(0.01), recording(0.012, seed=1), phrase, replace(judges(phrase), **changed))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_voice_with_consent_is_kept_with_its_record(home, language):
    record = enrolled_as("ann", language)
    assert names() == ("ann",)
    kept = enrolled("ann")
    assert kept.consent == record
    assert np.linalg.norm(kept.vector) == pytest.approx(1)
    assert kept.vector.dtype == np.float32
    assert record.sample_digest == recording(0.01).digest()
    assert record.similarity > 0.99
    assert record.word_error == 0
    assert (home / "voices" / "ann" / "consent.json").stat().st_mode & 0o077 == 0


def test_phrases_are_random():
    assert len({consent_phrase("en") for _ in range(20)}) == 20


def test_small_slips_in_reading_pass_and_other_words_do_not():
    phrase = consent_phrase("en")
    slip = " ".join(["apricot", *phrase.split()[1:]]).upper() + "."
    enrol("ann", recording(0.01), recording(0.01, seed=1), phrase, judges(slip))
    phrase = consent_phrase("en")
    with pytest.raises(EngineError, match="says “good morning” and not “"):
        enrol("bob", recording(0.01), recording(0.01, seed=1), phrase, judges("good morning"))
    assert names() == ("ann",)


def test_silence_is_no_consent():
    with pytest.raises(EngineError, match="says “” and not"):
        enrol("ann", recording(0.01), recording(0.01, seed=1), consent_phrase("en"), judges(None))


def test_another_persons_consent_is_refused():
    phrase = consent_phrase("en")
    with pytest.raises(EngineError, match="not of one voice"):
        enrol("ann", recording(0.01), recording(0.2, seed=1), phrase, judges(phrase))
    assert names() == ()


def test_a_voiceprint_that_is_no_number_is_refused():
    phrase = consent_phrase("en")
    broken = replace(judges(phrase), voiceprint=lambda audio: np.full(3, np.nan, np.float32))
    with pytest.raises(EngineError, match="not a vector"):
        enrol("ann", recording(0.01), recording(0.01, seed=1), phrase, broken)


def test_a_phrase_serves_once_even_after_a_refusal():
    phrase = consent_phrase("en")
    with pytest.raises(EngineError):
        enrol("ann", recording(0.01), recording(0.01, seed=1), phrase, judges("something else"))
    with pytest.raises(UsageError, match="was used"):
        enrol("ann", recording(0.01), recording(0.01, seed=1), phrase, judges(phrase))


def test_a_phrase_that_nobody_asked_for_or_an_old_one_is_refused(monkeypatch):
    with pytest.raises(UsageError, match="was not asked for"):
        enrol("ann", recording(0.01), recording(0.01, seed=1), "four score", judges("four score"))
    phrase = consent_phrase("en")
    now = voiceprints.time.time()
    for later in (now + 601, now - 3600):
        monkeypatch.setattr(voiceprints.time, "time", lambda later=later: later)
        with pytest.raises(UsageError, match="too old"):
            enrol("ann", recording(0.01), recording(0.01, seed=1), phrase, judges(phrase))


def test_the_recording_of_consent_is_no_sample_and_short_ones_are_none():
    phrase = consent_phrase("en")
    with pytest.raises(InputError, match="each by itself"):
        enrol("ann", recording(0.01), recording(0.01), phrase, judges(phrase))
    phrase = consent_phrase("en")
    with pytest.raises(InputError, match="too short"):
        enrol("ann", recording(0.01, seconds=1), recording(0.01, seed=1), phrase, judges(phrase))


@pytest.mark.parametrize("name", ["", "../evil", "a/b", ".", "a b", "x" * 41, "a\x00b"])
def test_a_name_that_could_be_a_path_is_refused(name):
    phrase = consent_phrase("en")
    with pytest.raises(UsageError, match="can't name a voice"):
        enrol(name, recording(0.01), recording(0.01, seed=1), phrase, judges(phrase))
    with pytest.raises(UnknownVoice):
        enrolled(name)
    with pytest.raises(UnknownVoice):
        forget(name)


def test_a_name_is_not_taken_over():
    enrolled_as("ann")
    with pytest.raises(UsageError, match="already a voice"):
        enrolled_as("ann")


def test_phrases_lie_beside_the_voices_so_that_any_name_is_free():
    consent_phrase("en")
    assert names() == ()
    enrolled_as("asked")
    enrolled_as("phrases")
    assert names() == ("asked", "phrases")


@pytest.mark.parametrize("file", ["voiceprint.npy", "consent.json"])
def test_a_voice_that_lacks_a_file_is_named_and_can_be_forgotten(home, file):
    enrolled_as("ann")
    (home / "voices" / "ann" / file).unlink()
    assert names() == ("ann",)
    with pytest.raises(EngineError, match="of the voice “ann” are damaged"):
        enrolled("ann")
    forget("ann")
    assert names() == ()
    enrolled_as("ann")


def test_forgetting_erases_every_file(home):
    enrolled_as("ann")
    enrolled_as("bob")
    forget("ann")
    assert names() == ("bob",)
    assert not (home / "voices" / "ann").exists()
    with pytest.raises(UnknownVoice, match="choose one of bob"):
        enrolled("ann")


@pytest.mark.parametrize("damage", [b"", b"\x80\x04K\x01.", b"{}"])
@pytest.mark.parametrize("file", ["voiceprint.npy", "consent.json"])
def test_damaged_files_are_named_and_pickles_never_run(home, damage, file):
    enrolled_as("ann")
    (home / "voices" / "ann" / file).write_bytes(damage)
    with pytest.raises(EngineError, match="of the voice “ann” are damaged"):
        enrolled("ann")


def test_a_record_says_nothing_but_the_consent(home):
    enrolled_as("ann")
    held = json.loads((home / "voices" / "ann" / "consent.json").read_text())
    assert set(held) == set(voiceprints.Consent.__dataclass_fields__)


@pytest.mark.parametrize(
    ("wanted", "heard", "error"),
    [
        ("one two three four", "one two three four", 0),
        ("one two three four", "One, two; four!", 0.25),
        ("one two", "one two two two", 1),
        ("苹果河流", "苹果 合流", 0.25),
        ("one", "", 1),
    ],
)
def test_word_error_counts_edits(wanted, heard, error):
    assert word_error(wanted, heard) == error
