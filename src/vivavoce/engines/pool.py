"""Opened engines, kept warm: the one place that loads, shares, and closes them, for command line and server alike."""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Self, TypeVar, cast

from vivavoce.engines.contract import Engine
from vivavoce.engines.device import give_back

T = TypeVar("T")


@dataclass
class _Warm:
    """An engine in memory, or about to be; `calls` serialises its callers, `users` keeps it from being closed."""

    memory_gb: float
    scope: AbstractContextManager[object] | None = None
    ability: object = None
    calls: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    used_at_s: float = 0.0


class Pool:
    """Engines opened on demand, at most `memory_gb` of them by their cards' word; the longest unused go first."""

    def __init__(self, device: str = "cpu", memory_gb: float = 8.0) -> None:
        self.device = device
        self.memory_gb = memory_gb
        self._warm: dict[Engine[object], _Warm] = {}
        self._lock = threading.Lock()

    @contextmanager
    def use(self, engine: Engine[T]) -> Iterator[T]:
        """Yield what the engine does, for this caller alone until the block ends."""
        with self.lend(engine) as (ability, turn), turn:
            yield ability

    @contextmanager
    def lend(self, engine: Engine[T]) -> Iterator[tuple[T, threading.Lock]]:
        """Yield what the engine does, opening it if need be, and the lock to hold while it is at work.

        Who streams holds the lock for one part at a time, so that nobody waits for a reader of the stream. Raises what
        `engine.open` raises: NotReady when something must be installed first.
        """
        warm = self._hold(engine)
        try:
            with warm.calls:
                if warm.scope is None:
                    scope = engine.open(self.device)
                    warm.ability = scope.__enter__()
                    warm.scope = scope
            yield cast(T, warm.ability), warm.calls
        finally:
            with self._lock:
                warm.users -= 1
                warm.used_at_s = time.monotonic()
                if warm.scope is None and not warm.users:  # it could not be opened
                    self._warm.pop(engine, None)

    def _hold(self, engine: Engine[T]) -> _Warm:
        with self._lock:
            warm = self._warm.get(engine)
            if warm is None:
                self._make_room(engine.card.cost.memory_gb)
                warm = self._warm[engine] = _Warm(engine.card.cost.memory_gb)
            warm.users += 1
            return warm

    def _make_room(self, needed_gb: float) -> None:
        idle = sorted(
            (engine for engine, warm in self._warm.items() if not warm.users),
            key=lambda engine: self._warm[engine].used_at_s,
        )
        for engine in idle:
            if sum(warm.memory_gb for warm in self._warm.values()) + needed_gb <= self.memory_gb:
                return
            self._close(self._warm.pop(engine))

    @property
    def names(self) -> list[str]:
        """Return the names of the engines in memory."""
        with self._lock:
            return [engine.card.name for engine in self._warm]

    def close(self) -> None:
        """Close every engine."""
        with self._lock:
            while self._warm:
                self._close(self._warm.popitem()[1])

    def _close(self, warm: _Warm) -> None:
        if warm.scope is not None:
            warm.ability = None
            warm.scope.__exit__(None, None, None)
            warm.scope = None
            give_back(self.device)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
