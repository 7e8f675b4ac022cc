"""Any inputs to any modality: look at them, plan, decode, run."""

import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Self

from vivavoce.apps.inputs import Anything, Kind, Start, start_of, state_of_kind
from vivavoce.engines.catalog import Catalog, catalog, engines_named, lack_of
from vivavoce.engines.contract import Ability, AnyEngine, Card, Lack, State
from vivavoce.engines.device import choose_device
from vivavoce.engines.hub import pull
from vivavoce.engines.options import Preferences
from vivavoce.engines.pool import Pool
from vivavoce.errors import EngineError, NotReady, RouteFailed, VivavoceError
from vivavoce.media.gateway import Value, save
from vivavoce.media.limits import DEFAULT_LIMITS, Limits
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text
from vivavoce.routes.costs import costs_file, load_costs, with_costs
from vivavoce.routes.plan import plan
from vivavoce.routes.route import Route, Wishes
from vivavoce.routes.run import Event, Run, Tools

SURE = 0.8  # a language is believed from this probability on
KEPT_AS = {
    Modality.TEXT: "txt",
    Modality.SPEECH: "wav",
    Modality.IMAGE: "png",
    Modality.VIDEO: "mp4",
    Modality.TABLE: "csv",
    Modality.MESH: "glb",
}


def _ignore(event: Event) -> None:
    """Listen to no news."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to do with the inputs: the goal, what the route must keep to, and what the engines are told.

    `language` is that of the inputs where it is not plain from their text, `to_language` that of the result.
    """

    to: Kind
    language: str | None = None
    to_language: str | None = None
    wishes: Wishes = field(default_factory=Wishes)
    preferences: Preferences = field(default_factory=Preferences)
    notify: Callable[[Event], None] = _ignore

    @property
    def goal(self) -> State:
        """The state that the result must be in."""
        return replace(state_of_kind(self.to), language=self.to_language)


