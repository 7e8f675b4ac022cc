"""A diffusion model in memory: its pipelines for each task, all on the same weights, and how they are called."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from vivavoce.engines.contract import require
from vivavoce.engines.device import give_back
from vivavoce.engines.draw.families import Family, Task, family_of, has_part, index_of, stored_variant
from vivavoce.engines.draw.memory import Savers, free_bytes, savers, weight_bytes
from vivavoce.engines.options import Brush
from vivavoce.engines.torch_models import data_type, loaded
from vivavoce.errors import OutOfMemory
from vivavoce.media.image import Pixels

CHECKER = "safety_checker"
Note = Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """What is to be painted, the same for all pictures of a call: the pipeline's arguments, without seeds."""

    task: Task
    size: tuple[int, int]
    steps: int
    guidance: float
    safety: bool
    words: Mapping[str, str]
    pictures: Mapping[str, Any] = field(default_factory=dict)
    strength: float | None = None


@dataclass
class Studio:
    """A loaded model on a device. Use it from one thread at a time."""

    family: Family
    model: Any
    device: str
    checked: bool
    offload: bool
    _ready: dict[tuple[Task, bool], Any] = field(default_factory=dict)
    _placed: Any = None

    @property
    def own_size(self) -> tuple[int, int]:
        """Width and height in pixels that the model was trained at."""
        unet = getattr(self.model, "unet", None)
        latents = unet.config.sample_size if unet is not None else self.model.default_sample_size
        side = int(latents) * int(self.model.vae_scale_factor)
        return side, side

    @property
    def multiple(self) -> int:
        """What sides must be multiples of, in pixels; the pipelines ask for 8 whatever the decoder's scale."""
        return math.lcm(8, int(self.model.vae_scale_factor) * self.family.grid)

    @property
    def fast(self) -> bool:
        """Whether the model was distilled to a few steps: SDXL Turbo by its schedule, FLUX schnell by its guidance."""
        if not self.family.fast_steps:
            return False
        transformer = getattr(self.model, "transformer", None)
        if transformer is not None:
            return not transformer.config.get("guidance_embeds", True)
        return bool(self.model.scheduler.config.get("timestep_spacing") == "trailing")

    @property
    def longest(self) -> int:
        """How many tokens of a prompt are read."""
        return (self.family.fast_tokens if self.fast else 0) or self.family.tokens

    def steps(self, brush: Brush) -> int:
        """Return how many steps of denoising are taken."""
        return brush.steps or (self.family.fast_steps if self.fast else self.family.steps)

    def guidance(self, brush: Brush) -> float:
        """Return how strictly the prompt is kept to."""
        own = self.family.fast_guidance if self.fast else self.family.guidance
        return own if brush.guidance is None else brush.guidance

    def tokens(self, words: str) -> tuple[int, int]:
        """Return how many tokens a prompt has, and how many the model reads."""
        reader = getattr(self.model, self.family.reader, None)
        if reader is None:  # Stable Diffusion 3 runs without its largest text encoder too
            reader, limit = self.model.tokenizer, 77
        else:
            limit = self.longest
        if not self.family.padded:
            limit = min(limit, int(reader.model_max_length))
        return len(reader(words, verbose=False).input_ids), limit

    def paint(self, sketch: Sketch, seeds: list[int], note: Note) -> list[Pixels | None]:
        """Paint a picture a seed, uint8 [height, width, 3]; None for what the safety checker held back."""
        torch = require("torch", "hub")
        pipeline = self._pipeline(sketch)
        width, height = sketch.size
        settings: dict[str, Any] = {
            "num_inference_steps": sketch.steps,
            self.family.guided_by: sketch.guidance,
            "generator": [torch.Generator("cpu").manual_seed(seed) for seed in seeds],
            "output_type": "pil",
            "callback_on_step_end": note,
        }
        settings |= {name: [text] * len(seeds) for name, text in sketch.words.items()}
        settings |= {name: [picture] * len(seeds) for name, picture in sketch.pictures.items()}
        settings |= {"max_sequence_length": self.longest} if self.family.padded else {}
        settings |= {} if sketch.strength is None else {"strength": sketch.strength}
        if sketch.task != "image" or "width" in _arguments(pipeline):
            settings |= {"width": width, "height": height}
        with torch.inference_mode():
            output = pipeline(**settings)
        flags = getattr(output, "nsfw_content_detected", None) or [False] * len(seeds)
        return [
            None if flagged else np.asarray(image.convert("RGB"))
            for image, flagged in zip(output.images, flags, strict=True)
        ]

    def _pipeline(self, sketch: Sketch) -> Any:  # noqa: ANN401 - a pipeline of diffusers
        checked = sketch.safety and self.checked
        key = (sketch.task, checked)
        if key not in self._ready:
            self._ready[key] = self._built(sketch.task, checked)
        pipeline = self._ready[key]
        self._place(pipeline)
        number_bytes = data_type(self.device).itemsize
        _save(pipeline, self._savers(sketch.size[0] * sketch.size[1], number_bytes))
        return pipeline

    def _built(self, task: Task, checked: bool) -> Any:  # noqa: ANN401 - a pipeline of diffusers
        kind = getattr(require("diffusers", "hub"), self.family.pipeline(task))
        wanted = _parameters(kind.__init__)
        parts = {name: part for name, part in self.model.components.items() if name in wanted}
        if self.family.checker:
            parts |= (
                {"requires_safety_checker": False} if checked else {CHECKER: None, "requires_safety_checker": False}
            )
        pipeline = kind(**parts)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def _place(self, pipeline: Any) -> None:  # noqa: ANN401 - a pipeline of diffusers
        """Let the pipeline at work be the one that moves its parts to the device and back."""
        if self.offload and self._placed is not pipeline:
            pipeline.enable_model_cpu_offload(device=self.device)
            self._placed = pipeline

    def _savers(self, pixels: int, number_bytes: int) -> Savers:
        return savers(free_bytes(self.device), 0, pixels, number_bytes)


