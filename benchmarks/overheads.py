"""What the framework itself costs: import, help, planning over 200 engines, and a call through the pool.

Run: python benchmarks/overheads.py   Prints JSON: medians in milliseconds, and the targets.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from vivavoce.engines.catalog import catalog
from vivavoce.engines.contract import Ability, Card, State
from vivavoce.engines.pool import Pool
from vivavoce.media.modality import Modality
from vivavoce.routes.plan import plan

RUNS = 15
ENGINES = 200


def median_ms(work: Callable[[], object], runs: int = RUNS) -> float:
    work()
    times = []
    for _ in range(runs):
        began_s = time.perf_counter()
        work()
        times.append(time.perf_counter() - began_s)
    return round(statistics.median(times) * 1000, 3)


def process_ms(code: str) -> float:
    return median_ms(lambda: subprocess.run([sys.executable, "-c", code], check=True, capture_output=True))


def planning_ms() -> dict[str, float]:
    """Plan from each modality to each other, and from two inputs, over copies of the catalog's cards."""
    cards = [card for card in catalog().cards if card.gives]
    many = [replace(cards[n % len(cards)], name=f"engine-{n}") for n in range(ENGINES)]
    wishes = [([State(a)], State(b)) for a in Modality for b in Modality if a != b]
    wishes += [([State(Modality.SPEECH), State(Modality.IMAGE)], State(Modality.SPEECH))]
    times = [median_ms(partial(plan, sources, goal, many)) for sources, goal in wishes]
    return {"median": statistics.median(times), "worst": max(times)}


@dataclass(frozen=True)
class Nothing:
    """An engine that does nothing, so that only the pool is timed."""

    card = Card(name="nothing", ability=Ability.DRAW, takes=(), gives=None, summary="", licence="")

    @contextmanager
    def open(self, device: str) -> Iterator[Callable[[], None]]:
        """Yield a function that does nothing."""
        yield lambda: None


def pool_ms(calls: int = 1000) -> float:
    engine = Nothing()
    with Pool() as pool, engine.open("cpu") as bare:

        def through_pool() -> None:
            for _ in range(calls):
                with pool.use(engine) as call:
                    call()

        def directly() -> None:
            for _ in range(calls):
                bare()

        return round((median_ms(through_pool) - median_ms(directly)) / calls, 6)


def main() -> None:
    bare_ms = process_ms("pass")
    result = {
        "python_start_ms": bare_ms,
        "import_ms": round(process_ms("import vivavoce") - bare_ms, 2),
        "help_ms": process_ms("from vivavoce.cli.main import main; main(['--help'])"),
        "plan_200_engines_ms": planning_ms(),
        "pool_overhead_ms_per_call": pool_ms(),
        "targets": {"import_ms": 150, "help_ms": 300, "plan_200_engines_ms": 5, "pool_overhead_ms_per_call": 1},
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
