"""Log-mel features of 30 s of speech: ours beside the peers that are installed, in one run.

Needs the data folder (VIVAVOCE_DATA, or ../shared/data) for real speech, else noise is used. Run: python
benchmarks/log_mel.py [--rounds 40]. Prints JSON: medians in milliseconds, of the clock and of the processor, and how
far each is from transformers in float64.
"""

import argparse
import importlib.util
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import vivavoce as vv
from vivavoce.engines.transcribe.log_mel import HOP, RATE_HZ, WIDTH, log_mel, mel_bands

FRAMES = 3000
TARGET_MS = 4.0

Make = Callable[[np.ndarray], np.ndarray]


def sound() -> np.ndarray:
    folder = Path(os.environ.get("VIVAVOCE_DATA", "../shared/data")) / "librispeech"
    parts = [vv.open(path, rate_hz=RATE_HZ, mono=True).samples[:, 0] for path in sorted(folder.glob("*.opus"))[:8]]
    noise = np.random.default_rng(0).normal(0, 0.1, FRAMES * HOP).astype(np.float32)
    return np.concatenate([*parts, noise])[: FRAMES * HOP]


def plain_numpy(bands: int) -> Make:
    filters = mel_bands(bands)
    window = np.hanning(WIDTH + 1)[:-1]

    def make(samples: np.ndarray) -> np.ndarray:
        padded = np.pad(samples, WIDTH // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, WIDTH)[::HOP][:FRAMES]
        power = np.abs(np.fft.rfft(frames * window)) ** 2
        mel = np.log10(np.maximum(power @ filters, 1e-10))
        return (np.maximum(mel, mel.max() - 8).T + 4) / 4

    return make


def peers(bands: int) -> dict[str, Make]:
    found: dict[str, Make] = {"ours": lambda x: log_mel(x, bands, FRAMES), "plain numpy": plain_numpy(bands)}
    if importlib.util.find_spec("transformers"):
        from transformers import WhisperFeatureExtractor

        theirs = WhisperFeatureExtractor(feature_size=bands)
        found["transformers, torch"] = lambda x: theirs(x, sampling_rate=RATE_HZ, return_tensors="np")[
            "input_features"
        ][0]
        found["transformers, numpy"] = lambda x: np.asarray(theirs._np_extract_fbank_features(x[None], "cpu"))[0]
    if importlib.util.find_spec("faster_whisper"):
        from faster_whisper.feature_extractor import FeatureExtractor

        extractor = FeatureExtractor(feature_size=bands)
        found["faster-whisper"] = lambda x: extractor(x)[:, :FRAMES]
    if importlib.util.find_spec("librosa"):
        import librosa

        def by_librosa(x: np.ndarray) -> np.ndarray:
            power = librosa.feature.melspectrogram(
                y=x, sr=RATE_HZ, n_fft=WIDTH, hop_length=HOP, n_mels=bands, pad_mode="reflect"
            )
            mel = np.log10(np.maximum(power[:, :FRAMES], 1e-10))
            return (np.maximum(mel, mel.max() - 8) + 4) / 4

        found["librosa"] = by_librosa
    return found


def bench(bands: int, samples: np.ndarray, rounds: int) -> dict[str, object]:
    arms = peers(bands)
    exact = arms.get("transformers, numpy", arms["plain numpy"])(samples)
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in arms}
    for make in arms.values():
        make(samples)
    for _ in range(rounds):
        for name, make in arms.items():
            began_s, worked_s = time.perf_counter(), time.process_time()
            make(samples)
            seconds[name].append((time.perf_counter() - began_s, time.process_time() - worked_s))
    return {
        name: {
            "median_ms": round(statistics.median(clock for clock, _ in times) * 1000, 2),
            "median_processor_ms": round(statistics.median(work for _, work in times) * 1000, 2),
            "largest difference": float(f"{np.abs(arms[name](samples) - exact).max():.1e}"),
        }
        for name, times in seconds.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    samples = sound()
    result = {f"{bands} bands": bench(bands, samples, options.rounds) for bands in (80, 128)}
    print(json.dumps({**result, "target_ms": TARGET_MS}, indent=2))


if __name__ == "__main__":
    main()
