"""The search under a plan: labels are settled from the cheapest on, over edges that may take several of them.

A directed hypergraph's edge takes several nodes and gives one (a B-arc). This is Knuth's generalisation of Dijkstra's
algorithm (A generalization of Dijkstra's algorithm, 1977) over labels (state, what it made use of): a label's cost is
that of its edge plus those of all that goes into it. Where two inputs of an edge share an engine, it is counted twice
in the search, never in the route's own figures.
"""

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, product

from vivavoce.engines.contract import Ability, Card, State
from vivavoce.media.modality import Modality

SPEECH_CHARACTERS_PER_S = 15.0
NOMINAL_AMOUNT = {
    Modality.TEXT: 1000.0,
    Modality.SPEECH: 60.0,
    Modality.IMAGE: 1.0,
    Modality.VIDEO: 60.0,
    Modality.TABLE: 60.0,
    Modality.MESH: 20.0,
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
# What keeps the words of its input; an answer or a description is something else.
WORD_FOR_WORD = (Ability.TRANSCRIBE, Ability.ALIGN, Ability.UNPACK, Ability.ATTACH, Ability.TRANSLATE, Ability.WATCH)
LOOKED_AT = (Modality.IMAGE, Modality.VIDEO)
ON_VIEWS = (Ability.DESCRIBE, Ability.ANSWER)  # they say new things of a view of a mesh
# A text is translated into the language that most models read, without being asked for, only for engines that paint
# what it means and for further translators.
PIVOT = "en"
READERS_OF_PIVOT = (Ability.DRAW, Ability.REDRAW, Ability.FILM_TEXT, Ability.SHAPE, Ability.TRANSLATE)


@dataclass(frozen=True, slots=True)
class Label:
    """A way to a state: `used` has a bit for each source and each engine of `via` that lies on it.

    `amount` is the size of the value in seconds, characters, megapixels or cells; a source has no card.
    """

    state: State
    used: int
    amount: float
    card: Card | None = None
    seconds: float = 0.0
    inputs: tuple["Label", ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """An engine that may be crossed, what crossing it is held to lose, and its bit if it must be crossed."""

    card: Card
    loss: float
    via_bit: int = 0


class Search:
    """Edges, ready to be searched from any start to any goal. Engines alike but for their cost share an edge."""

    def __init__(self, options: Sequence[Option], everything: int, second_weight: float) -> None:
        self.everything = everything
        self.second_weight = second_weight
        edges: dict[tuple[object, ...], list[Option]] = {}
        for option in options:
            card = option.card
            kind = (card.ability, card.takes, card.gives, card.languages, card.into, card.matched, option.via_bit)
            edges.setdefault(kind, []).append(option)
        self._takers: dict[Modality, list[list[Option]]] = {}
        for edge in edges.values():
            for modality in {pattern.modality for pattern in edge[0].card.takes}:
                self._takers.setdefault(modality, []).append(edge)

    def run(self, starts: Sequence[Label], goal: State) -> Label | None:
        """Return the cheapest label that satisfies the goal and made use of everything, or None."""
        order = count()  # labels of equal cost come out in the order they went in
        queue: list[tuple[float, int, Label]] = [(0.0, next(order), start) for start in starts]
        settled: dict[tuple[State, int], tuple[float, Label]] = {}
        cheapest = {(start.state, start.used): 0.0 for start in starts}
        while queue:
            cost, _, label = heapq.heappop(queue)
            if (label.state, label.used) in settled:
                continue
            if label.used == self.everything and _reaches(label, goal):
                return label
            settled[label.state, label.used] = (cost, label)
            known = [found for _, found in settled.values()]
            for edge in self._takers.get(label.state.modality, ()):
                if _pivoted(label, goal) and edge[0].card.ability not in READERS_OF_PIVOT:
                    continue
                for inputs in _fillings(edge[0].card, label, known):
                    for own, made in self._cross(edge, inputs, goal):
                        total = own + sum(settled[given.state, given.used][0] for given in inputs)
                        if total < cheapest.get((made.state, made.used), math.inf):
                            cheapest[made.state, made.used] = total
                            heapq.heappush(queue, (total, next(order), made))
        return None

    def _cross(self, edge: list[Option], inputs: tuple[Label, ...], goal: State) -> Iterator[tuple[float, Label]]:
        """Yield the cost of the edge by its best engine and the label that it makes, for each language it may write."""
        card = edge[0].card
        if card.gives is None:
            return
        main = next((label for label in inputs if label.state.modality in LASTING), inputs[0])

        def seconds(option: Option) -> float:
            return option.card.cost.fixed_s + option.card.cost.per_unit_s * main.amount

        best = min(edge, key=lambda option: option.loss + self.second_weight * seconds(option))
        used = best.via_bit
        for label in inputs:
            used |= label.used
        rate = YIELD.get((main.state.modality, card.gives.modality))
        amount = main.amount * rate if rate is not None else NOMINAL_AMOUNT[card.gives.modality]
        own = best.loss + self.second_weight * seconds(best)
        for language in _languages(card, inputs, goal):
            state = State(card.gives.modality, language, card.gives.traits)
            yield own, Label(state, used, amount, best.card, seconds(best), inputs)


def _reaches(label: Label, goal: State) -> bool:
    """Say whether a label will do; of an unknown language only what is recognised may prove to be right."""
    if not label.state.satisfies(goal) or _pivoted(label, goal):
        return False
    known = goal.language is None or label.state.language is not None
    return known or any(at.card and at.card.ability is Ability.TRANSCRIBE for at in (label, *_ancestors(label)))


def _fillings(card: Card, label: Label, known: Sequence[Label]) -> Iterator[tuple[Label, ...]]:
    """Yield each way to fill what the card takes with known labels, `label` among them."""
    fits = [_fits(label, pattern, card) for pattern in card.takes]
    if len(fits) == 1 or not any(fits):
        yield from [(label,)] if fits[0] else []
        return
    choices = [[found for found in known if _fits(found, pattern, card)] for pattern in card.takes]
    for filling in product(*choices):
        if any(given is label for given in filling) and (not card.matched or _belongs(filling[-1], filling[0])):
            yield filling


def _belongs(text: Label, first: Label) -> bool:
    """Say whether `text` is what is said in `first`: given beside it by the user, or made from it word for word."""
    if text.card is None:
        made = any(at.card is not None and at.card.ability is Ability.SPEAK for at in (first, *_ancestors(first)))
        return text.state.modality is Modality.TEXT and not made
    return text.card.ability in WORD_FOR_WORD and any(
        before is first or _belongs(before, first) for before in text.inputs
    )


def _ancestors(label: Label) -> Iterator[Label]:
    for before in label.inputs:
        yield before
        yield from _ancestors(before)


def _fits(label: Label, pattern: State, card: Card) -> bool:
    state = label.state
    view = label.card is not None and label.card.ability is Ability.RENDER and card.ability in ON_VIEWS
    if label.card is not None and not view and state.modality in LOOKED_AT and card.ability is not Ability.FILM_STILL:
        return False  # to read a picture or take apart a video made on the way gives back what went in
    if card.ability is Ability.SUMMARISE and label.inputs and label.inputs[0].state.modality is Modality.TEXT:
        return False  # so does summing up a table made of a text, with less in it
    return state.modality is pattern.modality and pattern.traits <= state.traits and card.speaks(state.language)


def _pivoted(label: Label, goal: State) -> bool:
    """Say whether a text was translated into a language that nobody asked for."""
    translated = label.card is not None and label.card.ability is Ability.TRANSLATE
    return translated and label.state.language != goal.language


def _languages(card: Card, inputs: tuple[Label, ...], goal: State) -> list[str | None]:
    """Return the languages that the card may write: a translator that of the goal and the pivot, others just one."""
    if card.ability is not Ability.TRANSLATE:
        return [_language(card, inputs, goal)]
    wanted = [goal.language] if goal.language else []
    return [code for code in dict.fromkeys([*wanted, PIVOT]) if code in card.into and code != inputs[0].state.language]


def _language(card: Card, inputs: tuple[Label, ...], goal: State) -> str | None:
    known = next((label.state.language for label in inputs if label.state.language), None)
    if card.into:
        return next((language for language in (goal.language, known) if language in card.into), card.into[0])
    if known is None and len(card.languages) == 1:
        return card.languages[0]
    return known


def total_s(label: Label) -> float:
    """Return the seconds of all engines on the way to `label`, each once."""
    return sum(made.seconds for made in in_order(label))


def in_order(label: Label) -> list[Label]:
    """List the labels made on the way to `label`, inputs first, each once."""
    found: dict[int, Label] = {}

    def visit(at: Label) -> None:
        for before in at.inputs:
            visit(before)
        if at.card is not None:
            found.setdefault(id(at), at)

    visit(label)
    return list(found.values())
