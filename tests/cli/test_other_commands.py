import json
import re
from pathlib import Path

import numpy as np
import pytest

from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save


@pytest.fixture
def talk(viva, tmp_path):
    viva("speak", "The meeting is on Monday morning. Please bring the report.", "talk.flac", "--rate", "0.9")
    return tmp_path / "talk.flac"


def test_plan_prints_json_for_machines(viva):
    record = json.loads(viva("plan", "audio", "image", "--json").out)
    assert [hop["engine"] for hop in record["hops"]] == ["pocketsphinx", "typographic-card"]
    assert record["ready"] and record["seconds"] > 0
    assert record["hops"][1]["inputs"] == [1]


def test_plan_says_what_is_missing_how_large_and_under_which_licence(viva):
    record = json.loads(viva("plan", "audio", "text", "--language", "zh", "--json").out)
    missing = record["hops"][0]["missing"]
    assert missing == {
        "kind": "weights",
        "what": "Systran/faster-whisper-small",
        "command": "viva models pull faster-whisper-small",
        "size_mb": 486,
        "licence": "MIT",
    }
    assert (
        "486 MB, licence MIT; run: viva models pull faster-whisper-small"
        in viva("plan", "audio", "text", "--language", "zh").out
    )


def test_transcribe_prints_the_text(viva, talk):
    done = viva("transcribe", talk)
    assert done.code == 0
    assert "monday" in done.out.lower() or "report" in done.out.lower()


def test_transcribe_writes_every_format(viva, talk, tmp_path):
    done = viva("transcribe", talk, "-f", "all", "-o", tmp_path / "out", "--word-timestamps")
    assert done.code == 0, done.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"talk.{form}" for form in ("json", "srt", "tsv", "txt", "vtt")
    ]
    record = json.loads((tmp_path / "out/talk.json").read_text())
    words = [word for segment in record["segments"] for word in segment["words"]]
    assert len(words) > 5 and all(word["start"] < word["end"] for word in words)
    assert (tmp_path / "out/talk.vtt").read_text().startswith("WEBVTT")
    assert re.match(r"1\n00:00:0\d,\d{3} --> ", (tmp_path / "out/talk.srt").read_text())
    assert (tmp_path / "out/talk.tsv").read_text().startswith("start\tend\ttext\n")
    assert open_value(tmp_path / "out/talk.json").text == record["text"]


def test_without_word_timestamps_json_holds_segments_only(viva, talk):
    assert viva("transcribe", talk, "-f", "json").code == 0
    assert all(segment["words"] == [] for segment in json.loads(Path("talk.json").read_text())["segments"])


def test_transcribe_goes_on_after_a_bad_file_and_says_which(viva, talk, tmp_path):
    save(Audio(np.zeros((16_000, 1), np.float32), 16_000), tmp_path / "silent.wav")
    done = viva("transcribe", "silent.wav", talk, "missing.wav", "-f", "txt", "-o", "out")
    assert done.code == 1
    assert "silent.wav: no speech" in done.err and "missing.wav: there is no file" in done.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["talk.txt"]


def test_files_that_differ_only_in_their_ending_do_not_overwrite_each_other(viva, talk, tmp_path):
    save(open_value(talk), tmp_path / "talk.wav")
    assert viva("transcribe", talk, "talk.wav", "-f", "txt", "-o", "out").code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["talk.flac.txt", "talk.wav.txt"]


def test_transcribe_takes_a_folder_with_a_model(viva, talk, tiny_whisper):
    done = viva("transcribe", talk, "--model", tiny_whisper, "--language", "en")
    assert done.code == 0, done.err  # random weights: what it says means nothing


def test_speak_chinese_writes_what_can_be_opened(viva):
    assert viva("speak", "你好，世界", "hello.wav", "--language", "zh", "--voice", "cmn", "--rate", "1.2").code == 0
    assert 0.5 < open_value("hello.wav").duration_s < 3


def test_describe_answers_in_the_language_asked_for(viva, tmp_path):
    import vivavoce as vv

    vv.save(vv.draw("Bread"), tmp_path / "card.png")
    assert "Bread" in viva("describe", "card.png").out
    chinese = viva("describe", "card.png", "--to-language", "zh").out
    assert "Bread" in chinese and re.search("[\u4e00-\u9fff]{4}", chinese)


def test_describe_refuses_what_is_no_picture(viva, talk):
    done = viva("describe", talk)
    assert done.code == 2 and "expected image, got speech" in done.err


def test_models_list_shows_every_engine_and_what_it_needs(viva):
    record = {entry["name"]: entry for entry in json.loads(viva("models", "list", "--json").out)}
    assert record["espeak"]["ready"] and record["espeak"]["missing"] is None
    assert record["blip-vqa"]["missing"]["command"] == "viva models pull blip-vqa"
    assert "pocketsphinx" in viva("models", "list").out


def test_models_pull_of_an_unknown_or_weightless_engine_is_wrong_usage(viva):
    assert viva("models", "pull", "nobody").code == 2
    assert viva("models", "pull", "espeak").code == 2


def test_doctor_finds_this_machine_well(viva):
    done = viva("doctor", "--json")
    findings = {finding["topic"]: finding for finding in json.loads(done.out)}
    assert done.code == 0
    assert findings["libraries"]["verdict"] == "ok"
    assert findings["engine blip-vqa"]["remedy"] == "viva models pull blip-vqa"


def test_measured_costs_are_kept_and_used_by_plans(viva, tmp_path):
    assert viva("bench", "engines", "espeak", "typographic-card").code == 0
    costs = json.loads((tmp_path / "home/costs.json").read_text())
    assert set(costs) == {"espeak", "typographic-card"}
    route = json.loads(viva("plan", "text", "image", "--json").out)
    expected = costs["typographic-card"]["fixed_s"] + 1000 * costs["typographic-card"]["per_unit_s"]
    assert route["seconds"] == pytest.approx(expected, abs=0.001)
