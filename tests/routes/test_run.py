"""Runs of real values through small engines made here, so that failures and timing can be arranged."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest

from vivavoce.engines.contract import Ability, Card, State, Trait, port
from vivavoce.engines.pool import Pool
from vivavoce.errors import CorruptMedia, EngineError, NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Text
from vivavoce.routes.plan import plan
from vivavoce.routes.route import Wishes
from vivavoce.routes.run import Run, Tools

TEXT, SPEECH = Modality.TEXT, Modality.SPEECH


@dataclass(frozen=True)
class Ear:
    """Hears as many words as there are seconds, each after a pause."""

    name: str = "ear"
    pause_s: float = 0.0
    error: type[Exception] | None = None
    languages: tuple[str, ...] = ("en",)

    @property
    def card(self):
        return Card(
            name=self.name,
            ability=Ability.TRANSCRIBE,
            takes=(port(SPEECH),),
            gives=port(TEXT, Trait.TIMED),
            summary="",
            licence="MIT",
            languages=self.languages,
        )

    @contextmanager
    def open(self, device):
        def transcribe(audio, hints) -> Iterator[Segment]:
            for second in range(int(audio.duration_s)):
                time.sleep(self.pause_s)
                if self.error and second:
                    raise self.error("broke")
                yield Segment(f"word{second}", float(second), second + 1.0, confidence=0.5)

        yield transcribe


@dataclass(frozen=True)
class Mouth:
    """Speaks a second for each text, after a pause."""

    name: str = "mouth"
    pause_s: float = 0.0
    error: type[Exception] | None = None

    @property
    def card(self):
        return Card(
            name=self.name,
            ability=Ability.SPEAK,
            takes=(port(TEXT),),
            gives=port(SPEECH, Trait.SPOKEN),
            summary="",
            licence="MIT",
            piecewise=True,
        )

    @contextmanager
    def open(self, device):
        def speak(text, voice):
            time.sleep(self.pause_s)
            if self.error:
                raise self.error("broke")
            transcript = Text.from_segments([Segment(text.text, 0, 1)], "en")
            yield Audio(np.ones((8_000, 1), np.float32) / 2, 8_000, transcript)

        yield speak


def start(engines, values, goal, wishes=None, notify=lambda event: None):
    named = {engine.card.name: engine for engine in engines}
    cards = [engine.card for engine in engines]
    sources = [State(value.modality) for value in values]
    route = plan(sources, State(goal), cards, wishes)

    def replan(broken, engine):
        again = Wishes(avoid=(*broken.wishes.avoid, engine), via=broken.wishes.via)
        return plan(sources, State(goal), cards, again)

    tools = Tools(engines=named, pool=Pool(), replan=replan, identify=lambda text: "en", notify=notify)
    return Run(route, values, tools)


def seconds(count):
    return Audio(np.zeros((16_000 * count, 1), np.float32), 16_000)


def test_the_result_carries_the_trail_of_every_engine():
    result = start([Ear()], [seconds(3)], TEXT).result()
    assert result.text == "word0 word1 word2"
    (step,) = result.origin
    assert step.engine == "ear"
    assert step.confidence == 0.5
    assert step.inputs == (seconds(3).digest(),)


def test_streaming_steps_overlap():
    run = start([Ear(pause_s=0.1), Mouth(pause_s=0.1)], [seconds(5)], SPEECH, Wishes(via=("ear", "mouth")))
    began = time.perf_counter()
    parts = list(run.stream())
    elapsed = time.perf_counter() - began
    assert len(parts) == 5
    assert elapsed < 0.85  # one after the other it takes 1.0 s, together 0.6 s


def test_the_first_part_comes_before_the_last_is_made():
    run = start([Ear(pause_s=0.1)], [seconds(5)], TEXT)
    stream = run.stream()
    began = time.perf_counter()
    assert next(stream).text == "word0"
    assert time.perf_counter() - began < 0.3
    stream.close()


def test_a_failing_engine_is_replaced_and_its_failure_is_in_the_origin():
    news = []
    run = start([Ear(error=RuntimeError), Ear("other-ear")], [seconds(3)], TEXT, notify=news.append)
    result = run.result()
    assert result.text == "word0 word1 word2"
    failed, made = result.origin
    assert (failed.engine, failed.failure) == ("ear", "broke")
    assert made.engine == "other-ear"
    assert [event.hop.card.name for event in news if event.kind == "fail"] == ["ear"]


def test_what_was_finished_before_a_failure_is_not_made_again_and_can_be_kept():
    begun = []

    def note(event):
        if event.kind == "start":
            begun.append(event.hop.card.name)

    engines = [Ear(), Mouth(error=RuntimeError), Mouth("spare-mouth", error=NothingFound)]
    run = start(engines, [seconds(2)], SPEECH, Wishes(via=("ear",)), note)
    with pytest.raises(NothingFound):
        run.result()
    assert begun == ["mouth", "ear", "spare-mouth"]
    assert [(name, value.text) for name, value in run.intermediate] == [("ear", "word0 word1")]


def test_without_another_way_the_error_names_the_engine_and_what_to_do():
    with pytest.raises(EngineError, match="the engine ear failed .*RuntimeError.*--avoid ear"):
        start([Ear(error=RuntimeError)], [seconds(3)], TEXT).result()


def test_nothing_found_is_passed_on_as_it_is_when_no_other_engine_finds_anything():
    with pytest.raises(NothingFound, match="^broke$"):
        start([Ear(error=NothingFound), Ear("deaf", error=NothingFound)], [seconds(3)], TEXT).result()


def test_a_damaged_input_is_not_blamed_on_the_engine():
    with pytest.raises(CorruptMedia):
        start([Ear(error=CorruptMedia), Ear("spare")], [seconds(3)], TEXT).result()


def test_closing_a_stream_stops_the_threads_behind_it():
    before = threading.active_count()
    run = start([Ear(pause_s=0.05), Mouth()], [seconds(50)], SPEECH, Wishes(via=("ear", "mouth")))
    stream = run.stream()
    next(stream)
    stream.close()
    deadline = time.monotonic() + 3
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() == before


def test_a_reader_of_a_stream_may_use_the_same_engine():
    ear = Ear()
    pool = Pool()
    run = start([ear], [seconds(3)], TEXT)
    object.__setattr__(run.tools, "pool", pool)
    for _ in run.stream():
        with pool.use(ear) as transcribe:
            assert list(transcribe(seconds(1), None))


def test_a_stream_that_breaks_off_ends_in_an_error_of_ours():
    stream = start([Ear(error=RuntimeError), Ear("spare")], [seconds(3)], TEXT).stream()
    assert next(stream).text == "word0"
    with pytest.raises(EngineError, match="the engine ear failed"):
        list(stream)


def test_an_engine_that_gives_nothing_is_replaced_like_one_that_fails():
    run = start([Ear(), Mouth()], [seconds(0)], TEXT)
    with pytest.raises(NothingFound, match="the engine ear gave nothing"):
        run.result()
