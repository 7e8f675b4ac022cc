"""Pictures for Qwen's models: cut into patches, each picture at its own size.

Shapes: P patches of all pictures, V values of a patch, N pictures.
"""

from collections.abc import Sequence
from typing import Any

from vivavoce.engines.contract import require
from vivavoce.engines.see.pictures import for_model
from vivavoce.engines.torch_models import data_type
from vivavoce.media.image import Image

PICTURE_TOKENS = 1024  # of a picture; the models' own limit is 16,384, which takes minutes on a CPU
ALL_PICTURES_TOKENS = 8192

Patches = dict[str, Any]


def patches(processor: Any, images: Sequence[Image]) -> Patches:  # noqa: ANN401 - an image processor of transformers
    """Return pixel_values [P, V] and image_grid_thw [N, 3]: patches in time, down and across of each picture."""
    area = (processor.patch_size * processor.merge_size) ** 2  # pixels of a token
    tokens = min(PICTURE_TOKENS, ALL_PICTURES_TOKENS // len(images))
    held = processor.size
    size = {"shortest_edge": held["shortest_edge"], "longest_edge": min(held["longest_edge"], tokens * area)}
    return dict(processor(images=[for_model(image) for image in images], size=size, return_tensors="pt"))


def tokens_of(processor: Any, look: Patches) -> list[int]:  # noqa: ANN401 - an image processor of transformers
    """Return how many tokens each picture takes in the prompt."""
    return [int(grid.prod()) // processor.merge_size**2 for grid in look.get("image_grid_thw", ())]


def joined(looks: Sequence[Patches], device: str) -> Patches:
    """Join what each conversation shows, in the order of the batch, on the device."""
    torch = require("torch", "hub")
    return {
        "pixel_values": torch.cat([look["pixel_values"] for look in looks]).to(device, data_type(device)),
        "image_grid_thw": torch.cat([look["image_grid_thw"] for look in looks]).to(device),
    }
