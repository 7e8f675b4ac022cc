import json

import pytest

from vivavoce.engines.options import Voice
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import save
from vivavoce.media.rttm import from_rttm
from vivavoce.media.subtitles import read_subtitles


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """Two voices of a synthesiser in turn."""
    from vivavoce.engines.speak.espeak import Espeak
    from vivavoce.media.text import Text

    lines = [("gmw/en-US", "Good morning, the meeting is on Monday, and the report is not ready yet.", 80)]
    lines += [("gmw/en-GB", "Then let us move it to Wednesday, so that everybody can read the report.", 10)]
    with Espeak().open("cpu") as speak:
        spoken = [part for _, text, pitch in lines for part in speak(Text(text, "en"), Voice(pitch=pitch))]
    target = tmp_path_factory.mktemp("talk") / "talk.flac"
    return save(Audio.join([Audio(part.samples, part.rate_hz) for part in spoken]), target)


def test_turns_are_printed_with_their_times(viva, talk):
    done = viva("diarize", talk)
    assert done.code == 0, done.err
    assert done.out.startswith("[00:00:00.") and " → " in done.out and done.out.splitlines()[0].endswith("] S1")


def test_rttm_names_the_recording_and_as_many_speakers_as_were_told(viva, talk, tmp_path):
    assert viva("diarize", talk, "--speakers", 2, "-o", "turns.rttm").code == 0
    content = (tmp_path / "turns.rttm").read_text()
    assert {line.split()[1] for line in content.splitlines()} == {"talk"}
    assert {turn.speaker for turn in from_rttm(content)} == {"S1", "S2"}


def test_json_and_subtitles_say_what_each_speaker_says(viva, talk, tmp_path):
    assert viva("diarize", talk, "--transcribe", "--model", "pocketsphinx", "-o", "talk.srt").code == 0
    cues = read_subtitles((tmp_path / "talk.srt").read_text(), "srt").segments
    assert cues and all(cue.text.startswith(("S1: ", "S2: ")) for cue in cues)
    record = json.loads(viva("diarize", talk, "--json").out)
    assert {segment["speaker"] for segment in record["segments"]} <= {"S1", "S2"}
    assert record["duration"] > 3


def test_subtitles_without_words_unknown_endings_and_existing_files_are_refused_before_the_work(viva, talk, tmp_path):
    assert "add --transcribe" in viva("diarize", talk, "-o", "talk.srt").err
    assert ".rttm" in viva("diarize", talk, "-o", "talk.docx").err
    (tmp_path / "here.rttm").touch()
    assert "--overwrite" in viva("diarize", "no-such-file.wav", "-o", "here.rttm").err


def test_what_is_no_sound_and_silence_are_explained(viva, tmp_path):
    import numpy as np

    (tmp_path / "note.txt").write_text("hello")
    assert "got text" in viva("diarize", "note.txt").err
    save(Audio(np.zeros((16_000, 1), np.float32), 16_000), tmp_path / "silent.wav")
    assert "no speech" in viva("diarize", "silent.wav").err


def test_a_diarizer_can_be_named_and_a_recogniser_needs_transcribe(viva, talk):
    assert viva("diarize", talk, "--engine", "voiceprint-clusters").code == 0
    assert "no engine" in viva("diarize", talk, "--engine", "nonsense").err
    done = viva("diarize", talk, "--model", "nonsense")
    assert done.code == 2 and "add --transcribe" in done.err
