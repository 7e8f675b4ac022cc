import threading
from contextlib import contextmanager

import pytest

from vivavoce.engines.sharing import shared


class Loads:
    def __init__(self):
        self.opened, self.closed = 0, 0

    @contextmanager
    def __call__(self):
        self.opened += 1
        yield object()
        self.closed += 1


def test_engines_on_the_same_weights_load_them_once_and_the_last_one_frees_them():
    load = Loads()
    with shared("model", load) as (first, turn):
        with shared("model", load) as (second, same_turn):
            assert first is second and turn is same_turn
        assert (load.opened, load.closed) == (1, 0)
    assert (load.opened, load.closed) == (1, 1)


def test_other_weights_are_loaded_on_their_own():
    load = Loads()
    with shared("a", load) as (first, _), shared("b", load) as (second, _):
        assert first is not second and load.opened == 2


def test_threads_that_come_together_load_once():
    load, arrived = Loads(), threading.Barrier(8)
    seen = []

    def use():
        arrived.wait()
        with shared("model", load) as (content, _):
            seen.append(content)
            arrived.wait()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, seen))) == 1 and (load.opened, load.closed) == (1, 1)


def test_weights_that_can_not_be_loaded_are_tried_anew_by_the_next():
    @contextmanager
    def fail():
        raise ValueError("no such file")
        yield

    for _ in range(2):
        with pytest.raises(ValueError, match="no such file"), shared("broken", fail):
            pass
    load = Loads()
    with shared("broken", load):
        assert load.opened == 1


def test_who_comes_while_the_last_one_leaves_waits_for_the_memory():
    both = []
    inside, leave = threading.Event(), threading.Event()
    loaded = []

    @contextmanager
    def load():
        loaded.append(1)
        both.append(len(loaded))
        yield object()
        inside.set()
        leave.wait(5)  # slow to give back
        loaded.pop()

    def use():
        with shared("slow", load):
            pass

    first = threading.Thread(target=use)
    first.start()
    inside.wait(5)
    second = threading.Thread(target=use)
    second.start()
    leave.set()
    first.join()
    second.join()
    assert both == [1, 1]
