"""The best route from what there is to what is wanted: a pure function over cards."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from vivavoce.engines.contract import Card, Lack, State
from vivavoce.errors import NoRoute, UsageError
from vivavoce.routes.route import Hop, Route, Wishes
from vivavoce.routes.search import NOMINAL_AMOUNT, Label, Option, Search, in_order, total_s

SECONDS_AS_LOSS = 1e-6  # how much a second weighs against quality for the goal "best": it decides between equals
FAST_SECONDS_AS_LOSS = 0.1  # for the goal "fast": seven seconds make up for half of the quality
EACH_HOP_AS_LOSS = 1e-4  # of two equally good routes the shorter
LACK_AS_LOSS = 1.0  # more than quality makes up for: as few engines to install as can be, and small ones
GB_TO_FETCH_AS_LOSS = 0.2
SERVER_AS_LOSS = 1.0  # a server to be set up is more trouble than a download
ALL_THAT_COUNTS = 1e6  # the weight of a second when only seconds matter
BISECTIONS = 8

Needs = Literal["ready", "fetchable", "any"]


def plan(
    sources: Sequence[State],
    goal: State,
    cards: Sequence[Card],
    wishes: Wishes | None = None,
    lacks: Mapping[str, Lack] | None = None,
    amounts: Sequence[float] | None = None,
) -> Route:
    """Return the best route from all of `sources` to `goal`.

    `lacks` says what engines miss; a route crosses such an engine only where no other leads to the goal. `amounts` are
    the sources' sizes in seconds, characters, megapixels or cells. Raises NoRoute when there is none, UsageError when
    `wishes` names an engine that does not exist.
    """
    wishes, lacks = wishes or Wishes(), lacks or {}
    _check_names(wishes, cards)
    if not sources:
        raise UsageError("there is nothing to convert; give at least one input")
    starts = [
        Label(state, 1 << bit, amount)
        for bit, (state, amount) in enumerate(
            zip(sources, amounts or [NOMINAL_AMOUNT[s.modality] for s in sources], strict=True)
        )
    ]
    found = _find(starts, goal, cards, wishes, lacks)
    if found is None:
        raise _no_route(starts, goal, cards, wishes, lacks)
    return _as_route(found, tuple(sources), goal, wishes, lacks)


def _find(
    starts: list[Label], goal: State, cards: Sequence[Card], wishes: Wishes, lacks: Mapping[str, Lack]
) -> Label | None:
    via_bit = {name: 1 << (len(starts) + number) for number, name in enumerate(wishes.via)}
    everything = (1 << (len(starts) + len(via_bit))) - 1
    for needs in _stages(wishes):
        options = [
            Option(card, _loss(card, wishes, lacks.get(card.name)), via_bit.get(card.name, 0))
            for card in cards
            if _allowed(card, wishes, lacks.get(card.name), needs)
        ]
        found = _within_latency(partial(_search, options, everything, starts, goal), wishes)
        if found is not None:
            return found
    return None


def _stages(wishes: Wishes) -> tuple[Needs, ...]:
    if wishes.offline:
        return ("ready",)
    return ("fetchable", "any") if wishes.pull else ("ready", "any")


def _check_names(wishes: Wishes, cards: Sequence[Card]) -> None:
    names = {card.name for card in cards}
    for name in (*wishes.via, *wishes.avoid):
        if name not in names:
            raise UsageError("there is no engine “{name}”; see: viva models list", name=name)


def _allowed(card: Card, wishes: Wishes, lack: Lack | None, needs: Needs) -> bool:
    if card.gives is None or card.name in wishes.avoid:
        return False
    if wishes.offline and card.variable is not None:
        return False  # the server that it names may be elsewhere
    if lack is not None and not (needs == "any" or (needs == "fetchable" and lack.kind == "weights")):
        return False
    if wishes.max_memory_gb is not None and card.cost.memory_gb > wishes.max_memory_gb:
        return False
    licences = {card.licence, card.weights.licence if card.weights else card.licence}
    return not wishes.licences or licences <= set(wishes.licences)


def _search(
    options: list[Option], everything: int, starts: list[Label], goal: State, second_weight: float
) -> Label | None:
    return Search(options, everything, second_weight).run(starts, goal)


def _within_latency(search: Callable[[float], Label | None], wishes: Wishes) -> Label | None:
    """Search; if the route is too slow, weigh seconds more and more, and keep the best route that is fast enough.

    (The exact constrained path is NP-hard; this is its Lagrangian relaxation.)
    """
    found = search(FAST_SECONDS_AS_LOSS if wishes.goal == "fast" else SECONDS_AS_LOSS)
    limit_s = wishes.max_latency_s
    if found is None or limit_s is None or total_s(found) <= limit_s:
        return found
    kept = search(ALL_THAT_COUNTS)
    if kept is None or total_s(kept) > limit_s:
        return None
    low, high = math.log(SECONDS_AS_LOSS), math.log(ALL_THAT_COUNTS)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        tried = search(math.exp(middle))
        if tried is not None and total_s(tried) <= limit_s:
            kept, high = tried, middle
        else:
            low = middle
    return kept


def _loss(card: Card, wishes: Wishes, lack: Lack | None) -> float:
    """Return what crossing an engine loses: quality or memory by the goal, and the trouble of getting it."""
    loss = -math.log(max(card.cost.quality, 1e-6)) + EACH_HOP_AS_LOSS
    if lack is not None:
        loss += GB_TO_FETCH_AS_LOSS * (card.weights.size_mb / 1000 if card.weights else 0)
        loss += 0 if wishes.pull and lack.kind == "weights" else LACK_AS_LOSS
        loss += SERVER_AS_LOSS if lack.kind == "variable" else 0
    return card.cost.memory_gb + 1e-3 * loss if wishes.goal == "small" else loss


def _as_route(
    label: Label, sources: tuple[State, ...], goal: State, wishes: Wishes, lacks: Mapping[str, Lack]
) -> Route:
    made = in_order(label)
    number = {id(step): len(sources) + at for at, step in enumerate(made)}

    def node(step: Label) -> int:
        return number[id(step)] if step.card is not None else step.used.bit_length() - 1

    hops = tuple(
        Hop(step.card, tuple(map(node, step.inputs)), step.state, step.seconds, lacks.get(step.card.name))
        for step in made
        if step.card is not None
    )
    return Route(sources, hops, goal, wishes)


def _no_route(
    starts: list[Label], goal: State, cards: Sequence[Card], wishes: Wishes, lacks: Mapping[str, Lack]
) -> NoRoute:
    """Say why: name the limit whose dropping would open a route, and that route."""
    sources = " + ".join(str(start.state) for start in starts)
    looser_wishes = {
        "--max-latency": replace(wishes, max_latency_s=None),
        "--max-memory": replace(wishes, max_memory_gb=None),
        "--licence": replace(wishes, licences=()),
        "--avoid": replace(wishes, avoid=()),
        "--via": replace(wishes, via=()),
        "--offline": replace(wishes, offline=False),
    }
    set_limits = {limit: looser for limit, looser in looser_wishes.items() if looser != wishes}
    together = {", ".join(set_limits): Wishes(goal=wishes.goal)} if len(set_limits) > 1 else {}
    for limit, looser in (set_limits | together).items():
        open_way = _find(starts, goal, cards, looser, lacks)
        if open_way is not None:
            return NoRoute(
                "no route from {sources} to {goal} keeps to {limit}; without it {engines} would take {seconds:.1f} s",
                sources=sources,
                goal=goal,
                limit=limit,
                engines=", ".join(step.card.name for step in in_order(open_way) if step.card),
                seconds=total_s(open_way),
            )
    return NoRoute(
        "no engine leads from {sources} to {goal}; see what can be had: viva models list", sources=sources, goal=goal
    )
