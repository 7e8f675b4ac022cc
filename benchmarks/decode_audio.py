"""How fast the gateway decodes long recordings, beside a bare PyAV loop over the same files.

    python benchmarks/decode_audio.py [--minutes 10] [--rounds 7]

The bare loop decodes, turns frames into arrays and joins them; the gateway also sniffs, checks limits, converts to
float32 [frames, channels] and looks for samples that are no numbers. Both take turns, each time in a process of its
own: in a common one, memory that one arm has just given back makes the other wait for the kernel. Prints JSON: for each
file the median seconds of both and their ratio (bare / gateway: 1 is as fast, the aim is 0.9).
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save

RECORDINGS = {"flac": (44_100, 2), "mp3": (44_100, 2), "opus": (48_000, 1)}
AIM = 0.9


def make(folder: Path, suffix: str, seconds: int) -> Path:
    """Write a recording of noisy tones, a second of it again and again."""
    rate_hz, channels = RECORDINGS[suffix]
    time_s = np.arange(rate_hz) / rate_hz
    noise = np.random.default_rng(0).standard_normal((rate_hz, channels))
    tones = 0.3 * np.sin(2 * np.pi * 220 * time_s) * np.sin(np.pi * time_s) ** 2
    second = (tones[:, np.newaxis] + 0.02 * noise).astype(np.float32)
    return save(Audio(np.tile(second, (seconds, 1)), rate_hz), folder / f"{seconds}.{suffix}")


def bare(path: str) -> object:
    with av.open(path) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


ARMS = {"bare": bare, "gateway": open_value}


def measure(arm: str, short: str, path: str) -> None:
    """Decode once, after a second of sound that loads the libraries, and print the seconds it took."""
    ARMS[arm](short)
    begun = time.perf_counter()
    ARMS[arm](path)
    print(time.perf_counter() - begun)


def compare(folder: Path, suffix: str, seconds: int, rounds: int) -> dict[str, float]:
    """Run both arms in turns and compare the medians."""
    files = [str(make(folder, suffix, length)) for length in (1, seconds)]
    times: dict[str, list[float]] = {arm: [] for arm in ARMS}
    for _ in range(rounds):
        for arm, taken in times.items():
            done = subprocess.run([sys.executable, __file__, "--arm", arm, *files], stdout=subprocess.PIPE, check=True)
            taken.append(float(done.stdout))
    medians = {arm: statistics.median(taken) for arm, taken in times.items()}
    return {
        "bare_s": round(medians["bare"], 4),
        "gateway_s": round(medians["gateway"], 4),
        "ratio": round(medians["bare"] / medians["gateway"], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the gateway's decoding with a bare PyAV loop.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--arm", nargs=3, metavar=("ARM", "SHORT", "LONG"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.arm:
        measure(*options.arm)
        return
    with tempfile.TemporaryDirectory() as folder:
        seconds = round(options.minutes * 60)
        results = {suffix: compare(Path(folder), suffix, seconds, options.rounds) for suffix in RECORDINGS}
    worst = min(result["ratio"] for result in results.values())
    print(json.dumps({"minutes": options.minutes, "files": results, "worst": worst, "aim": AIM}, indent=2))


if __name__ == "__main__":
    main()
