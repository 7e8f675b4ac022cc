"""Diffusion models by diffusers: Stable Diffusion 1.5, XL, Turbo and 3.5, latent consistency, FLUX and Qwen-Image.

Latent diffusion: Rombach et al., 2022 (arXiv:2112.10752). What a family is told by default is in `families.toml`. The
families from XL on come without a safety checker; for them `Brush.safety` changes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from vivavoce.engines.abilities import Draw, Redraw
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, State, port
from vivavoce.engines.draw.easel import Easel
from vivavoce.engines.draw.families import families
from vivavoce.engines.draw.sizes import size_like, size_of
from vivavoce.engines.draw.stencil import Stencil
from vivavoce.engines.draw.studio import studio
from vivavoce.engines.options import DrawOptions
from vivavoce.engines.sharing import shared
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

MODEL_TYPES = tuple(name for family in families() for name in family.classes)
"""Here the `_class_name`s of model_index.json, which stands in for config.json."""


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (DiffusionPainter(model=model), DiffusionRepainter(model=model))


@dataclass(frozen=True, kw_only=True)
class DiffusionPainter:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it; a picture costs the same whatever its prompt's length."""
        takes = (port(Modality.TEXT),)
        return painter_card(self.model, Ability.DRAW, takes, "paints a picture from a description")

    @contextmanager
    def open(self, device: str) -> Iterator[Draw]:
        """Yield the painter; raise NotReady without the library or the weights."""
        with _easel(self.model, device) as easel:

            def draw(text: Text, options: DrawOptions) -> Iterator[Image]:
                size = size_of(options, easel.studio.own_size, easel.studio.multiple, easel.name)
                return easel.paint(easel.sketch(text, options.brush, size), options.brush, size.cut)

            yield draw


@dataclass(frozen=True, kw_only=True)
class DiffusionRepainter:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        takes = (port(Modality.IMAGE), port(Modality.TEXT))
        return painter_card(self.model, Ability.REDRAW, takes, "changes a picture as a description says", "redraw")

    @contextmanager
    def open(self, device: str) -> Iterator[Redraw]:
        """Yield the painter; raise NotReady without the library or the weights."""
        with _easel(self.model, device) as easel:

            def redraw(image: Image, text: Text, options: DrawOptions, mask: Image | None = None) -> Iterator[Image]:
                size = size_like(image, options, easel.studio.own_size, easel.studio.multiple, easel.name)
                stencil = Stencil(image, mask, size) if mask else None
                sketch = easel.change(easel.sketch(text, options.brush, size), image, stencil, options.brush)
                return easel.paint(sketch, options.brush, stencil.lay if stencil else size.cut)

            yield redraw


@contextmanager
def _easel(model: Checkpoint, device: str) -> Iterator[Easel]:
    """Open the weights, once for all that a checkpoint can do."""
    folder = model.path()
    with shared(("diffusion", model, device), lambda: studio(folder, device)) as (held, turn):
        yield Easel(held, turn, model.alias, model.languages)


def painter_card(model: Checkpoint, ability: Ability, takes: tuple[State, ...], summary: str, edge: str = "") -> Card:
    """Return the card of a painter: what the row calls seconds a unit are seconds a picture."""
    card = model.card(ability, takes, port(Modality.IMAGE), summary, edge=edge)
    cost = replace(card.cost, fixed_s=card.cost.fixed_s + card.cost.per_unit_s, per_unit_s=0.0)
    return replace(card, module="diffusers", cost=cost)
