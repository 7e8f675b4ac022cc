"""Running a route.

Values flow along it part by part, engines that stream work at the same time, and an engine that fails is replaced by
another way to the goal.
"""

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeAlias

from vivavoce.engines.contract import AnyEngine, Card
from vivavoce.engines.options import Preferences
from vivavoce.errors import EmptyInput, EngineError, NoRoute, NothingFound, UsageError, VivavoceError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import Value
from vivavoce.media.image import Image
from vivavoce.media.origin import Step, merge
from vivavoce.media.text import Text
from vivavoce.routes.route import Hop, Route
from vivavoce.routes.steps import Call, Identify, join, perform

PARTS_AHEAD = 8  # how far a step may run ahead of the one that reads from it
POLL_S = 0.1
LAST_WORDS_S = 2.0

Key: TypeAlias = "tuple[str, ...] | tuple[str, tuple[Key, ...]] | tuple[Any, ...]"


class EnginePool(Protocol):
    """What lends engines: `vivavoce.engines.pool.Pool`."""

    def lend(self, engine: AnyEngine) -> AbstractContextManager[tuple[Callable[..., Any], threading.Lock]]:
        """Yield the engine's ability, and the lock to hold while it is at work."""
        ...


@dataclass(frozen=True)
class Event:
    """News from a running route: a hop began, gave a part, ended, or failed and was replaced by `route`.

    `share` is how much of its input the hop has worked through, 0..1, or None where that can't be told.
    """

    kind: Literal["start", "part", "end", "fail"]
    hop: Hop
    value: Value | None = None
    seconds: float = 0.0
    share: float | None = None
    reason: str = ""
    route: Route | None = None


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a run works with: engines by name, the pool that opens them, and how to plan anew around a failure."""

    engines: Mapping[str, AnyEngine]
    pool: EnginePool
    replan: Callable[[Route, str], Route]
    identify: Identify
    preferences: Preferences = field(default_factory=Preferences)
    notify: Callable[[Event], None] = lambda event: None


class StepFailed(Exception):
    """A hop broke; the reason is its cause."""

    def __init__(self, hop: Hop, reason: Exception) -> None:
        self.hop, self.reason = hop, reason
        super().__init__(str(reason))


class Run:
    """One conversion under way. Finished outputs are kept by how they were made, so a new route reuses them."""

    def __init__(self, route: Route, values: Sequence[Value], tools: Tools) -> None:
        self.route = route
        self.tools = tools
        self.values = tuple(values)
        self.failures: tuple[Step, ...] = ()
        self._made: dict[Key, Value] = {}

    @property
    def intermediate(self) -> list[tuple[str, Value]]:
        """Return (engine, output) of each step that was finished, in order."""
        return [(str(key[0]), value) for key, value in self._made.items()]

    def result(self) -> Value:
        """Run to the end, around engines that fail, and return the value with its origin.

        Raises the error of the last engine that failed when no other route is left.
        """
        while True:
            try:
                return self._whole(self.route.final)
            except StepFailed as failure:
                self._go_around(failure)

    def stream(self) -> Generator[Value, None, None]:
        """Yield the result part by part as it is made; go around a failure only while nothing has been yielded."""
        begun = False
        while True:
            try:
                with closing(self._parts(self.route.final)) as parts:
                    for part in parts:
                        begun = True
                        yield part
                return
            except StepFailed as failure:
                if begun:
                    raise _as_error(failure.hop, failure.reason) from failure.reason
                self._go_around(failure)

    def _go_around(self, failure: StepFailed) -> None:
        hop, reason = failure.hop, failure.reason
        replaceable = isinstance(reason, EngineError | EmptyInput) or not isinstance(reason, VivavoceError)
        if not replaceable:
            raise reason from failure
        self.failures += (Step(engine=hop.card.name, failure=str(reason)),)
        try:
            self.route = self.tools.replan(self.route, hop.card.name)
        except (NoRoute, UsageError):
            raise _as_error(hop, reason) from reason
        self.tools.notify(Event("fail", hop, reason=str(reason), route=self.route))

    def _key(self, node: int) -> Key:
        first_hop = len(self.values)
        if node < first_hop:
            return (node,)
        hop = self.route.hops[node - first_hop]
        return (hop.card.name, hop.output, tuple(self._key(at) for at in hop.inputs))

    def _whole(self, node: int) -> Value:
        """Return the finished value of a node, making it if need be."""
        if node < len(self.values):
            return self.values[node]
        key = self._key(node)
        if key not in self._made:
            with closing(self._parts(node)) as parts:
                for _ in parts:
                    pass
        return self._made[key]

    def _parts(self, node: int) -> Generator[Value, None, None]:
        """Yield a node's value in parts while they are made, and keep the whole when it ends."""
        if node < len(self.values) or self._key(node) in self._made:
            yield self._whole(node)
            return
        hop = self.route.hops[node - len(self.values)]
        self.tools.notify(Event("start", hop))
        given: list[Value] = []
        seconds = 0.0
        with closing(self._inputs(hop)) as inputs:
            for filling in inputs:
                outputs = self._perform(hop, filling, node)
                with closing(outputs):
                    while (timed := self._next(hop, outputs, inputs)) is not None:
                        part, took_s = timed
                        seconds += took_s
                        if isinstance(part, Image):  # each of several pictures stands for itself
                            part = self._with_origin(hop, part, took_s)
                        given.append(part)
                        self.tools.notify(Event("part", hop, part, seconds, _share(filling[0], given)))
                        yield part
        if not given:
            raise StepFailed(
                hop, NothingFound("the engine {engine} gave nothing; try another input", engine=hop.card.name)
            )
        whole = join(given)
        value = whole if isinstance(whole, Image) else self._with_origin(hop, whole, seconds)
        self.failures = ()
        self._made[self._key(node)] = value
        self.tools.notify(Event("end", hop, value, seconds))

    def _next(
        self, hop: Hop, outputs: Iterator[Value], inputs: Iterator[tuple[Value, ...]]
    ) -> tuple[Value, float] | None:
        """Return the next part and the seconds it took; on a failure let the inputs be finished, for another route."""
        began_s = time.perf_counter()
        try:
            part = next(outputs, None)
        except StepFailed as failure:
            if failure.hop is hop:
                for _ in inputs:
                    pass
            raise
        return None if part is None else (part, time.perf_counter() - began_s)

    def _inputs(self, hop: Hop) -> Generator[tuple[Value, ...], None, None]:
        """Yield what the hop works on: parts as they come if it can use them, else all its inputs at once."""
        source = hop.inputs[0]
        readers = sum(source in other.inputs for other in self.route.hops)
        if hop.card.piecewise and len(hop.inputs) == 1 and source >= len(self.values) and readers == 1:
            with closing(ahead(self._parts(source))) as parts:
                for part in parts:
                    yield (part,)
        else:
            yield tuple(self._whole(at) for at in hop.inputs)

    def _perform(self, hop: Hop, inputs: tuple[Value, ...], node: int) -> Generator[Value, None, None]:
        call = Call(self.tools.preferences, hop.output.language, self.route.listening_rate(node))
        try:
            with self.tools.pool.lend(self.tools.engines[hop.card.name]) as (ability, turn):
                parts = perform(hop.card, ability, inputs, call, self.tools.identify)
                while (part := _next_in_turn(parts, turn)) is not None:
                    yield part
        except StepFailed:
            raise
        except Exception as error:
            raise StepFailed(hop, error) from error

    def _with_origin(self, hop: Hop, value: Value, seconds: float) -> Value:
        sources = [self._whole(at) for at in hop.inputs]
        digests = tuple(source.digest() for source in sources)
        step = step_of(hop.card, round(seconds, 4), digests, _rounded(getattr(value, "confidence", None)))
        failures = tuple(failed for failed in self.failures if failed.failure)
        return replace(value, origin=(*merge(source.origin for source in sources), *failures, step))


