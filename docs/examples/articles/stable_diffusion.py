"""Stable Diffusion with a negative prompt, the pictures saved to files.

What the original got wrong:
- `StableDiffusionPipeline` comes from diffusers, not from transformers;
- runwayml/stable-diffusion-v1-5 was withdrawn: stable-diffusion-v1-5/stable-diffusion-v1-5;
- `device_map="auto"` is refused: `pipe.to(device)`;
- slicing belongs to the decoder, `pipe.vae.enable_slicing()`, and xformers is not needed;
- sides must be multiples of 8.

Run: python3 docs/examples/articles/stable_diffusion.py [FOLDER [MODEL [PROMPT]]]
Writes four pictures into FOLDER. MODEL is a folder or a hub repository; without one a tiny model of random weights
paints noise, 64 pixels a side, in 4 steps. Needs no input.
"""

import sys
from pathlib import Path

import numpy as np
import tiny_models
import torch
from diffusers import StableDiffusionPipeline

import vivavoce as vv

NEGATIVE = "blurry, text, watermark"
SEED, COUNT = 7, 2


def ours(folder: Path, prompt: str, side: int, steps: int) -> list[vv.Image]:
    """Return the pictures, each of a seed of its own, the next after that of the one before."""
    brush = vv.Brush(negative=NEGATIVE, steps=steps, guidance=7.5, seed=SEED, count=COUNT)
    return vv.draw_all(prompt, vv.DrawOptions(width=side, height=side, brush=brush), engine=str(folder))


def plain(folder: Path, prompt: str, side: int, steps: int) -> list[vv.Image]:
    """Return the same."""
    pipe = StableDiffusionPipeline.from_pretrained(folder, use_safetensors=True)
    pipe.to("cuda" if torch.cuda.is_available() else "cpu")
    pipe.vae.enable_slicing()
    pipe.set_progress_bar_config(disable=True)
    settings = {"height": side, "width": side, "num_inference_steps": steps, "guidance_scale": 7.5}
    seeds = [torch.Generator().manual_seed(SEED + number) for number in range(COUNT)]
    found = pipe([prompt] * COUNT, negative_prompt=[NEGATIVE] * COUNT, generator=seeds, output_type="np", **settings)
    return [vv.Image((pixels * 255).round().astype(np.uint8)) for pixels in found.images]


def main(out: str = ".", model: str = "", prompt: str = "a small red house at a lake, morning light") -> None:
    side, steps = (512, 25) if model else (64, 4)
    with tiny_models.checkpoint(model, tiny_models.stable_diffusion) as folder:
        arms = {"plain": plain(folder, prompt, side, steps), "ours": ours(folder, prompt, side, steps)}
    for name, images in arms.items():
        for number, image in enumerate(images, 1):
            file = vv.save(image, Path(out) / f"{name}-{number}.png", overwrite=True)
            print(f"{file.name}: {image.width} × {image.height}, {file.stat().st_size} bytes")
    pairs = zip(arms["plain"], arms["ours"], strict=True)
    difference = max(int(np.abs(one.rgb.astype(int) - other.rgb.astype(int)).max()) for one, other in pairs)
    print(f"largest difference of a colour: {difference} of 255")


if __name__ == "__main__":
    main(*sys.argv[1:])
