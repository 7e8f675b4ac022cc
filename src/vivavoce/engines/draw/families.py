"""The families of diffusion models: which pipelines run them, and what they are told when the caller says nothing."""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from vivavoce.errors import EngineError

INDEX = "model_index.json"
Task = Literal["text", "image", "mask"]


@dataclass(frozen=True, kw_only=True)
class Family:
    """A table of `families.toml`, which explains the fields."""

    classes: tuple[str, ...]
    text: str
    image: str
    mask: str
    steps: int
    guidance: float
    negative: bool
    checker: bool
    reader: str
    tokens: int
    fast_steps: int = 0
    fast_guidance: float = 0.0
    fast_tokens: int = 0
    guided_by: str = "guidance_scale"
    nothing: str = ""
    padded: bool = False
    whole: bool = False
    grid: int = 1

    def pipeline(self, task: Task) -> str:
        """Return the name of the class of diffusers that does `task`."""
        return {"text": self.text, "image": self.image, "mask": self.mask}[task]


@cache
def families() -> tuple[Family, ...]:
    """Return the tables of `families.toml`."""
    rows = tomllib.loads((files("vivavoce.engines.draw") / "families.toml").read_text("utf-8"))["family"]
    return tuple(Family(**{**row, "classes": tuple(row["classes"])}) for row in rows)


def family_of(folder: Path) -> Family:
    """Return the family of the pipeline in `folder`; raise EngineError for none, or one that is not known."""
    name = index_of(folder).get("_class_name")
    for family in families():
        if name in family.classes:
            return family
    known = ", ".join(name for family in families() for name in family.classes)
    raise EngineError(
        "the pipeline {name} in {path} is not known here; choose a model of {known}",
        name=name,
        path=folder,
        known=known,
    )


def index_of(folder: Path) -> dict[str, Any]:
    """Return what model_index.json says of a pipeline's parts; raise EngineError when there is none."""
    try:
        index = json.loads((folder / INDEX).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError(
            "the folder {path} holds no diffusion pipeline (no readable model_index.json); name one that does",
            path=folder,
        ) from error
    return index if isinstance(index, dict) else {}


def has_part(folder: Path, part: str) -> bool:
    """Say whether a pipeline comes with `part`, on disk and not left out by its index."""
    named = index_of(folder).get(part)
    return isinstance(named, list) and None not in named and (folder / part).is_dir()


def stored_variant(folder: Path) -> str | None:
    """Return "fp16" where the weights are there in that variant only, else None."""
    weights = [path.name for path in folder.glob("*/*.safetensors")]
    halves = [name for name in weights if ".fp16" in name]
    return "fp16" if halves and not [name for name in weights if name not in halves and "model" in name] else None