def _parameters(function: Any) -> set[str]:  # noqa: ANN401 - any callable
    import inspect

    return set(inspect.signature(function).parameters)


def _arguments(pipeline: Any) -> set[str]:  # noqa: ANN401 - a pipeline of diffusers
    return _parameters(type(pipeline).__call__)


def _save(pipeline: Any, chosen: Savers) -> None:  # noqa: ANN401 - a pipeline of diffusers
    """Decode pictures one by one, and do what else saves memory where little is free."""
    decoder = pipeline.vae
    if hasattr(decoder, "enable_slicing"):
        decoder.enable_slicing()
    if hasattr(decoder, "enable_tiling"):
        decoder.enable_tiling() if chosen.tiles else decoder.disable_tiling()
    if chosen.slices and hasattr(pipeline, "unet"):
        pipeline.enable_attention_slicing()


@contextmanager
def studio(folder: Path, device: str) -> Iterator[Studio]:
    """Load the pipeline in `folder`; parts wait in main memory where the device is too small for all of them.

    Raises EngineError for an unknown pipeline, OutOfMemory when it does not fit.
    """
    family, diffusers = family_of(folder), require("diffusers", "hub")
    quieten()
    with loaded(
        getattr(diffusers, family.text), folder, "cpu", dtype=data_type(device), **loading_settings(folder, family)
    ) as model:
        offload = placed(model, device)
        yield Studio(family, model, device, family.checker and has_part(folder, CHECKER), offload)
    give_back(device)


def loading_settings(folder: Path, family: Family) -> dict[str, Any]:
    """Return what a pipeline is loaded with besides its folder: its variant, and None for parts that it lacks."""
    settings: dict[str, Any] = {"variant": stored_variant(folder)}
    settings |= {name: None for name, part in index_of(folder).items() if isinstance(part, list) and None in part}
    if family.checker and not has_part(folder, CHECKER):
        settings |= {CHECKER: None, "requires_safety_checker": False}
    return settings


def quieten() -> None:
    """Keep the progress bars of loading, and remarks that are raised as errors here, off the terminal."""
    diffusers = require("diffusers", "hub")
    diffusers.utils.logging.disable_progress_bar()
    diffusers.utils.logging.set_verbosity_error()
    require("transformers", "hub").utils.logging.disable_progress_bar()


def placed(model: Any, device: str) -> bool:  # noqa: ANN401 - a pipeline of diffusers
    """Move a pipeline to its device, unless that is too small for all parts together: then say True."""
    if device == "cpu":
        return False
    if device == "cuda" and savers(free_bytes(device), weight_bytes(model), 0, 2).offload:
        require("accelerate", "hub")
        return True
    try:
        model.to(device)
    except RuntimeError as error:
        raise OutOfMemory(
            "the memory of the device is too small for this; give it less at once or a smaller model"
        ) from error
    return False
