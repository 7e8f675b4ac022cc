import io

import numpy as np
import pytest
from rich.console import Console

from vivavoce.cli.live import print_partials
from vivavoce.engines.live import Partial
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import save
from vivavoce.media.text import Word


@pytest.fixture
def talk(viva, tmp_path):
    viva("speak", "Please bring the report.", "talk.flac", "--rate", "0.9")
    return tmp_path / "talk.flac"


def words(text, start_s=0.0):
    return tuple(Word(word, start_s + 0.3 * at, start_s + 0.3 * at + 0.2) for at, word in enumerate(text.split()))


SAID = [
    Partial((), words("so it")),
    Partial(words("so it"), words("bee guns", 0.6)),
    Partial(words("begins.", 0.6), words("and", 0.9)),
    Partial(words("and", 0.9), ()),
    Partial(words("[bold] ends", 5), ()),
]


def shown(terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=40, highlight=False)
    assert print_partials(SAID, console)
    return console.file.getvalue()


def test_a_pipe_gets_confirmed_lines_only():
    assert shown(terminal=False) == "so it begins.\nand\n[bold] ends\n"


def test_a_terminal_shows_dimmed_what_may_still_change():
    out = shown(terminal=True)
    assert "\x1b[2mso it\x1b[0m" in out and "so it\x1b[2m bee guns\x1b[0m" in out
    assert "\x1b[2K" in out  # the line is rewritten
    assert "so it begins.\n" in out and "[bold] ends\n" in out


def test_nothing_said_prints_nothing():
    console = Console(file=io.StringIO())
    assert not print_partials([Partial((), ())], console)
    assert console.file.getvalue() == ""


def test_transcribe_live_prints_what_is_said(viva, talk):
    done = viva("transcribe", talk, "--live", "--model", "pocketsphinx")
    assert done.code == 0, done.err
    assert "please bring" in done.out.lower()
    assert "\x1b" not in done.out


def test_transcribe_live_refuses_what_it_cannot_do(viva, talk, tmp_path):
    assert "leave out -f" in viva("transcribe", talk, "--live", "-f", "srt").err
    save(Audio(np.zeros((16_000, 1), np.float32), 16_000), tmp_path / "silent.wav")
    done = viva("transcribe", "silent.wav", "--live", "--model", "pocketsphinx")
    assert done.code == 1 and "no speech in 1.0 s" in done.err


def test_transcribe_live_fetches_a_model_if_it_may(viva, talk, monkeypatch):
    pulled = []
    monkeypatch.setattr("vivavoce.cli.live.pull", pulled.append)
    monkeypatch.setenv("HF_HUB_CACHE", "nowhere")
    for allowed in ([], ["--pull"]):
        done = viva("transcribe", talk, "--live", "--language", "zh", *allowed)
        assert done.code == 1 and "viva models pull" in done.err
        assert len(pulled) == len(allowed)


def test_transcribe_live_does_not_translate(viva, talk):
    done = viva("transcribe", talk, "--live", "--language", "en", "--to-language", "zh")
    assert done.code and "leave out --to-language" in done.err and not done.out
