import os
import signal
import subprocess
import sys
import time

import click
import pytest

from vivavoce.cli.language import Option, ui_language
from vivavoce.cli.main import COMMANDS
from vivavoce.cli.main import viva as group
from vivavoce.engines.catalog import catalog
from vivavoce.messages import translate


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_command_says_of_itself(name):
    command = group.get_command(click.Context(group), name)
    assert command.help.split("\n")[0] == COMMANDS[name]


def test_help_is_in_the_language_asked_for(viva):
    assert "Convert files" in viva("--help").out
    chinese = viva("--ui-language", "zh", "--help").out
    assert "转换文件" in chinese and "Convert files" not in chinese


def test_errors_are_in_the_language_asked_for(viva):
    assert "there is no file nowhere.wav" in viva("convert", "nowhere.wav", "x.txt").err
    assert "没有文件" in viva("--ui-language=zh", "convert", "nowhere.wav", "x.txt").err


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ((), {}, "en"),
        ((), {"LANG": "zh_CN.UTF-8"}, "zh"),
        ((), {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ((), {"LANG": "en_GB.UTF-8", "VIVAVOCE_UI_LANGUAGE": "zh"}, "zh"),
        (("--ui-language", "en"), {"LANG": "zh_CN.UTF-8"}, "en"),
        (("convert", "a", "--ui-language=zh"), {}, "zh"),
    ],
)
def test_the_language_comes_from_the_option_then_the_variable_then_the_locale(arguments, environment, language):
    assert ui_language(arguments, environment) == language


@pytest.mark.parametrize("arguments", [["convert", "--nope"], ["nothing"], ["convert"], ["plan", "text"]])
def test_wrong_usage_exits_with_two_and_one_line(viva, arguments):
    done = viva(*arguments)
    assert done.code == 2
    assert done.err.startswith("viva: ") and done.err.count("\n") == 1


def test_without_debug_there_is_no_traceback_and_with_it_there_is(tmp_path):
    command = [sys.executable, "-c", "from vivavoce.cli.main import run; run()", "convert", "nowhere.wav", "x.txt"]
    plain = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    deep = subprocess.run([*command, "--debug"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert plain.returncode == 1 and "Traceback" not in plain.stderr
    assert "Traceback" in deep.stderr


def test_ctrl_c_stops_at_once_and_leaves_nothing_half_written(tmp_path):
    (tmp_path / "long.txt").write_text("This sentence is here to be spoken and filmed. " * 150)
    command = [
        sys.executable,
        "-c",
        "from vivavoce.cli.main import run; run()",
        "convert",
        "long.txt",
        "long.mp4",
        "--via",
        "espeak",
    ]
    heeding = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)  # noqa: E731 - ignored in background jobs
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, preexec_fn=heeding)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(os.listdir(tmp_path)) < 2:
        time.sleep(0.05)  # until the video is being written
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.strip().endswith("stopped")
    assert os.listdir(tmp_path) == ["long.txt"]


def test_completion_offers_commands_and_options(viva):
    assert "_VIVA_COMPLETE" in viva("completion", "bash").out
    command = [sys.executable, "-c", "from vivavoce.cli.main import run; run()"]
    asked = {"_VIVA_COMPLETE": "bash_complete", "COMP_WORDS": "viva tran", "COMP_CWORD": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **asked}, check=False)
    assert sorted(done.stdout.split()) == ["plain,transcribe", "plain,translate"]


def commands(command, context):
    yield command
    for name in getattr(command, "list_commands", lambda context: [])(context):
        yield from commands(command.get_command(context, name), context)


def test_all_help_has_its_chinese():
    texts = {text for command in commands(group, click.Context(group)) for text in helps(command)}
    texts |= {engine.card.summary for engine in catalog().engines.values()}
    assert len(texts) > 60
    assert sorted(text for text in texts if translate(text, "zh") == text) == []


def helps(command):
    yield command.help.split("\n")[0]
    yield from (option.help for option in command.params if isinstance(option, Option))
