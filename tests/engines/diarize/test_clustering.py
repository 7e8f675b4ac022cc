import numpy as np
import pytest

from vivavoce.engines.abilities import Span, Turn
from vivavoce.engines.diarize.clustering import VoiceprintClusters, Window, turns_of, voices, without_islands
from vivavoce.engines.embed.vectors import unit
from vivavoce.errors import NotReady, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value


@pytest.fixture(scope="module")
def diarize():
    with VoiceprintClusters().open("cpu") as ability:
        yield ability


def people(sizes, spread=0.25, seed=0):
    """Return rows of length 1 around as many directions as there are sizes, and whose they are."""
    rng = np.random.default_rng(seed)
    centres = np.abs(rng.normal(size=(len(sizes), 256)))
    centres[np.arange(len(sizes))[:, None], rng.permuted(np.tile(np.arange(256), (len(sizes), 1)), axis=1)[:, :170]] = 0
    owners = np.repeat(np.arange(len(sizes)), sizes)
    rows = unit(centres)[owners] + np.abs(rng.normal(0, spread / 16, (len(owners), 256)))
    return unit(rows.astype(np.float32)), owners


def same_grouping(a, b):
    return np.array_equal(a[:, None] == a[None], b[:, None] == b[None])


@pytest.mark.parametrize("sizes", [(8,), (20, 9), (5, 6, 7), (4, 30, 9, 12, 6)])
def test_it_finds_how_many_voices_there_are(sizes):
    rows, owners = people(sizes)
    assert same_grouping(voices(rows, 0.39, None), owners)


def test_a_few_odd_windows_are_no_voice_of_their_own_even_when_the_number_is_told():
    rows, owners = people((20, 20, 1))
    assert len(set(voices(rows, 0.39, None))) == 2
    told = voices(rows, 0.39, 2)
    assert same_grouping(told[:40], owners[:40])


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9])
def test_it_finds_as_many_voices_as_it_is_told(count):
    rows, _ = people((6, 3))
    assert len(set(voices(rows, 0.39, count))) == count


@pytest.mark.parametrize("windows", [1, 2])
def test_one_or_two_windows_are_grouped_too(windows):
    assert len(voices(people((windows,))[0], 0.39, None)) == windows


def test_more_windows_than_are_clustered_get_the_nearest_voice(monkeypatch):
    monkeypatch.setattr("vivavoce.engines.diarize.clustering.MOST_CLUSTERED", 20)
    rows, owners = people((30, 40, 50))
    assert same_grouping(voices(rows, 0.39, None), owners)


def test_turns_change_midway_between_windows_and_join_over_short_pauses():
    spans = [Span(0, 4), Span(4.1, 5), Span(8, 9)]
    windows = [Window(0, 0, 2), Window(0, 1, 3), Window(0, 2, 4), Window(1, 4.1, 5), Window(2, 8, 9)]
    turns = turns_of(spans, windows, np.array([3, 3, 0, 0, 0]))
    assert turns == [Turn("S1", 0, 2.5), Turn("S2", 2.5, 5), Turn("S2", 8, 9)]


def test_a_single_window_between_two_of_one_voice_is_theirs():
    assert without_islands([1, 2, 1, 1, 2, 2, 1]) == [1, 1, 1, 1, 2, 2, 1]
    assert without_islands([1]) == [1] and without_islands([]) == []


@pytest.mark.parametrize("frames", [0, 1, 160_000])
def test_nobody_speaks_in_silence(diarize, frames):
    assert diarize(Audio(np.zeros((frames, 1)), 16_000), None) == []


@pytest.mark.parametrize("count", [0, -1])
def test_no_speakers_make_no_conversation(diarize, count):
    with pytest.raises(UsageError, match="1 or more"):
        diarize(Audio(np.zeros((100, 1)), 16_000), count)


def test_without_its_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scipy.cluster.hierarchy", None)
    with pytest.raises(NotReady, match="vivavoce"), VoiceprintClusters().open("cpu"):
        pass


@pytest.fixture(scope="module")
def dialogue(data):
    """Return two people who speak in turn, at 44.1 kHz in stereo, and where each part begins."""
    names = ["1688-142285-0000", "2033-164914-0001", "1688-142285-0002", "2033-164914-0003"]
    parts = [open_value(data / f"librispeech/{name}.opus").mono().resampled(16_000).samples[:96_000] for name in names]
    whole = Audio(np.concatenate(parts), 16_000).resampled(44_100)
    return Audio(np.repeat(whole.samples, 2, axis=1), 44_100), np.cumsum([0, *(len(part) / 16_000 for part in parts)])


@pytest.mark.data
@pytest.mark.parametrize("told", [None, 2])
def test_two_people_are_told_apart_and_known_again(diarize, dialogue, told):
    audio, borders = dialogue
    turns = diarize(audio, told)
    assert {turn.speaker for turn in turns} == {"S1", "S2"}
    for turn in turns:
        middle_s = (turn.start_s + turn.end_s) / 2
        part = int(np.searchsorted(borders, middle_s)) - 1
        assert turn.speaker == ("S1", "S2")[part % 2]
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in zip(turns, turns[1:], strict=False))
    assert turns[-1].end_s <= audio.duration_s + 0.01


@pytest.mark.data
def test_one_person_alone_is_one_speaker(diarize, data):
    audio = Audio.join([open_value(data / f"librispeech/3080-5032-000{n}.opus") for n in range(3)])
    assert {turn.speaker for turn in diarize(audio, None)} == {"S1"}
