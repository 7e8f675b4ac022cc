import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from vivavoce.engines.contract import Ability, Card, Cost
from vivavoce.engines.pool import Pool
from vivavoce.errors import NotReady


@dataclass(frozen=True)
class Counted:
    """An engine that keeps a log of when it is opened and closed."""

    name: str
    log: list = field(default_factory=list, hash=False, compare=False)
    memory_gb: float = 1.0
    fails: bool = False

    @property
    def card(self):
        cost = Cost(memory_gb=self.memory_gb)
        return Card(name=self.name, ability=Ability.DRAW, takes=(), gives=None, summary="", licence="MIT", cost=cost)

    @contextmanager
    def open(self, device):
        if self.fails:
            raise NotReady("{name} is not here", name=self.name)
        self.log.append(f"open {self.name} on {device}")
        yield lambda: self.name
        self.log.append(f"close {self.name}")


def test_an_engine_is_opened_once_and_stays_warm():
    engine = Counted("a")
    with Pool("cpu") as pool:
        for _ in range(3):
            with pool.use(engine) as ability:
                assert ability() == "a"
        assert engine.log == ["open a on cpu"]
        assert pool.names == ["a"]
    assert engine.log == ["open a on cpu", "close a"]


def test_the_longest_unused_engine_makes_room():
    log = []
    a, b, c = (Counted(name, log) for name in "abc")
    pool = Pool(memory_gb=2.0)
    for engine in (a, b, a, c):
        with pool.use(engine):
            pass
    assert log == ["open a on cpu", "open b on cpu", "close b", "open c on cpu"]
    assert pool.names == ["a", "c"]


def test_an_engine_in_use_is_never_closed():
    log = []
    a, b = Counted("a", log), Counted("b", log)
    pool = Pool(memory_gb=1.0)
    with pool.use(a), pool.use(b):
        assert log == ["open a on cpu", "open b on cpu"]


def test_callers_of_one_engine_wait_for_each_other_and_those_of_others_do_not():
    pool, a, b = Pool(), Counted("a"), Counted("b")
    inside, most, lock = [], [], threading.Lock()

    def call(engine):
        with pool.use(engine):
            with lock:
                inside.append(engine.name)
                most.append((inside.count("a"), len(inside)))
            time.sleep(0.05)
            with lock:
                inside.remove(engine.name)

    threads = [threading.Thread(target=call, args=(engine,)) for engine in (a, a, a, b)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(count for count, _ in most) == 1
    assert max(together for _, together in most) == 2


def test_an_engine_that_can_not_be_opened_leaves_nothing_behind():
    pool = Pool()
    for _ in range(2):
        with pytest.raises(NotReady), pool.use(Counted("broken", fails=True)):
            pass
    assert pool.names == []
