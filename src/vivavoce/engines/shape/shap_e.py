"""Shap-E (Jun and Nichol, 2023, arXiv:2305.02463) by diffusers: text to a coloured mesh."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vivavoce.engines.abilities import Shape
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port, require
from vivavoce.engines.draw.easel import SEEDS, check_language
from vivavoce.engines.draw.families import stored_variant
from vivavoce.engines.draw.prompts import prompt_of
from vivavoce.engines.draw.studio import quieten
from vivavoce.engines.options import Brush, DrawOptions
from vivavoce.engines.torch_models import in_batches, loaded
from vivavoce.errors import EngineError, NothingFound
from vivavoce.media.mesh import Mesh, to_srgb
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

MODEL_TYPES = ("ShapEPipeline",)  # the `_class_name` of model_index.json
STEPS, GUIDANCE = 64, 15.0  # as the authors' own samples


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (ShapE(model=model),)


@dataclass(frozen=True, kw_only=True)
class ShapE:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it; a mesh costs the same whatever its prompt's length."""
        card = self.model.card(
            Ability.SHAPE, (port(Modality.TEXT),), port(Modality.MESH), "makes a coloured 3D model from a description"
        )
        cost = replace(card.cost, fixed_s=card.cost.fixed_s + card.cost.per_unit_s, per_unit_s=0.0)
        return replace(card, module="diffusers", cost=cost)

    @contextmanager
    def open(self, device: str) -> Iterator[Shape]:
        """Yield a function of a text and options (seed, steps, guidance and style of the brush count).

        It raises NothingFound where the model made no surface. Raises NotReady without the library or the weights.
        """
        folder = self.model.path()
        torch, diffusers = require("torch", "hub"), require("diffusers", "hub")
        quieten()
        with loaded(diffusers.ShapEPipeline, folder, device, variant=stored_variant(folder)) as pipeline:
            pipeline.set_progress_bar_config(disable=True)

            def shape(text: Text, options: DrawOptions) -> Mesh:
                check_language(text, self.model.languages, self.card.name)
                words = prompt_of(text, options.brush).words
                self._check(words, options.brush, pipeline.tokenizer)
                seed = secrets.randbelow(SEEDS) if options.brush.seed is None else options.brush.seed
                settings = {
                    "num_inference_steps": options.brush.steps or STEPS,
                    "guidance_scale": GUIDANCE if options.brush.guidance is None else options.brush.guidance,
                    "output_type": "mesh",
                }

                def run(seeds: Any) -> Any:  # noqa: ANN401 - meshes of diffusers
                    generator = torch.Generator("cpu").manual_seed(seeds[0])
                    with torch.inference_mode():
                        return pipeline(words, generator=generator, **settings).images

                try:
                    (found,) = in_batches(run, [seed], 1, device)
                except ValueError as error:  # colours are sought for the points of the surface, and there are none
                    if "non-empty" not in str(error):
                        raise
                    raise _no_surface() from error
                return _mesh(found)

            yield shape

    def _check(self, words: str, brush: Brush, tokenizer: Any) -> None:  # noqa: ANN401 - of transformers
        """Raise EngineError for what the model does not take: a negative prompt, one that is too long."""
        if brush.negative:
            raise EngineError(
                "{engine} can't leave things out; say in the prompt what is wanted instead of a negative one",
                engine=self.card.name,
            )
        got, limit = len(tokenizer(words, verbose=False).input_ids), int(tokenizer.model_max_length)
        if got > limit:
            raise EngineError(
                "the prompt has {got} tokens and {engine} reads {limit}; shorten it",
                got=got,
                engine=self.card.name,
                limit=limit,
            )


def _no_surface() -> NothingFound:
    return NothingFound("the model found no surface for these words; change them or the seed")


def _mesh(found: Any) -> Mesh:  # noqa: ANN401 - a MeshDecoderOutput
    """Bring it upright: z points upwards in the model's space, y in a Mesh."""
    if not len(found.faces):
        raise _no_surface()
    x, y, z = found.verts.float().cpu().numpy().T
    light = np.stack([found.vertex_channels[channel].float().cpu().numpy() for channel in "RGB"], axis=1)
    return Mesh(np.stack([x, z, -y], axis=1), found.faces.cpu().numpy().astype(np.int32), to_srgb(light))
