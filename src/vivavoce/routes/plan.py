"""The cheapest B-hyperpath from what there is to what is wanted: a pure function over cards.

A directed hypergraph's edge takes several nodes and gives one (a B-arc). The search is Knuth's generalisation of
Dijkstra's algorithm (A generalization of Dijkstra's algorithm, 1977) over labels (state, what it made use of): a
label's cost is that of its edge plus those of all that goes into it. Where two inputs of an edge share an engine, it is
counted twice in the search, never in the route's own figures.
"""

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, product
from typing import Literal

from vivavoce.engines.contract import Ability, Card, Lack, State
from vivavoce.errors import NoRoute, UsageError
from vivavoce.media.modality import Modality
from vivavoce.routes.route import Hop, Route, Wishes

SPEECH_CHARACTERS_PER_S = 15.0
NOMINAL_AMOUNT = {
    Modality.TEXT: 1000.0,
    Modality.SPEECH: 60.0,
    Modality.IMAGE: 1.0,
    Modality.VIDEO: 60.0,
    Modality.TABLE: 60.0,
}
# What comes out for each unit that goes in; where nothing is said, the nominal amount.
YIELD = {
    (Modality.TEXT, Modality.SPEECH): 1 / SPEECH_CHARACTERS_PER_S,
    (Modality.SPEECH, Modality.TEXT): SPEECH_CHARACTERS_PER_S,
    (Modality.VIDEO, Modality.TEXT): SPEECH_CHARACTERS_PER_S,
    (Modality.SPEECH, Modality.VIDEO): 1.0,
    (Modality.VIDEO, Modality.SPEECH): 1.0,
    (Modality.TEXT, Modality.TEXT): 1.0,
    (Modality.TABLE, Modality.TEXT): 8.0,
    (Modality.TEXT, Modality.TABLE): 1 / 20,
}
LASTING = (Modality.SPEECH, Modality.VIDEO)
LOOKED_AT = (Modality.IMAGE, Modality.VIDEO)
SECONDS_AS_LOSS = 1e-6  # how much a second weighs against quality for the goal "best": it decides between equals
EACH_HOP_AS_LOSS = 1e-4  # of two equally good routes the shorter
LACK_AS_LOSS = 0.05  # of two engines that must be installed first, fewer and smaller ones
GB_TO_FETCH_AS_LOSS = 0.2
BISECTIONS = 6

Needs = Literal["ready", "fetchable", "any"]


@dataclass(frozen=True, slots=True)
class _Label:
    """A way to a state: `used` has a bit for each source and each engine of `via` that lies on it."""

    state: State
    used: int
    amount: float
    card: Card | None = None
    seconds: float = 0.0
    inputs: tuple["_Label", ...] = ()


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
        _Label(state, 1 << bit, amount)
        for bit, (state, amount) in enumerate(
            zip(sources, amounts or [NOMINAL_AMOUNT[s.modality] for s in sources], strict=True)
        )
    ]
    for needs in _stages(wishes):
        usable = [
            (card, _loss(card, wishes, lacks.get(card.name)))
            for card in cards
            if _allowed(card, wishes, lacks.get(card.name), needs)
        ]
        found = _within_latency(starts, goal, usable, wishes)
        if found is not None:
            return _as_route(found, tuple(sources), goal, wishes, lacks)
    raise _no_route(starts, goal, cards, wishes)


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
    if lack is not None and not (needs == "any" or (needs == "fetchable" and lack.kind == "weights")):
        return False
    if wishes.max_memory_gb is not None and card.cost.memory_gb > wishes.max_memory_gb:
        return False
    licences = {card.licence, card.weights.licence if card.weights else card.licence}
    return not wishes.licences or licences <= set(wishes.licences)


