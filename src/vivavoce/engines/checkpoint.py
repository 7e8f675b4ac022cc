"""A model's weights and what is known of them: a row of `models.toml`, or a folder of the user's own."""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from vivavoce.engines.contract import Ability, Card, Cost, State, Weights
from vivavoce.engines.hub import folder_of
from vivavoce.errors import NotReady, UsageError
from vivavoce.messages import Phrase

MMS_VOICE = re.compile(r"(?:facebook/)?mms-tts-([a-z]{3}(?:-script_\w+)?)")  # 1,107 languages, by ISO 639-3

Tier = Literal["small", "base", "large"]


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Which weights a back end runs.

    `engine` is the back end's key in the catalog. A `folder` of the user's own stands in for a hub repository.
    `memory_gb` goes by data type, as in (("int8", 0.4), ("float32", 1.1)); `quality` in 0..1 is what the planner
    reckons with, `published` the figure behind it in words, and `source` where that was read. `per_unit_s` is seconds
    for each unit of input on two CPU cores, the unit being that of `contract.Cost`; `per_unit_s_of` and
    `quality_of` hold them for further abilities of the same weights, by the name of the edge.
    """

    alias: str
    engine: str
    repository: str = ""
    revision: str = "main"
    folder: str = ""
    files: tuple[str, ...] = ()
    size_mb: int = 0
    memory_gb: tuple[tuple[str, float], ...] = ()
    languages: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    licence: str = "unknown"
    tier: Tier = "base"
    quality: float = 0.8
    per_unit_s: float = 0.5
    per_unit_s_of: tuple[tuple[str, float], ...] = ()
    quality_of: tuple[tuple[str, float], ...] = ()
    published: str = ""
    source: str = ""

    @property
    def weights(self) -> Weights | None:
        """What must be fetched from a hub; None for a folder."""
        if self.folder:
            return None
        return Weights(
            repository=self.repository,
            revision=self.revision,
            size_mb=self.size_mb,
            licence=self.licence,
            files=self.files,
        )

    def path(self) -> Path:
        """Return the folder that holds the weights; raise NotReady when they are not on disk."""
        found = folder_of(self.weights) if self.weights else Path(self.folder)
        if found is None:
            raise NotReady("the weights of {engine} are not on disk; run: viva models pull {engine}", engine=self.alias)
        return found

    def memory_on(self, device: str) -> float:
        """Return gigabytes on a device in the data type that is used there: the least known, float32 on a CPU."""
        known = dict(self.memory_gb)
        least = min(known.values(), default=1.0)
        return known.get("int8" if "int8" in known else "float32", least) if device == "cpu" else least

    def card(
        self, ability: Ability, takes: tuple[State, ...], gives: State | None, summary: str, *, edge: str = ""
    ) -> Card:
        """Return the card of a transformers back end on these weights; `edge` tells a model's further abilities apart.

        What else a back end knows of itself it adds by `dataclasses.replace`.
        """
        return Card(
            name=f"{self.alias}/{edge}" if edge else self.alias,
            ability=ability,
            takes=takes,
            gives=gives,
            summary=summary,
            licence="Apache-2.0",
            languages=self.languages,
            into=self.into,
            extra="hub",
            module="transformers",
            weights=self.weights,
            tier="hub",
            cost=Cost(
                fixed_s=0.5 + self.size_mb / 1000,
                per_unit_s=dict(self.per_unit_s_of).get(edge, self.per_unit_s),
                memory_gb=self.memory_on("cpu"),
                quality=dict(self.quality_of).get(edge, self.quality),
            ),
        )


@cache
def published() -> tuple[Checkpoint, ...]:
    """Return the rows of `models.toml`."""
    held = tomllib.loads((files("vivavoce.engines") / "models.toml").read_text("utf-8"))
    shared = held["shared_languages"]

    def frozen(name: str, value: Any) -> Any:  # noqa: ANN401 - a value of TOML
        if name in ("languages", "into") and isinstance(value, str):
            value = shared[value]
        if isinstance(value, dict):
            return tuple(value.items())
        return tuple(value) if isinstance(value, list) else value

    return tuple(Checkpoint(**{name: frozen(name, value) for name, value in row.items()}) for row in held["model"])


@dataclass(frozen=True)
class Renamed:
    """A name that articles give and no hub has (any more), why, and the repository nearest to it."""

    name: str
    why: str
    instead: str


@cache
def renamed() -> tuple[Renamed, ...]:
    """Return the rows of `renamed.toml`."""
    rows = tomllib.loads((files("vivavoce.engines") / "renamed.toml").read_text("utf-8"))["renamed"]
    return tuple(Renamed(**row) for row in rows)


def checkpoint_named(name: str) -> Checkpoint | None:
    """Return the published checkpoint of an alias or a hub repository, None for another name.

    Raises UsageError for a name known to be wrong, saying what it is called.
    """
    wanted = name.strip().lower()
    for model in published():
        if wanted in (model.alias, model.repository.lower()):
            return model
    if language := MMS_VOICE.fullmatch(wanted):
        english = next(model for model in published() if model.alias == "mms-tts-eng")
        alias = f"mms-tts-{language[1]}"
        return replace(english, alias=alias, repository=f"facebook/{alias}", languages=())
    for wrong in renamed():
        if wanted in (wrong.name.lower(), wrong.name.rpartition("/")[2].lower()):
            raise UsageError(
                "there is no model “{name}” ({why}); the nearest is {instead}",
                name=wrong.name,
                why=Phrase(wrong.why),
                instead=wrong.instead,
            )
    return None
