"""A route: which engines, in which order, on what, at what price."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Literal

from vivavoce.engines.contract import Card, Lack, State
from vivavoce.errors import UsageError

Goal = Literal["best", "fast", "small"]
GOALS: tuple[Goal, ...] = ("best", "fast", "small")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a route should be, and what it must keep to.

    `licences` are the SPDX identifiers allowed (empty: any). `via` names engines that must be on the route, `avoid`
    engines that must not. `offline` leaves out engines whose weights are not on disk; without it such engines are used
    only where nothing else leads to the goal, unless `pull` says that they may be fetched.
    """

    goal: Goal = "best"
    max_latency_s: float | None = None
    max_memory_gb: float | None = None
    offline: bool = False
    pull: bool = False
    licences: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise UsageError("unknown goal “{goal}”; choose one of {known}", goal=self.goal, known=", ".join(GOALS))


@dataclass(frozen=True)
class Hop:
    """One engine at work on nodes of the route: sources are numbered first, then the outputs of the hops before."""

    card: Card
    inputs: tuple[int, ...]
    output: State
    seconds: float
    lack: Lack | None = None


@dataclass(frozen=True)
class Route:
    """Sources and the hops that lead from them to the goal. No hop: the source is already what was asked for."""

    sources: tuple[State, ...]
    hops: tuple[Hop, ...]
    goal: State
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def final(self) -> int:
        """The number of the node that holds the result."""
        return len(self.sources) + len(self.hops) - 1 if self.hops else 0

    @property
    def seconds(self) -> float:
        """Seconds that the hops are expected to take, one after the other."""
        return sum(hop.seconds for hop in self.hops)

    @property
    def memory_gb(self) -> float:
        """Memory of all engines, which are kept warm together."""
        return sum({hop.card.name: hop.card.cost.memory_gb for hop in self.hops}.values())

    @property
    def quality(self) -> float:
        """The product of the engines' qualities, 0..1."""
        return prod(hop.card.cost.quality for hop in self.hops)

    @property
    def licences(self) -> tuple[str, ...]:
        """The licences of libraries and weights along the route."""
        names = [hop.card.licence for hop in self.hops]
        names += [hop.card.weights.licence for hop in self.hops if hop.card.weights]
        return tuple(dict.fromkeys(names))

    @property
    def lacks(self) -> Mapping[str, Lack]:
        """What must be installed first, by engine."""
        return {hop.card.name: hop.lack for hop in self.hops if hop.lack}

    def listening_rate(self, node: int) -> int | None:
        """Return the sampling rate that all readers of a node listen at, or None if they differ or there is none."""
        readers = {hop.card.rate_hz for hop in self.hops if node in hop.inputs}
        return readers.pop() if len(readers) == 1 else None

    def __str__(self) -> str:
        start = " + ".join(str(state) for state in self.sources)
        return " → ".join([start, *(f"{hop.card.name} → {hop.output}" for hop in self.hops)])
