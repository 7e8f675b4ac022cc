"""CLIP's text and image preprocessing: words to tokens, a picture to 224 × 224 numbers, both to vectors of one space.

What the original got wrong:
- `CLIPImageProcessor` with other arguments than it has: `size={"shortest_edge": 224}`, `crop_size={...}`,
  `image_mean=`, `image_std=`;
- torchvision is not needed: `CLIPImageProcessorPil`;
- `get_text_features` and `get_image_features` return an object: the vectors are its `pooler_output`.

Run: python3 docs/examples/articles/clip_inputs.py [MODEL [PICTURE [TEXT ...]]]
MODEL is a folder or a hub repository, such as openai/clip-vit-base-patch32; without one a tiny CLIP of random weights
finds senseless likenesses. Makes its own picture unless one is named.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL.Image
import tiny_models
import torch
from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

import vivavoce as vv

MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)

Vectors = npt.NDArray[np.float32]


def ours(folder: Path, texts: list[str], picture: vv.Image) -> Vectors:
    """Return unit vectors [texts + 1, width], the last that of the picture."""
    return vv.embed([*texts, picture], engine=str(folder))


def plain(folder: Path, texts: list[str], picture: vv.Image) -> Vectors:
    """Return the same."""
    words = CLIPTokenizer.from_pretrained(folder)(texts, padding=True, truncation=True, return_tensors="pt")
    look = CLIPImageProcessorPil(
        size={"shortest_edge": 224}, crop_size={"height": 224, "width": 224}, image_mean=MEAN, image_std=DEVIATION
    )
    pixels = look(images=PIL.Image.fromarray(picture.rgb), return_tensors="pt")["pixel_values"]
    print(f"tokens {list(words['input_ids'].shape)}, pixels {list(pixels.shape)} with a mean of {pixels.mean():.2f}")
    model = CLIPModel.from_pretrained(folder)
    with torch.inference_mode():
        read = model.get_text_features(**words).pooler_output
        seen = model.get_image_features(pixel_values=pixels).pooler_output
    return torch.nn.functional.normalize(torch.cat([read, seen]), dim=-1).numpy()


def main(model: str = "", picture: str = "", *texts: str) -> None:
    shown = vv.open(picture) if picture else vv.draw("Opening hours", vv.DrawOptions(width=320, height=240))
    lines = list(texts) or ["a sign with opening hours", "a cat"]
    with tiny_models.checkpoint(model, tiny_models.clip) as folder:
        found, expected = ours(folder, lines, shown), plain(folder, lines, shown)
    for line, likeness in zip(lines, found[:-1] @ found[-1], strict=True):
        print(f"{likeness:5.2f}  {line}")
    print(f"vectors {list(found.shape)}, largest difference {np.abs(found - expected).max():.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
