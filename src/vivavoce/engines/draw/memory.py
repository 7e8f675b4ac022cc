"""How much memory is free, and what painting may do to live with less."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivavoce.engines.contract import require

MEMINFO = Path("/proc/meminfo")
# The widest layers of an image decoder hold about 256 channels at full resolution, three times over while they run.
DECODED_NUMBERS_A_PIXEL = 3 * 256
ROOM = 1.2  # weights need some room beside them


@dataclass(frozen=True, kw_only=True)
class Savers:
    """What is done to use less memory: each costs time.

    `offload` keeps all but the part at work in main memory, `tiles` decodes a picture in parts, `slices` computes
    attention head by head.
    """

    offload: bool = False
    tiles: bool = False
    slices: bool = False


def savers(free: int | None, weights: int, pixels: int, number_bytes: int) -> Savers:
    """Choose by bytes: `free` before the weights are loaded (None: unknown), `weights`, and the pixels of a picture."""
    if free is None:
        return Savers()
    offload = weights * ROOM > free
    left = free - (0 if offload else weights)
    decoding = pixels * DECODED_NUMBERS_A_PIXEL * number_bytes
    return Savers(offload=offload, tiles=decoding > left, slices=decoding > 2 * left)


def free_bytes(device: str) -> int | None:
    """Return what is free on a device; None where it does not tell."""
    if device == "cuda":
        return int(require("torch", "hub").cuda.mem_get_info()[0])
    if device == "mps":
        mps = require("torch", "hub").mps
        return int(mps.recommended_max_memory() - mps.current_allocated_memory())
    try:
        lines = MEMINFO.read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration, IndexError):
        return None


def weight_bytes(pipeline: Any) -> int:  # noqa: ANN401 - a pipeline of diffusers
    """Return the size of all weights of a pipeline."""
    torch = require("torch", "hub")
    parts = {id(part): part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)}
    return sum(weight.numel() * weight.element_size() for part in parts.values() for weight in part.parameters())
