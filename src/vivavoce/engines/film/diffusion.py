"""Video diffusion by diffusers: LTX-Video (arXiv:2501.00103), Wan 2 (arXiv:2503.20314), CogVideoX (arXiv:2408.06072).

What a family was trained on is in `families.toml`. A film has the model's own length and number of pixels, in the
proportions that are asked for, and is scaled to the size that is asked for while it is watched or saved. LTX films at
the frame rate that is asked for, if any is, the others at their own: another would change how fast things move.
"""

import math
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from vivavoce.engines.abilities import FilmText
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port, require
from vivavoce.engines.device import give_back
from vivavoce.engines.draw.easel import check_language
from vivavoce.engines.draw.families import index_of
from vivavoce.engines.draw.studio import placed, quieten
from vivavoce.engines.film.drawn import Canvas
from vivavoce.engines.film.painted import PaintedFrames
from vivavoce.engines.options import FilmOptions
from vivavoce.engines.torch_models import data_type, in_batches, loaded
from vivavoce.errors import EmptyInput, EngineError
from vivavoce.media.image import Pixels
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text
from vivavoce.media.video import Video


@dataclass(frozen=True, kw_only=True)
class Family:
    """A table of `families.toml`, which explains the fields."""

    name: str
    width: int
    height: int
    frames: int
    fps: int
    every: int
    grid: int
    steps: int
    guidance: float
    tokens: int
    any_rate: bool = False
    whole: tuple[str, ...] = ()

    def rate(self, options: FilmOptions) -> int:
        """Return frames a second."""
        return options.fps if self.any_rate and options.fps else self.fps

    def frame_count(self, fps: int, wanted: int | None) -> int:
        """Return how many frames are filmed at `fps`: the model's own seconds, or the next number to `wanted`."""
        count = wanted or round(self.frames / self.fps * fps)
        return max(1, round((count - 1) / self.every)) * self.every + 1

    def size(self, canvas: Canvas) -> tuple[int, int]:
        """Return the width and height that are filmed: at most the model's own pixels, in the canvas's proportions."""
        scale = min(1.0, math.sqrt(self.width * self.height / (canvas.width * canvas.height)))
        width, height = (max(1, round(side * scale / self.grid)) * self.grid for side in (canvas.width, canvas.height))
        return width, height


@cache
def families() -> dict[str, Family]:
    """Return the tables of `families.toml` by the class of their pipeline."""
    rows = tomllib.loads((files("vivavoce.engines.film") / "families.toml").read_text("utf-8"))["family"]
    return {row["name"]: Family(**{**row, "whole": tuple(row.get("whole", ()))}) for row in rows}


MODEL_TYPES = tuple(families())
"""Here the `_class_name`s of model_index.json, which stands in for config.json."""


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (VideoDiffusion(model=model),)


@dataclass(frozen=True, kw_only=True)
class VideoDiffusion:
    """Which weights, and how many frames and steps (None: what suits the model)."""

    model: Checkpoint
    frames: int | None = None
    steps: int | None = None

    @property
    def card(self) -> Card:
        """Describe it; a film costs the same whatever its prompt's length."""
        card = self.model.card(
            Ability.FILM_TEXT, (port(Modality.TEXT),), port(Modality.VIDEO), "films a silent scene from a description"
        )
        cost = replace(card.cost, fixed_s=card.cost.fixed_s + card.cost.per_unit_s, per_unit_s=0.0)
        return replace(card, module="diffusers", cost=cost)

    @contextmanager
    def open(self, device: str) -> Iterator[FilmText]:
        """Yield the film maker; raise NotReady without the library or the weights."""
        with _pipeline(self.model.path(), device) as (pipeline, family):

            def film(text: Text, options: FilmOptions) -> Video:
                if not text.text.strip():
                    raise EmptyInput("there is nothing to film; give it words")
                check_language(text, self.model.languages, self.card.name)
                self._check_length(text.text, pipeline.tokenizer, family.tokens)
                canvas, fps = Canvas.of(options), family.rate(options)
                pictures = self._filmed(pipeline, family, text.text, options, device)
                source = PaintedFrames(pictures=pictures, fps=fps, width=canvas.width, height=canvas.height)
                return Video(
                    source=source,
                    width=canvas.width,
                    height=canvas.height,
                    fps=fps,
                    duration_s=len(pictures) / fps,
                    audible=False,
                )

            yield film

    def _filmed(self, pipeline: Any, family: Family, words: str, options: FilmOptions, device: str) -> Pixels:  # noqa: ANN401 - of diffusers
        """Return uint8 [frames, height, width, 3]."""
        torch, fps = require("torch", "hub"), family.rate(options)
        width, height = family.size(Canvas.of(options))
        steps = self.steps or family.steps
        settings: dict[str, Any] = {
            "prompt": words,
            "width": width,
            "height": height,
            "num_frames": family.frame_count(fps, self.frames),
            "num_inference_steps": steps,
            "guidance_scale": family.guidance,
            "max_sequence_length": family.tokens,
            "output_type": "np",
        }
        settings |= {"frame_rate": fps} if family.any_rate else {}

        def run(_: Sequence[None]) -> Any:  # noqa: ANN401 - arrays of diffusers
            with torch.inference_mode():
                return list(pipeline(**settings).frames)

        (frames,) = in_batches(run, [None], 1, device)
        pictures: Pixels = np.rint(np.clip(np.nan_to_num(frames), 0, 1) * 255).astype(np.uint8)
        return pictures

    def _check_length(self, words: str, tokenizer: Any, limit: int) -> None:  # noqa: ANN401 - of transformers
        got = len(tokenizer(words, verbose=False).input_ids)
        if got > limit:
            raise EngineError(
                "the prompt has {got} tokens and {engine} reads {limit}; shorten it",
                got=got,
                engine=self.card.name,
                limit=limit,
            )


@contextmanager
def _pipeline(folder: Path, device: str) -> Iterator[tuple[Any, Family]]:
    """Load the pipeline; its decoder works piece by piece, since a film is many pictures."""
    diffusers, name = require("diffusers", "hub"), index_of(folder).get("_class_name")
    family = families().get(str(name))
    if family is None:
        raise EngineError(
            "the pipeline {name} in {path} is not known here; choose a model of {known}",
            name=name,
            path=folder,
            known=", ".join(families()),
        )
    quieten()
    kinds = {"default": data_type(device), **dict.fromkeys(family.whole, require("torch", "hub").float32)}
    with loaded(getattr(diffusers, family.name), folder, "cpu", dtype=kinds) as pipeline:
        pipeline.set_progress_bar_config(disable=True)
        if placed(pipeline, device):
            pipeline.enable_model_cpu_offload(device=device)
        if device != "cpu":
            pipeline.vae.enable_tiling()
        yield pipeline, family
    give_back(device)