def step_of(card: Card, seconds: float, inputs: tuple[str, ...], confidence: float | None = None) -> Step:
    """Return what a value's origin says of a step that an engine took; `inputs` are the digests of what went in."""
    weights = card.weights
    return Step(
        engine=card.name,
        model=weights.repository if weights else "",
        revision=weights.revision if weights else "",
        seconds=seconds,
        confidence=confidence,
        inputs=inputs,
    )


def _next_in_turn(parts: Iterator[Value], turn: threading.Lock) -> Value | None:
    with turn:
        return next(parts, None)


def _share(source: Value, given: Sequence[Value]) -> float | None:
    """Return how much of a recording has been written down, or how much of a text has been spoken."""
    last = given[-1]
    if isinstance(source, Audio) and isinstance(last, Text) and last.segments:
        return min(1.0, last.segments[-1].end_s / max(source.duration_s, 1e-3))
    if isinstance(source, Text) and isinstance(last, Audio):
        spoken = sum(len(part.transcript.text) for part in given if isinstance(part, Audio) and part.transcript)
        return min(1.0, spoken / max(len(source.text), 1))
    return None


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 4)


def _as_error(hop: Hop, reason: Exception) -> VivavoceError:
    if isinstance(reason, VivavoceError):
        return reason
    return EngineError(
        "the engine {engine} failed ({reason}); leave it out with --avoid {engine}",
        engine=hop.card.name,
        reason=f"{type(reason).__name__}: {reason}",
    )


def ahead(parts: Generator[Value], size: int = PARTS_AHEAD) -> Generator[Value, None, None]:
    """Yield `parts`, made by another thread that runs at most `size` ahead; closing this one stops that thread."""
    waiting: queue.Queue[Value | BaseException | None] = queue.Queue(size)
    stop = threading.Event()

    def put(item: Value | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                waiting.put(item, timeout=POLL_S)
                return True
            except queue.Full:
                continue
        return False

    def make() -> None:
        try:
            with closing(parts):
                for part in parts:
                    if not put(part):
                        return
            put(None)
        except BaseException as error:  # handed to the reader, who raises it
            put(error)

    worker = threading.Thread(target=make, name="vivavoce-step", daemon=True)
    worker.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        worker.join(timeout=LAST_WORDS_S)  # native code can't be interrupted; the thread ends with its current part
