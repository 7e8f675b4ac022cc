import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save
from vivavoce.media.modality import Modality

RUN = [sys.executable, "-c", "from vivavoce.cli.main import run; run()"]


@pytest.fixture
def notes(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("Good morning. The train leaves at nine.")
    return file


def test_text_becomes_speech_and_subtitles_and_the_target_is_kept_unless_told(viva, notes):
    assert viva("convert", notes, "notes.mp3").code == 0
    assert open_value("notes.mp3").duration_s > 1.5
    assert viva("convert", notes, "notes.srt").code == 0
    assert "The train leaves at nine" in open_value("notes.srt").text
    kept = viva("convert", notes, "notes.mp3")
    assert kept.code == 1 and "--overwrite" in kept.err
    assert viva("convert", notes, "notes.mp3", "--overwrite").code == 0


def test_explain_prints_the_route_before_and_the_cost_after(viva, notes):
    done = viva("convert", notes, "notes.png", "--explain")
    assert "text[en] → typographic-card → image" in done.err and not done.out
    assert re.search(r"typographic-card: \d+\.\d\d s", done.err)


def test_standard_streams_are_read_and_written(notes, tmp_path):
    made = subprocess.run(
        [*RUN, "convert", "-", "-", "--to", "speech"], input=notes.read_bytes(), capture_output=True, check=True
    )
    assert made.stdout[:4] == b"RIFF"
    assert open_value(made.stdout).duration_s > 1.5
    assert made.stderr == b""  # no progress in a pipe


def test_the_sidecar_holds_the_trail(viva, notes):
    viva("convert", notes, "notes.csv", "--sidecar")
    trail = json.loads(Path("notes.csv.origin.json").read_text())
    assert [step["engine"] for step in trail["steps"]] == ["table-from-text"]


def test_sound_is_only_recoded_when_the_modality_stays(viva, tmp_path):
    save(Audio(np.zeros((8_000, 1), np.float32), 8_000), tmp_path / "a.wav")
    assert viva("convert", "a.wav", "a.flac").code == 0
    assert open_value("a.flac").origin == ()


@pytest.mark.data
def test_a_recording_becomes_a_captioned_video(viva, data):
    done = viva("convert", data / "librispeech/1688-142285-0002.opus", "talk.mp4", "--size", "640x360")
    assert done.code == 0, done.err
    video = open_value("talk.mp4")
    assert (video.width, video.height, video.audible) == (640, 360, True)
    assert video.subtitles.segments
    assert [step.engine for step in video.origin] == ["pocketsphinx", "captioned-waveform"]


@pytest.mark.data
def test_markdown_of_a_video_is_its_notes(viva, data):
    assert viva("convert", next((data / "grid").glob("*.mpg")), "notes.md").code == 0
    assert "## 0:00:00" in Path("notes.md").read_text()


@pytest.mark.data
def test_a_question_about_a_photograph_names_what_to_pull(viva, data):
    photo = next(iter(sorted((data / "coco").glob("*.jpg"))))
    done = viva("convert", data / "librispeech/1688-142285-0002.opus", photo, "--to", "speech", "answer.wav")
    assert done.code == 1
    assert "blip-vqa (1540 MB, BSD-3-Clause)" in done.err and "viva models pull blip-vqa" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("missing.wav", "o.txt"), 1, "there is no file missing.wav"),
        ((".", "o.txt"), 1, "is a folder"),
        (("empty.wav", "o.txt"), 1, r"empty \(0 bytes\)"),
        (("garbage.mp3", "o.txt"), 1, "no known format"),
        (("silence.wav", "o.txt"), 1, "no speech in 1.0 s"),
        (("notes.txt", "o.xyz"), 2, "can't tell from the name"),
        (("notes.txt", "nowhere/o.mp3"), 1, "does not exist"),
        (("notes.txt", "o.mp3", "--to", "smell"), 2, "smell"),
        (("notes.txt", "o.mp3", "--to", "image"), 2, "image can't be written as o.mp3"),
        (("notes.txt", "o.png", "--size", "3"), 2, "no size such as 1280x720"),
        (("notes.txt", "o.mp3", "--voice", "nobody"), 1, "no voice “nobody”"),
        (("notes.txt", "o.mp3", "--via", "nobody"), 2, "no engine “nobody”"),
        (("notes.txt", "o.mp3", "--licence", "Sleepycat"), 1, "keeps to --licence"),
        (("notes.txt", "o.mp3", "--max-latency", "0"), 1, "keeps to --max-latency"),
        (("notes.txt",), 2, "needs an input and a target"),
    ],
)
def test_bad_input_gets_one_sentence_and_leaves_nothing(viva, notes, tmp_path, arguments, code, message):
    (tmp_path / "empty.wav").touch()
    (tmp_path / "garbage.mp3").write_bytes(b"\xc3\x6f\x00\x7d" * 1000)
    save(Audio(np.zeros((16_000, 1), np.float32), 16_000), tmp_path / "silence.wav")
    before = sorted(path.name for path in tmp_path.iterdir())
    done = viva("convert", *arguments)
    assert done.code == code
    assert re.search(message, done.err) and done.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_text_that_no_file_can_hold_is_refused(viva):
    done = viva("speak", "broken \udce4 text", "o.wav")
    assert done.code == 1 and "lone surrogate (U+DCE4)" in done.err


FIVE = [modality for modality in Modality if modality is not Modality.MESH]


@pytest.mark.parametrize("to", FIVE)
@pytest.mark.parametrize("start", FIVE)
def test_every_modality_but_a_mesh_becomes_every_other(viva, tmp_path, start, to):
    sample = tmp_path / SAMPLES[start]
    make_sample(start, sample)
    target = tmp_path / f"result.{TARGETS[to]}"
    done = viva("convert", sample, target, "--size", "640x360")
    assert done.code == 0, done.err
    value = open_value(target)
    assert value.modality is to
    assert not any(step.failure and step.engine == "matplotlib-chart" for step in value.origin)


SAMPLES = {"text": "a.txt", "speech": "a.wav", "image": "a.png", "video": "a.mp4", "table": "a.csv"}
TARGETS = {"text": "txt", "speech": "mp3", "image": "png", "video": "mp4", "table": "csv"}


def make_sample(modality, file):
    import vivavoce as vv

    text = vv.Text("Good morning everybody. The train leaves at nine.", "en")
    if modality is Modality.TEXT:
        vv.save(text, file)
    elif modality is Modality.TABLE:
        vv.save(vv.Table(("city", "price"), (("Oslo", 12), ("Lima", 8))), file)
    else:
        size = vv.DrawOptions(width=640, height=360)
        film = vv.FilmOptions(width=640, height=360)
        vv.save(vv.convert(text, to=modality, preferences=vv.Preferences(draw=size, film=film)), file)
