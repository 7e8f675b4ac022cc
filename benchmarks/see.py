"""What looking costs: time and memory by the size of a picture, and frames of a video together against one by one.

Random weights, so only speed and memory count: a tiny Qwen2.5-VL, and one of the widths of the 3B model with 4 of its
layers in the tower and 4 in the language model. Each size runs in a fresh process, whose peak memory is VmHWM. Answers
have 16 tokens, forced. Arms of a comparison take turns; the ratio is that of the medians.
Run: python benchmarks/see.py [--rounds 5] [--models tiny mid] [--sides 28 448 896 4000 20000]   Prints JSON.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

import vivavoce as vv
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.conversation import Message
from vivavoce.engines.see.qwen_vl import load
from vivavoce.engines.see.seer import Seer

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the builders of tiny models live there

from tiny.see import qwen2_5_vl  # noqa: E402 - needs the path

TOKENS = 16
FRAMES = 8
FRAME_SIDE = 224
SHAPES: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "tiny": ({}, {}),
    "mid": (
        {
            "hidden_size": 2048,
            "intermediate_size": 11008,
            "num_hidden_layers": 4,
            "num_attention_heads": 16,
            "num_key_value_heads": 2,
            "max_position_embeddings": 32768,
            "initializer_range": 0.02,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
        },
        {
            "depth": 4,
            "hidden_size": 1280,
            "intermediate_size": 3420,
            "num_heads": 16,
            "out_hidden_size": 2048,
            "fullatt_block_indexes": [3],
        },
    ),
}


def opened(folder: Path) -> AbstractContextManager[Seer]:
    return load(Checkpoint(alias="model", engine="qwen-vl", folder=str(folder)), "cpu")


def asked(seed: int, height: int, width: int) -> list[Message]:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return [Message("user", "What is this?", images=(vv.Image(pixels),))]


def seconds(run: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    run()
    return time.perf_counter() - began_s


def never_ending(seer: Seer) -> Seer:
    """Let the model write until it must stop: random weights have no meaningful end."""
    seer.model.generation_config.eos_token_id = None
    return seer


def peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return round(int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024, 1)


def by_size(folder: Path, side: int, rounds: int) -> dict[str, float]:
    """Measure one size in this process; a side of 20,000 stands for a strip of 20,000 × 1,000 pixels."""
    with opened(folder) as found:
        seer = never_ending(found)
        before_mb = peak_mb()
        conversation = asked(0, min(side, 1000) if side > 5000 else side, side)
        read = int(seer.prepare([conversation])["input_ids"].shape[1])
        first, whole = [], []
        for _ in range(rounds):
            first.append(seconds(lambda: seer.write_each([conversation], 1)))
            whole.append(seconds(lambda: seer.write_each([conversation], TOKENS)))
        return {
            "tokens read": read,
            "first token s": round(statistics.median(first), 4),
            f"{TOKENS} tokens s": round(statistics.median(whole), 4),
            "peak MB": peak_mb(),
            "of that weights and libraries MB": before_mb,
        }


def in_a_fresh_process(folder: Path, side: int, rounds: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", str(folder), "--sides", str(side), "--rounds", str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def frames(folder: Path, rounds: int) -> dict[str, float]:
    with opened(folder) as found:
        seer = never_ending(found)
        conversations = [asked(seed, FRAME_SIDE, FRAME_SIDE) for seed in range(FRAMES)]
        together, single = [], []
        seer.write_each(conversations, TOKENS)
        for _ in range(rounds):
            together.append(seconds(lambda: seer.write_each(conversations, TOKENS)))
            single.append(seconds(lambda: [seer.write_each([one], TOKENS) for one in conversations]))
        return {
            "together s": round(statistics.median(together), 4),
            "one by one s": round(statistics.median(single), 4),
            "times faster together": round(statistics.median(single) / statistics.median(together), 3),
        }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", nargs="+", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--sides", nargs="+", type=int, default=[28, 448, 896, 4000, 20_000])
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.one:
        print(json.dumps(by_size(wanted.one, wanted.sides[0], wanted.rounds)))
        return
    result: dict[str, object] = {
        "machine": {"cores": os.cpu_count(), "processor": platform.processor() or platform.machine()},
        "load before": os.getloadavg()[0],
    }
    with tempfile.TemporaryDirectory() as scratch:
        for name in wanted.models:
            text, vision = SHAPES[name]
            folder = qwen2_5_vl(Path(scratch) / name, text, vision)
            result[name] = {
                "by pixels a side": {side: in_a_fresh_process(folder, side, wanted.rounds) for side in wanted.sides},
                f"{FRAMES} frames of {FRAME_SIDE} pixels": frames(folder, wanted.rounds),
            }
    result["load after"] = os.getloadavg()[0]
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