def _within_latency(
    starts: list[_Label], goal: State, cards: Sequence[tuple[Card, float]], wishes: Wishes
) -> _Label | None:
    """Search; if the route is too slow, weigh seconds more and more, and keep the best route that is fast enough.

    (The exact constrained path is NP-hard; this is its Lagrangian relaxation.)
    """
    found = _search(starts, goal, cards, wishes, second_weight=_second_weight(wishes))
    limit_s = wishes.max_latency_s
    if found is None or limit_s is None or _total_s(found) <= limit_s:
        return found
    kept = _search(starts, goal, cards, wishes, second_weight=1e6)
    if kept is None or _total_s(kept) > limit_s:
        return None
    low, high = math.log(SECONDS_AS_LOSS), math.log(1e6)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        tried = _search(starts, goal, cards, wishes, second_weight=math.exp(middle))
        if tried is not None and _total_s(tried) <= limit_s:
            kept, high = tried, middle
        else:
            low = middle
    return kept


def _second_weight(wishes: Wishes) -> float:
    return 1e3 if wishes.goal == "fast" else SECONDS_AS_LOSS


def _search(
    starts: list[_Label], goal: State, cards: Sequence[tuple[Card, float]], wishes: Wishes, second_weight: float
) -> _Label | None:
    """Settle labels from the cheapest on until one satisfies the goal with all sources and all of `via` used.

    `cards` come with what crossing each is held to lose; seconds are weighed by `second_weight` and added.
    """
    via_bit = {name: 1 << (len(starts) + number) for number, name in enumerate(wishes.via)}
    everything = (1 << (len(starts) + len(wishes.via))) - 1
    takers: dict[Modality, list[tuple[Card, float]]] = {}
    for card, loss in cards:
        for modality in {pattern.modality for pattern in card.takes}:
            takers.setdefault(modality, []).append((card, loss))
    order = count()  # labels of equal cost come out in the order they went in
    queue: list[tuple[float, int, _Label]] = [(0.0, next(order), start) for start in starts]
    settled: dict[tuple[State, int], tuple[float, _Label]] = {}
    cheapest: dict[tuple[State, int], float] = {(start.state, start.used): 0.0 for start in starts}
    while queue:
        cost, _, label = heapq.heappop(queue)
        if (label.state, label.used) in settled:
            continue
        if label.used == everything and label.state.satisfies(goal):
            return label
        settled[label.state, label.used] = (cost, label)
        known = [found for _, found in settled.values()]
        for card, own in takers.get(label.state.modality, ()):
            for inputs in _fillings(card, label, known):
                made = _made(card, inputs, goal, via_bit.get(card.name, 0))
                if made is None:
                    continue
                total = sum(settled[i.state, i.used][0] for i in inputs) + own + second_weight * made.seconds
                if total < cheapest.get((made.state, made.used), math.inf):
                    cheapest[made.state, made.used] = total
                    heapq.heappush(queue, (total, next(order), made))
    return None


def _loss(card: Card, wishes: Wishes, lack: Lack | None) -> float:
    """Return what crossing an engine loses: quality or memory by the goal, and the trouble of getting it."""
    loss = -math.log(max(card.cost.quality, 1e-6)) + EACH_HOP_AS_LOSS
    if lack is not None:
        loss += LACK_AS_LOSS + GB_TO_FETCH_AS_LOSS * (card.weights.size_mb / 1000 if card.weights else 0)
    return card.cost.memory_gb + 1e-3 * loss if wishes.goal == "small" else loss


def _fillings(card: Card, label: _Label, known: Sequence[_Label]) -> Iterator[tuple[_Label, ...]]:
    """Yield each way to fill what the card takes with known labels, `label` among them."""
    fits = [_fits(label, pattern, card) for pattern in card.takes]
    if len(fits) == 1 or not any(fits):
        yield from [(label,)] if fits[0] else []
        return
    choices = [[found for found in known if _fits(found, pattern, card)] for pattern in card.takes]
    for filling in product(*choices):
        if any(given is label for given in filling) and (not card.matched or _belongs(filling[-1], filling[0])):
            yield filling


def _belongs(text: _Label, first: _Label) -> bool:
    """Say whether `text` is given by the user, or was made from `first`."""
    return text.card is None or any(_made_from(text, first))


def _made_from(label: _Label, wanted: _Label) -> Iterator[bool]:
    for before in label.inputs:
        yield before is wanted
        yield from _made_from(before, wanted)


