"""Painting: seconds and memory by steps and count, pictures painted together against one by one. Prints JSON.

    python benchmarks/draw.py [--device cpu] [--size tiny|middle] [--side 256] [--rounds 3]

Weights are random, of the true architecture of Stable Diffusion 1.5: `tiny` has some thousand of them, `middle` a UNet
of about 60 million; both decode 8 pixels a latent in `middle` and 2 in `tiny`. Speed and memory are those of the
engine; what is painted means nothing. Figures are medians over rounds in which the arms take turns. `batch_ratio` is
one by one over together: above 1 a batch is faster.
"""

import argparse
import json
import platform
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from vivavoce.engines.abilities import Draw
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.draw import easel
from vivavoce.engines.draw.diffusion import DiffusionPainter
from vivavoce.engines.options import Brush, DrawOptions
from vivavoce.media.text import Text

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from tiny import draw as tiny  # noqa: E402 - lies beside the package

TOGETHER = 4
WORDS = Text("a red fox in the snow", "en")


def middle(folder: Path) -> Path:
    """Write a Stable Diffusion a tenth of the size of 1.5."""
    from diffusers import AutoencoderKL, UNet2DConditionModel

    tiny.stable_diffusion(folder, checker=False)
    torch.manual_seed(0)
    UNet2DConditionModel(
        block_out_channels=(96, 192, 384, 384),
        layers_per_block=2,
        sample_size=32,
        attention_head_dim=8,
        cross_attention_dim=tiny.WIDTH,
    ).save_pretrained(folder / "unet")
    AutoencoderKL(
        block_out_channels=(64, 128, 256, 256),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        layers_per_block=2,
    ).save_pretrained(folder / "vae")
    return folder


def seconds(draw: Draw, side: int, steps: int, count: int = 1) -> float:
    options = DrawOptions(width=side, height=side, brush=Brush(seed=1, safety=False, steps=steps, count=count))
    began_s = time.perf_counter()
    for _ in draw(WORDS, options):
        pass
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began_s


def peak_gb(device: str) -> float:
    if device == "cuda":
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def measure(draw: Draw, side: int, rounds: int, device: str) -> dict[str, Any]:
    seconds(draw, side, steps=1)  # what is made once
    times: dict[str, list[float]] = {}
    arms = [(steps, 1, 1) for steps in (1, 4, 8)] + [(4, TOGETHER, 1), (4, TOGETHER, TOGETHER)]
    for _ in range(rounds):
        for steps, count, at_once in arms:
            easel.AT_ONCE[device] = at_once
            took_s = seconds(draw, side, steps=steps, count=count)
            times.setdefault(f"steps {steps}, count {count}, at once {at_once}", []).append(took_s)
    found: dict[str, Any] = {name: round(statistics.median(taken), 4) for name, taken in times.items()}
    one_by_one, together = (found[f"steps 4, count {TOGETHER}, at once {at_once}"] for at_once in (1, TOGETHER))
    found["batch_ratio"] = round(one_by_one / together, 2)
    found["peak_gb"] = round(peak_gb(device), 2)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--size", choices=["tiny", "middle"], default="middle")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build = middle if given.size == "middle" else lambda at: tiny.stable_diffusion(at, checker=False)
        model = Checkpoint(alias=given.size, engine="diffusion", folder=str(build(Path(folder) / "model")))
        with DiffusionPainter(model=model).open(given.device) as draw:
            found = measure(draw, given.side, given.rounds, given.device)
    machine = {"machine": platform.processor() or platform.machine(), "threads": torch.get_num_threads()}
    print(json.dumps({**machine, "model": given.size, "side": given.side, "seconds": found}, indent=2))


if __name__ == "__main__":
    main()
