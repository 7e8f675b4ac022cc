"""Scripted recognisers: samples hold their own number, so that a script knows which part of a recording it is given."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.engines.live import LiveTranscript, Pace, joined
from vivavoce.engines.options import Hints
from vivavoce.errors import CorruptMedia, NothingFound, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value
from vivavoce.media.text import Segment, Word

RATE_HZ = 4_000
WORDS = "the quick brown fox jumps over the lazy dog and runs away".split()


def recording(seconds):
    return np.arange(int(seconds * RATE_HZ), dtype=np.float32)


def script(gaps, seed=0):
    """Return words of a third of a second, `gaps` seconds apart."""
    words, at = [], 0.0
    for number, gap in enumerate(gaps):
        at += gap
        words.append(Word(f"{WORDS[(number + seed) % len(WORDS)]}{number}", at, at + 0.33))
        at += 0.33
    return words


class Scripted:
    """Hears the words of a script; those that end within `unsure_s` of the end of the sound are heard differently."""

    def __init__(self, words, unsure_s=0.0, jitter_s=0.0, timed=True):
        self.words, self.unsure_s, self.jitter_s, self.timed = words, unsure_s, jitter_s, timed
        self.longest_s, self.calls = 0.0, 0

    def __call__(self, audio, hints):
        self.calls += 1
        self.longest_s = max(self.longest_s, audio.duration_s)
        start_s = float(audio.samples[0, 0]) / RATE_HZ
        end_s = start_s + audio.duration_s
        found = []
        for word in self.words:
            if start_s <= word.start_s < end_s:
                cut = word.end_s > end_s - self.unsure_s
                text = f"{word.text[: 1 + self.calls % 3]}~{self.calls}" if cut else word.text
                move_s = self.jitter_s * (-1) ** self.calls
                from_s = min(max(word.start_s + move_s - start_s, 0), audio.duration_s)
                to_s = min(max(word.end_s + move_s - start_s, from_s), audio.duration_s)
                found.append(Word(text, from_s, to_s, 0.9))
        if not found:
            raise NothingFound("no speech in {seconds:.1f} s of sound; give words", seconds=audio.duration_s)
        words = tuple(found) if self.timed else ()
        yield Segment(" ".join(word.text for word in found), found[0].start_s, found[-1].end_s, words)


def run(live, samples, sizes):
    confirmed, partials = [], []
    at = 0
    for size in itertools.cycle(sizes):
        if at >= len(samples):
            break
        partial = live.feed(samples[at : at + size])
        at += size
        confirmed += partial.confirmed
        partials.append((at / RATE_HZ, partial))
    confirmed += live.finish().confirmed
    return confirmed, partials


gaps = st.lists(st.floats(0.01, 0.4) | st.floats(0.4, 4.0), min_size=1, max_size=60)
sizes = st.lists(st.integers(RATE_HZ // 100, RATE_HZ // 2), min_size=1, max_size=5)


@given(gaps, st.sampled_from([0.0, 0.4]), st.sampled_from([0.0, 0.04]))
def test_every_word_is_confirmed_once_and_as_it_is_heard_in_full(gaps, unsure_s, jitter_s):
    words = script(gaps)
    recogniser = Scripted(words, unsure_s, jitter_s)
    confirmed, _ = run(LiveTranscript(recogniser, RATE_HZ), recording(words[-1].end_s + 1.5), [RATE_HZ // 4])
    assert [word.text for word in confirmed] == [word.text for word in words]
    assert all(abs(a.start_s - b.start_s) <= 0.34 for a, b in zip(confirmed, words, strict=True))


@given(gaps)
def test_a_recogniser_without_times_of_words_is_followed_too(gaps):
    words = script([min(gap, 0.4) for gap in gaps])
    recogniser = Scripted(words, timed=False)
    confirmed, _ = run(LiveTranscript(recogniser, RATE_HZ), recording(words[-1].end_s + 1.5), [RATE_HZ // 4])
    assert confirmed
    assert {word.text for word in confirmed} <= {word.text for word in words}
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(confirmed))


@settings(max_examples=25)
@given(gaps, sizes)
def test_words_do_not_depend_on_how_the_sound_is_cut(gaps, sizes):
    words = script(gaps)
    samples = recording(min(words[-1].end_s + 1.0, 15))
    whole, _ = run(LiveTranscript(Scripted(words, 0.3), RATE_HZ), samples, [RATE_HZ])
    assert run(LiveTranscript(Scripted(words, 0.3), RATE_HZ), samples, sizes)[0] == whole


class Rubbish:
    """Hears anything at all, or nothing."""

    def __init__(self, seed):
        self.draw = np.random.default_rng(seed)
        self.longest_s = 0.0

    def __call__(self, audio, hints):
        self.longest_s = max(self.longest_s, audio.duration_s)
        if self.draw.random() < 0.2:
            raise NothingFound("no speech in {seconds:.1f} s of sound; give words", seconds=1.0)
        times = np.sort(self.draw.uniform(0, audio.duration_s, 2 * self.draw.integers(1, 12)))
        found = (
            Word(str(self.draw.choice(WORDS)), float(a), float(b)) for a, b in zip(*[iter(times)] * 2, strict=True)
        )
        for word in found:
            yield Segment(word.text, word.start_s, word.end_s, (word,))


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.lists(st.integers(1, 40 * RATE_HZ), min_size=1, max_size=4))
def test_memory_is_bounded_and_time_goes_on_whatever_is_heard(seed, sizes):
    pace = Pace(step_s=2.0, trim_s=6.0, max_s=12.0)
    recogniser = Rubbish(seed)
    live = LiveTranscript(recogniser, RATE_HZ, pace=pace)
    confirmed, partials = run(live, recording(90), [max(size, RATE_HZ // 2) for size in sizes])
    assert recogniser.longest_s <= pace.max_s
    assert all(a.start_s <= a.end_s <= b.start_s for a, b in itertools.pairwise(confirmed))
    for at_s, partial in partials:
        assert all(word.end_s <= at_s + 1e-6 for word in (*partial.confirmed, *partial.tentative))


def test_words_come_while_the_speaker_goes_on():
    words = script([0.1] * 40)
    live = LiveTranscript(Scripted(words), RATE_HZ)
    _, partials = run(live, recording(words[-1].end_s), [RATE_HZ // 2])
    late = [at_s - word.end_s for at_s, partial in partials for word in partial.confirmed]
    assert len(late) > 30
    assert max(late) <= 2.5  # two steps, and the half second that is fed at once


def test_what_only_one_hearing_gives_stays_tentative():
    answers = iter([["one", "two"], ["one", "too", "three"], ["one", "too", "three", "four"]])

    def transcribe(audio, hints):
        found = [Word(text, 0.1 + 0.25 * at, 0.3 + 0.25 * at) for at, text in enumerate(next(answers))]
        yield Segment(" ".join(word.text for word in found), 0.1, found[-1].end_s, tuple(found))

    live = LiveTranscript(transcribe, RATE_HZ, pace=Pace(step_s=0.5, pause_s=9))
    seen = [live.feed(recording(0.5)) for _ in range(3)]
    texts = [([w.text for w in p.confirmed], [w.text for w in p.tentative]) for p in seen]
    assert texts == [([], ["one", "two"]), (["one"], ["too", "three"]), (["too", "three"], ["four"])]
    assert [word.text for word in live.finish().confirmed] == ["four"]


def test_a_pause_confirms_what_came_before_at_once():
    words = script([0.1, 0.1])
    live = LiveTranscript(Scripted(words), RATE_HZ, pace=Pace(step_s=1.8, pause_s=0.7))
    assert [word.text for word in live.feed(recording(1.8)).confirmed] == [word.text for word in words]


def test_case_and_punctuation_do_not_hinder_agreement():
    answers = iter(["Well then", "Well, then we"])

    def transcribe(audio, hints):
        yield Segment(next(answers), 0.0, audio.duration_s)

    live = LiveTranscript(transcribe, RATE_HZ)
    live.feed(recording(1))
    assert [word.text for word in live.feed(recording(1)).confirmed] == ["Well,", "then"]


def test_chinese_without_times_of_words_is_confirmed_while_the_speaker_goes_on():
    said = "今天天气很好，我们去公园。"

    def transcribe(audio, hints):
        yield Segment(said[: int(audio.duration_s * 4)], 0.0, audio.duration_s)

    live = LiveTranscript(transcribe, RATE_HZ)
    confirmed = [live.feed(recording(1)).confirmed for _ in range(3)]
    assert [joined(words) for words in confirmed] == ["", "今天天气", "很好，我"]
    assert joined(live.finish().confirmed) == "们去公园"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("今天，好。", ["今", "天，", "好。"]),
        ("用iPhone打。", ["用", "iPhone", "打。"]),
        ("ดีจ้า", ["ดี", "จ้", "า"]),
        ("한국 말.", ["한국", "말."]),
        ("well, then", ["well,", "then"]),
    ],
    ids=["zh", "mixed", "th", "ko", "en"],
)
def test_words_are_what_spaces_part_or_single_characters(text, pieces):
    live = LiveTranscript(lambda audio, hints: [Segment(text, 0.0, 0.9)], RATE_HZ)
    words = (*live.feed(recording(0.95)).confirmed, *live.finish().confirmed)
    assert [word.text for word in words] == pieces
    assert joined(words) in (text, "用 iPhone 打。")


def test_silence_for_an_hour_holds_little_and_says_nothing():
    recogniser = Scripted([])
    live = LiveTranscript(recogniser, RATE_HZ, pace=Pace(step_s=4, trim_s=8, max_s=16))
    for _ in range(900):
        assert live.feed(np.zeros(4 * RATE_HZ, np.float32)).confirmed == ()
        assert live.held_s <= 2
    assert live.finish().confirmed == ()


def test_hints_reach_the_recogniser():
    given_hints = []

    def transcribe(audio, hints):
        given_hints.append(hints)
        yield Segment("yes", 0.0, 0.5)

    live = LiveTranscript(transcribe, RATE_HZ, Hints(language="en"))
    live.feed(recording(1))
    assert given_hints == [Hints(language="en")]


def test_a_finished_recording_takes_no_more_and_repeats_nothing():
    live = LiveTranscript(Scripted(script([0.1])), RATE_HZ)
    live.feed(recording(0.6))
    assert len(live.finish().confirmed) == 1
    assert live.finish().confirmed == ()
    with pytest.raises(UsageError, match="finished"):
        live.feed(recording(1))


def test_broken_samples_and_paces_are_refused():
    with pytest.raises(CorruptMedia):
        LiveTranscript(Scripted([]), RATE_HZ).feed(np.array([0, np.nan], np.float32))
    with pytest.raises(UsageError, match="do not fit together"):
        Pace(step_s=0)
    with pytest.raises(UsageError, match="do not fit together"):
        Pace(trim_s=15, max_s=20)


@pytest.mark.data
def test_a_real_recording_is_written_down_about_as_well_as_in_one_go(data):
    import jiwer

    from vivavoce.engines.transcribe.pocketsphinx import PocketSphinx

    audio = open_value(data / "librispeech/1688-142285-0000.opus")
    samples = audio.at(16_000)[: 5 * 16_000]
    with PocketSphinx().open("cpu") as transcribe:
        whole = " ".join(segment.text for segment in transcribe(Audio(samples, 16_000), Hints()))
        live = LiveTranscript(transcribe, 16_000, pace=Pace(step_s=2.5))
        heard = [word for at in range(0, len(samples), 8_000) for word in live.feed(samples[at : at + 8_000]).confirmed]
        heard += live.finish().confirmed
    assert jiwer.wer(whole, " ".join(word.text for word in heard)) < 0.5
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(heard))
