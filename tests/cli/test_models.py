"""`viva models` without a hub; fetching has its tests in engines/test_hub.py."""

import json

import pytest


def test_advice_says_what_to_choose_why_and_how_to_get_it(viva):
    done = viva("models", "advise", "live", "--language", "zh", "--memory", "2")
    assert done.code == 0
    assert "Choose " in done.out and "viva models pull" in done.out
    assert "doesn't know the language" in done.out


def test_advice_for_machines_lists_all_that_was_weighed(viva):
    advice = json.loads(viva("models", "advise", "asr", "--json", "--latency", "30").out)
    assert advice["task"] == "transcribe"
    assert advice["best"] in [row["name"] for row in advice["weighed"] if not row["obstacles"]]
    assert any(row["obstacles"] == ["time"] or "time" in row["obstacles"] for row in advice["weighed"])


def test_limits_that_nothing_keeps_are_said_to_be_so(viva):
    assert "loosen one of the limits" in viva("models", "advise", "draw", "--licence", "GPL-9").out


def test_without_a_task_the_tasks_are_listed_in_the_users_language(viva):
    out = viva("--ui-language", "zh", "models", "advise").out
    assert "transcribe" in out and "Whisper" in out and "编码器" in out


def test_an_unknown_task_is_wrong_usage(viva):
    done = viva("models", "advise", "cooking")
    assert done.code == 2 and "transcribe" in done.err


def test_info_tells_the_state_and_the_source(viva):
    facts = json.loads(viva("models", "info", "blip-vqa", "--json").out)
    assert facts["repository"] == "Salesforce/blip-vqa-base"
    assert facts["remedy"] == "viva models pull blip-vqa"
    assert facts["source"].startswith("https://")
    assert json.loads(viva("models", "info", "espeak", "--json").out)["ready"]


@pytest.mark.parametrize("command", ["pull", "rm", "info"])
def test_a_name_that_is_nowhere_is_wrong_usage(viva, command):
    done = viva("models", command, "nobody")
    assert done.code == 2 and "nobody" in done.err and "Traceback" not in done.err


@pytest.mark.parametrize("command", ["pull", "rm", "info"])
def test_a_name_that_articles_made_up_gets_the_real_one(viva, command):
    done = viva("models", command, "google/speech_to_text_v2")
    assert done.code == 2 and "UsefulSensors/moonshine-base" in done.err


def test_an_engine_without_weights_has_nothing_to_pull(viva):
    assert "needs no weights" in viva("models", "pull", "espeak").err


def test_the_list_can_be_narrowed_to_a_task(viva):
    names = [row["ability"] for row in json.loads(viva("models", "list", "--task", "asr", "--json").out)]
    assert set(names) == {"transcribe"}
