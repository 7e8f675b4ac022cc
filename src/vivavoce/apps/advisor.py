"""Which model for this task, language, memory, time and licence: the best that fits, why, and why not the others."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files
from typing import Literal

from vivavoce.engines.catalog import catalog, lack_of
from vivavoce.engines.checkpoint import Checkpoint, published
from vivavoce.engines.contract import Ability, Card
from vivavoce.errors import UsageError
from vivavoce.routes.costs import costs_file, load_costs, with_costs

Obstacle = Literal["language", "memory", "time", "licence"]
# Licences that allow commercial use without further conditions on who may use it or how large they are.
COMMERCIAL = ("mit", "apache-2.0", "bsd-", "cc-by-4.0", "cc-by-sa-", "psf-2.0", "gpl-", "lgpl-", "creativeml-openrail")
SMALLER, FASTER = 0.7, 0.5  # how much less memory or time makes an alternative worth naming


@dataclass(frozen=True, kw_only=True)
class Task:
    """What people want: an ability, perhaps only of some models, and the size of a nominal input."""

    name: str
    also: tuple[str, ...]
    ability: Ability
    amount: float
    guide: str
    models: tuple[str, ...] = ("*",)


@dataclass(frozen=True, kw_only=True)
class Need:
    """What the model must keep to; None or "" where it matters not. The licence "commercial" is any that allows it."""

    task: Task
    language: str | None = None
    memory_gb: float | None = None
    latency_s: float | None = None
    licence: str = ""
    device: str = "cpu"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An engine, what it takes for the task's nominal input, and what keeps it from being chosen."""

    card: Card
    model: Checkpoint | None
    memory_gb: float
    seconds: float
    obstacles: tuple[Obstacle, ...]

    @property
    def licence(self) -> str:
        """The licence of the weights, or of the engine where it needs none."""
        return self.card.weights.licence if self.card.weights else self.card.licence


@dataclass(frozen=True, kw_only=True)
class Advice:
    """The best that fits (None: nothing does), a smaller and a faster one if there is, and all that was weighed."""

    need: Need
    best: Candidate | None
    smaller: Candidate | None
    faster: Candidate | None
    ready: Candidate | None
    weighed: tuple[Candidate, ...]


@cache
def tasks() -> tuple[Task, ...]:
    """Return the tasks that advice is given on."""
    rows = tomllib.loads((files("vivavoce.apps") / "advice.toml").read_text("utf-8"))["task"]
    return tuple(
        Task(
            name=row["name"],
            also=tuple(row["also"]),
            ability=Ability(row["ability"]),
            amount=float(row["amount"]),
            guide=row["guide"],
            models=tuple(row.get("models", ("*",))),
        )
        for row in rows
    )


def task_named(name: str) -> Task:
    """Return the task that a word stands for ("transcribe", "asr", …); raise UsageError for another."""
    wanted = name.strip().lower().replace(" ", "-").replace("_", "-")
    for task in tasks():
        if wanted in (task.name, task.ability.value, *task.also):
            return task
    raise UsageError(
        "there is no task “{name}”; choose one of {known}", name=name, known=", ".join(task.name for task in tasks())
    )


def advise(need: Need) -> Advice:
    """Weigh every engine that does the task. Times are for two CPU cores, or measured here by `viva bench engines`."""
    able = [card for card in catalog().cards if card.ability is need.task.ability and _is_for(card, need.task)]
    measured = load_costs(costs_file())
    weighed = sorted((_weigh(card, need) for card in with_costs(able, measured)), key=_rank)
    fitting = [candidate for candidate in weighed if not candidate.obstacles]
    best = fitting[0] if fitting else None
    return Advice(
        need=need,
        best=best,
        smaller=_first(c for c in fitting if best and c.memory_gb < SMALLER * best.memory_gb),
        faster=_first(c for c in fitting if best and c.seconds < FASTER * best.seconds),
        ready=_first(c for c in fitting if lack_of(c.card) is None),
        weighed=tuple(weighed),
    )


def _is_for(card: Card, task: Task) -> bool:
    return any(fnmatch(card.name.partition("/")[0], pattern) for pattern in task.models)


def _rank(candidate: Candidate) -> tuple[bool, float, float]:
    return bool(candidate.obstacles), -candidate.card.cost.quality, candidate.seconds


def _first(candidates: Iterable[Candidate]) -> Candidate | None:
    return next(iter(candidates), None)


def _weigh(card: Card, need: Need) -> Candidate:
    model = next((model for model in published() if model.alias == card.name.partition("/")[0]), None)
    memory_gb = model.memory_on(need.device) if model else card.cost.memory_gb
    seconds = card.cost.per_unit_s * need.task.amount
    licence = card.weights.licence if card.weights else card.licence
    obstacles: list[Obstacle] = []
    if not (card.speaks(need.language) or need.language in card.into):
        obstacles.append("language")
    if need.memory_gb is not None and memory_gb > need.memory_gb:
        obstacles.append("memory")
    if need.latency_s is not None and need.device == "cpu" and seconds > need.latency_s:
        obstacles.append("time")
    if not _licensed(licence, need.licence):
        obstacles.append("licence")
    return Candidate(card=card, model=model, memory_gb=memory_gb, seconds=seconds, obstacles=tuple(obstacles))


def _licensed(licence: str, wanted: str) -> bool:
    if not wanted:
        return True
    if wanted.lower() == "commercial":
        return licence.lower().startswith(COMMERCIAL)
    return licence.lower() == wanted.lower()
