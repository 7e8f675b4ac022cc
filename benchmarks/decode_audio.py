"""How fast the gateway decodes long recordings, beside a bare PyAV loop over the same files.

    python benchmarks/decode_audio.py [--minutes 10] [--rounds 7]

Both arms take turns. The bare loop decodes, turns frames into arrays and joins them; the gateway also sniffs, checks
limits, converts to float32 [frames, channels] and finds samples that are no numbers. Prints JSON: for each file the
median seconds of both, and their ratio (bare / gateway: 1 is as fast, the aim is 0.9); processor time, since the wall
clock counts whatever else runs on the machine.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save

RECORDINGS = {"flac": (44_100, 2), "mp3": (44_100, 2), "opus": (48_000, 1)}
AIM = 0.9


def make(folder: Path, suffix: str, minutes: float) -> Path:
    """Write a recording of noisy tones, a minute of it again and again."""
    rate_hz, channels = RECORDINGS[suffix]
    time_s = np.arange(60 * rate_hz) / rate_hz
    noise = np.random.default_rng(0).standard_normal((len(time_s), channels))
    tones = 0.3 * np.sin(2 * np.pi * 220 * time_s) * np.sin(np.pi * time_s) ** 2
    minute = (tones[:, np.newaxis] + 0.02 * noise).astype(np.float32)
    return save(Audio(np.tile(minute, (round(minutes), 1)), rate_hz), folder / f"long.{suffix}")


def bare(path: Path) -> object:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


def seconds(work: Callable[[Path], object], path: Path, clock: Callable[[], float]) -> float:
    begun = clock()
    work(path)
    return clock() - begun


def compare(path: Path, rounds: int) -> dict[str, float]:
    """Run both arms in turns and compare the medians."""
    arms: dict[str, Callable[[Path], object]] = {"bare": bare, "gateway": open_value}
    times: dict[str, list[float]] = {name: [] for name in arms}
    for _ in range(rounds + 1):
        for name, work in arms.items():
            times[name].append(seconds(work, path, time.process_time))
    medians = {name: statistics.median(taken[1:]) for name, taken in times.items()}  # the first round warms up
    return {
        "bare_s": round(medians["bare"], 4),
        "gateway_s": round(medians["gateway"], 4),
        "ratio": round(medians["bare"] / medians["gateway"], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the gateway's decoding with a bare PyAV loop.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = {
            suffix: compare(make(Path(folder), suffix, options.minutes), options.rounds) for suffix in RECORDINGS
        }
    worst = min(result["ratio"] for result in results.values())
    print(json.dumps({"minutes": options.minutes, "files": results, "worst": worst, "aim": AIM}, indent=2))


if __name__ == "__main__":
    main()