class Converter:
    """Engines, the pool that keeps them warm, and what they cost here. Close it, or use it as a context manager."""

    def __init__(
        self, engines: Catalog | None = None, device: str | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self.engines = engines or catalog()
        self.limits = limits
        self.pool = Pool(choose_device(device))
        self.cards: list[Card] = with_costs(self.engines.cards, load_costs(costs_file()))
        self.named: dict[str, Card] = {}  # engines that only a job which names them may use

    def plan(self, inputs: Sequence[Kind | Anything], job: Job) -> Route:
        """Return the route that `run` would take; inputs are values, files, or mere modalities for a dry run."""
        job = self._knowing(job)
        return self._route([start_of(item, self.limits, job.language, self.identify) for item in inputs], job)

    def run(self, inputs: Sequence[Anything], job: Job) -> Value:
        """Convert `inputs` and return the result with its origin.

        Raises NoRoute, NotReady when something must be installed first, RouteFailed naming what was kept, and what
        engines and the gateway raise.
        """
        run = self._begin(inputs, job)
        try:
            result = run.result()
        except VivavoceError as error:
            raise _keeping(run.intermediate, error) from error
        language = result.language if isinstance(result, Text) else None
        if job.to_language and language and language != job.to_language:
            raise EngineError(
                "the result is in {got}, not {wanted}; name the language of the input with --language",
                got=language,
                wanted=job.to_language,
            )
        return result

    def stream(self, inputs: Sequence[Anything], job: Job) -> Generator[Value, None, None]:
        """Convert `inputs` and yield the result part by part, as it is made; a text that breaks off is kept."""
        run = self._begin(inputs, job)
        given: list[Text] = []
        with closing(run.stream()) as parts:
            try:
                for part in parts:
                    given += [part] if isinstance(part, Text) else []
                    yield part
            except VivavoceError as error:
                raise _keeping([*run.intermediate, *([("begun", Text.join(given))] if given else [])], error) from error

    def identify(self, text: Text) -> str | None:
        """Return the language of a text, None where it is too short to tell."""
        if text.language or not any(letter.isalpha() for letter in text.text):
            return text.language
        able = self.able(Ability.IDENTIFY_LANGUAGE)
        if not able:
            return _by_script(text.text)
        with self.pool.use(able[0]) as identify_language:
            code, probability = identify_language(text)
        if probability < SURE and text.text.isascii():
            return "en"  # a few Latin words: the likeliest by far
        return str(code) if probability >= SURE or len(text.text) > 20 else _by_script(text.text)

    def able(self, ability: Ability) -> list[AnyEngine]:
        """Return the engines with an ability that a job may use without naming them, the best that is ready first."""
        return [engine for engine in self.engines.able(ability) if engine.card.name not in self.named]

    def engine_name(self, name: str, ability: Ability | None = None) -> str:
        """Return the name of an engine, or of the one with `ability` on the same weights.

        A model in a folder, or fetched by its hub name, joins the catalog for this. Raises what `engines_named` raises,
        and UsageError when it hasn't the ability.
        """
        if name not in self.engines.engines:
            found = engines_named(name)
            self.engines = self.engines.adding(found)
            self.named |= {engine.card.name: engine.card for engine in found}
            name = found[0].card.name
        return name if ability is None else self.engines.edge(name, ability).card.name

    def close(self) -> None:
        """Close every engine."""
        self.pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _route(self, starts: Sequence[Start], job: Job) -> Route:
        return plan(
            [start.state for start in starts],
            job.goal,
            self._cards(job.wishes, job.preferences),
            job.wishes,
            self._lacks(),
            [start.amount for start in starts],
        )

    def _cards(self, wishes: Wishes, preferences: Preferences) -> list[Card]:
        """Return the cards that a job may use: with a grammar, only recognisers that can keep to one."""
        cards = [*self.cards, *(self.named[name] for name in wishes.via if name in self.named)]
        if not preferences.hints.grammar:
            return cards
        return [card for card in cards if card.grammars or card.ability is not Ability.TRANSCRIBE]

    def _lacks(self) -> dict[str, Lack]:
        return {card.name: lack for card in self.cards if (lack := lack_of(card))}

    def _knowing(self, job: Job) -> Job:
        """Let the models in folders that a job names join the catalog, and return the job with their names."""
        via = tuple(self.engine_name(name) for name in job.wishes.via)
        return replace(job, wishes=replace(job.wishes, via=via))

    def _begin(self, inputs: Sequence[Anything], job: Job) -> Run:
        job = self._knowing(job)
        starts = [start_of(item, self.limits, job.language, self.identify) for item in inputs]
        route = self._route(starts, job)
        self._make_ready(route)
        values = [start.value(self.limits, route.listening_rate(node)) for node, start in enumerate(starts)]
        hints = job.preferences.hints
        tools = Tools(
            engines=self.engines.engines,
            pool=self.pool,
            replan=lambda broken, engine: self._replan(broken, engine, starts, job),
            identify=self.identify,
            preferences=replace(job.preferences, hints=replace(hints, language=hints.language or job.language)),
            notify=job.notify,
        )
        return Run(route, values, tools)

    def _replan(self, broken: Route, engine: str, starts: Sequence[Start], job: Job) -> Route:
        """Find another way that misses nothing: what must first be installed can't stand in for a failed engine."""
        wishes = replace(broken.wishes, avoid=(*broken.wishes.avoid, engine), offline=True)
        amounts = [start.amount for start in starts]
        cards = self._cards(wishes, job.preferences)
        return plan(broken.sources, broken.goal, cards, wishes, self._lacks(), amounts)

    def _make_ready(self, route: Route) -> None:
        """Fetch weights if the wishes allow it; raise NotReady naming all that is missing then."""
        lacking = [hop for hop in route.hops if hop.lack]
        fetchable = [
            hop.card.weights for hop in lacking if hop.lack and hop.lack.kind == "weights" and hop.card.weights
        ]
        missing = lacking if not route.wishes.pull else [hop for hop in lacking if hop.card.weights not in fetchable]
        if missing:
            raise NotReady(
                "this needs {engines}, not on this machine yet; run: {remedies}",
                engines=" + ".join(_with_size(hop.card) for hop in missing),
                remedies=" && ".join(hop.lack.command for hop in missing if hop.lack),
            )
        for weights in fetchable:
            pull(weights)


@cache
def default_converter() -> Converter:
    """Return the converter that the functions of the library share; its engines stay warm until the process ends."""
    return Converter()


def _with_size(card: Card) -> str:
    weights = card.weights
    return f"{card.name} ({weights.size_mb} MB, {weights.licence})" if weights else card.name


def _by_script(text: str) -> str | None:
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else None


def _keeping(made: Sequence[tuple[str, Value]], error: VivavoceError) -> VivavoceError:
    """Keep what finished steps gave in a folder, and name it in the error; without any, return the error as it is."""
    if not made:
        return error
    folder = Path(tempfile.mkdtemp(prefix="vivavoce-kept-"))
    kept = [
        save(
            value, folder / f"{number}-{Path(engine).name}.{KEPT_AS[value.modality]}"
        )  # a local model's name is a path
        for number, (engine, value) in enumerate(made, 1)
    ]
    failed = RouteFailed(
        "{error}; what was made before that is kept in {paths}", error=error, paths=", ".join(map(str, kept))
    )
    failed.artefacts = tuple(kept)
    return failed