def _fits(label: _Label, pattern: State, card: Card) -> bool:
    state = label.state
    if label.card is not None and state.modality in LOOKED_AT and card.ability is not Ability.FILM_STILL:
        return False  # to read a picture or take apart a video made on the way gives back what went in
    return state.modality is pattern.modality and pattern.traits <= state.traits and card.speaks(state.language)


def _made(card: Card, inputs: tuple[_Label, ...], goal: State, via_bit: int) -> _Label | None:
    """Return the label of what the card makes, or None where it can't write the language needed."""
    language = _language(card, inputs, goal)
    if card.ability is Ability.TRANSLATE and language in (None, inputs[0].state.language):
        return None
    assert card.gives is not None  # `_allowed` keeps out cards that give nothing
    used = via_bit
    for label in inputs:
        used |= label.used
    main = next((label for label in inputs if label.state.modality in LASTING), inputs[0])
    gives = card.gives.modality
    rate = YIELD.get((main.state.modality, gives))
    amount = main.amount * rate if rate is not None else NOMINAL_AMOUNT[gives]
    seconds = card.cost.fixed_s + card.cost.per_unit_s * main.amount
    return _Label(State(gives, language, card.gives.traits), used, amount, card, seconds, inputs)


def _language(card: Card, inputs: tuple[_Label, ...], goal: State) -> str | None:
    known = next((label.state.language for label in inputs if label.state.language), None)
    if card.into:
        return next((language for language in (goal.language, known) if language in card.into), None) or (
            None if card.ability is Ability.TRANSLATE else card.into[0]
        )
    if known is None and len(card.languages) == 1:
        return card.languages[0]
    return known


def _total_s(label: _Label) -> float:
    return sum(made.seconds for made in _in_order(label))


def _in_order(label: _Label) -> list[_Label]:
    """List the labels made on the way to `label`, inputs first, each once."""
    found: dict[int, _Label] = {}

    def visit(at: _Label) -> None:
        for before in at.inputs:
            visit(before)
        if at.card is not None:
            found.setdefault(id(at), at)

    visit(label)
    return list(found.values())


def _as_route(
    label: _Label, sources: tuple[State, ...], goal: State, wishes: Wishes, lacks: Mapping[str, Lack]
) -> Route:
    made = _in_order(label)
    number = {id(step): len(sources) + at for at, step in enumerate(made)}

    def node(step: _Label) -> int:
        return number[id(step)] if step.card is not None else step.used.bit_length() - 1

    hops = tuple(
        Hop(step.card, tuple(map(node, step.inputs)), step.state, step.seconds, lacks.get(step.card.name))
        for step in made
        if step.card is not None
    )
    return Route(sources, hops, goal, wishes)


def _no_route(starts: list[_Label], goal: State, cards: Sequence[Card], wishes: Wishes) -> NoRoute:
    """Say why: name the limit that is in the way, if dropping it would open a route."""
    names = " + ".join(str(start.state) for start in starts)
    free = _search(starts, goal, [(card, 0.0) for card in cards if card.gives], Wishes(), 1e3)
    if free is None:
        return NoRoute(
            "no engine leads from {sources} to {goal}; see what can be had: viva models list", sources=names, goal=goal
        )
    loosened = {
        "--max-latency": replace(wishes, max_latency_s=None),
        "--max-memory": replace(wishes, max_memory_gb=None),
        "--licence": replace(wishes, licences=()),
        "--avoid": replace(wishes, avoid=()),
        "--via": replace(wishes, via=()),
        "--offline": replace(wishes, offline=False),
    }
    blame = [flag for flag, looser in loosened.items() if looser != wishes]
    return NoRoute(
        "no route from {sources} to {goal} keeps to {limits}; the fastest without takes {seconds:.1f} s by {engines}",
        sources=names,
        goal=goal,
        limits=", ".join(blame) or "the limits",
        seconds=_total_s(free),
        engines=", ".join(step.card.name for step in _in_order(free) if step.card),
    )
