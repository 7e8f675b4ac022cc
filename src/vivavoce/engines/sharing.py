"""One model in memory for several engines: a model with many abilities is an engine for each, on the same weights."""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar, cast

T = TypeVar("T")


@dataclass
class _Held:
    """What is in memory for a key, and by how many it is used; `turn` serialises their calls."""

    scope: AbstractContextManager[object] | None = None
    content: object = None
    users: int = 0
    opening: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.Lock = field(default_factory=threading.Lock)


_held: dict[Hashable, _Held] = {}
_lock = threading.Lock()


@contextmanager
def shared(key: Hashable, load: Callable[[], AbstractContextManager[T]]) -> Iterator[tuple[T, threading.Lock]]:
    """Yield what `load` yields, loaded by the first user and closed by the last, and the lock to hold while using it.

    Raises what `load` raises.
    """
    with _lock:
        held = _held.setdefault(key, _Held())
        held.users += 1
    try:
        with held.opening:
            if held.scope is None:
                scope = load()
                held.content = scope.__enter__()
                held.scope = scope
        yield cast(T, held.content), held.turn
    finally:
        with held.opening:  # who comes now waits until the old copy is gone
            with _lock:
                held.users -= 1
                last = not held.users
            if last and held.scope is not None:
                old, held.scope, held.content = held.scope, None, None
                old.__exit__(None, None, None)
        with _lock:
            if not held.users and _held.get(key) is held:
                del _held[key]
