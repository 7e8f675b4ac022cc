"""An hour of speech through the recogniser: memory above the engine's own, and when the first words come.

The hour is made of the recordings of the data folder (VIVAVOCE_DATA, or ../shared/data) one after the other; without
them, of espeak's voice. Run: python benchmarks/long_recording.py [--minutes 60]   Prints JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import vivavoce as vv

RATE_HZ = 44_100  # as music players record: four times what the recogniser needs


def make_recording(target: Path, minutes: float) -> None:
    folder = Path(os.environ.get("VIVAVOCE_DATA", "../shared/data")) / "librispeech"
    files = sorted(folder.glob("*.opus"))
    parts = [vv.open(file) for file in files] or [vv.speak("The quick brown fox jumps over the lazy dog. " * 20)]
    samples = np.concatenate([part.mono().resampled(RATE_HZ).samples for part in parts])
    repeats = int(np.ceil(minutes * 60 * RATE_HZ / len(samples)))
    whole = np.tile(samples, (repeats, 1))[: int(minutes * 60 * RATE_HZ)]
    vv.save(vv.Audio(np.repeat(whole, 2, axis=1), RATE_HZ), target)


def peak_mb() -> int:
    """Return the most memory this process has held; getrusage would count what its parent held before it."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def child(file: str) -> None:
    """Transcribe a file in a process of its own and print what it took."""
    began_s = time.perf_counter()
    first_s, last_end_s, count = 0.0, 0.0, 0
    for part in vv.stream_transcript(file, language="en"):
        first_s = first_s or time.perf_counter() - began_s
        last_end_s, count = part.segments[-1].end_s, count + 1
    print(
        json.dumps(
            {
                "seconds": round(time.perf_counter() - began_s, 1),
                "first_segment_s": round(first_s, 2),
                "segments": count,
                "last_segment_ends_s": last_end_s,
                "peak_mb": peak_mb(),
            }
        )
    )


def measure(file: Path) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, "--child", str(file)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--child")
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child)
        return
    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder) / "short.flac", Path(folder) / "long.flac"
        make_recording(short, 0.5)
        make_recording(long, arguments.minutes)
        engine, whole = measure(short), measure(long)
    result = {
        "minutes": arguments.minutes,
        "half_a_minute": engine,
        "whole": whole,
        "peak_mb_above_engine": whole["peak_mb"] - engine["peak_mb"],
        "real_time_factor": round(whole["seconds"] / (arguments.minutes * 60), 3),
        "targets": {"peak_mb_above_engine": 700},
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
