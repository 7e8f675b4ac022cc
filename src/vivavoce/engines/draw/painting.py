"""Work that takes many steps and can be stopped between any two of them, from another thread too."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """The caller has gone; not an error that anybody sees."""


class Painting(Iterator[T], Generic[T]):
    """Pictures that are painted as they are asked for; `share` is how much of the work is done, 0..1.

    `close` ends the work after the step at hand, even while another thread waits for a picture.
    """

    def __init__(self, work: "Callable[[Painting[T]], Iterator[T]]", steps: int) -> None:
        self._parts = work(self)
        self._steps = max(1, steps)
        self._done = 0
        self._closed = threading.Event()

    @property
    def share(self) -> float:
        """How much of all steps is done, 0..1."""
        return min(1.0, self._done / self._steps)

    def step(self, pictures: int = 1) -> None:
        """Note a step of so many pictures at once; raise Stopped when the painting was closed."""
        self._done += pictures
        if self._closed.is_set():
            raise Stopped

    def on_step(self, pictures: int) -> Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]:
        """Return what diffusers calls after each step (`callback_on_step_end`)."""

        def note(pipeline: Any, number: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
            self.step(pictures)
            return tensors

        return note

    def __next__(self) -> T:
        if self._closed.is_set():
            raise StopIteration
        try:
            return next(self._parts)
        except Stopped:
            raise StopIteration from None

    def close(self) -> None:
        """Stop; what is already painted stays with the caller."""
        self._closed.set()
