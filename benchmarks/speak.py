"""How soon a VITS voice begins to sound: the first part of a stream against the whole text at once.

    python benchmarks/speak.py [--runs 9] [--threads 2] [--device cpu]

The models are of the true architecture with random weights, settled to say a letter in about five frames, as trained
ones do: tiny, and of the size of MMS-TTS (36 million weights). Both arms run the same weights and text, in turns.
`whole_ms` is transformers' own call on the whole text; `first_ms` is until the first part of our stream, by its first
clause and the first sounds of that, and `first_cpu_ms` the processor time of it, which other programs on the machine
change less; `all_ms` is until the last. espeak stands by for comparison. Prints one JSON object of medians. Targets:
`first_ms` at most 100, `ratio` = whole / first at least 3.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import VitsConfig, VitsModel, VitsTokenizer

from vivavoce.engines.abilities import Speak
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.speak.vits import engines
from vivavoce.media.text import Text

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the builders of tiny models live there

from tiny.speak import vits  # noqa: E402 - needs the path

TEXT = (
    "Every evening, about nine hundred people walk across it on their way home. This spring the city hung small lamps "
    "under its arches, and they are switched on at dusk, so that the water shines until midnight and everybody stops."
)
SHAPE = (
    "hidden_size num_hidden_layers ffn_dim flow_size spectrogram_bins upsample_initial_channel "
    "duration_predictor_filter_channels prior_encoder_num_flows prior_encoder_num_wavenet_layers "
    "posterior_encoder_num_wavenet_layers"
).split()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    full = {name: getattr(VitsConfig(), name) for name in SHAPE}
    result: dict[str, object] = {"words": len(TEXT.split()), "threads": given.threads, "device": given.device}
    with tempfile.TemporaryDirectory() as folder:
        for size, shape in (("tiny", {}), ("mms", full)):
            result[size] = compared(vits(Path(folder) / size, **shape), given.runs, given.device)
    with Espeak().open("cpu") as speak:
        streams = [streamed(speak) for _ in range(given.runs + 1)][1:]
    result["espeak"] = {"first_ms": median_ms(stream.first_s for stream in streams)}
    print(json.dumps({**result, "targets": {"first_ms": 100, "ratio": 3}}, indent=2))


def compared(folder: Path, runs: int, device: str) -> dict[str, float]:
    (engine,) = engines(Checkpoint(alias=folder.name, engine="vits", folder=str(folder)))
    model = VitsModel.from_pretrained(folder).to(device).eval()
    ids = VitsTokenizer.from_pretrained(folder)(TEXT, return_tensors="pt").input_ids.to(device)

    def at_once() -> None:
        with torch.inference_mode():
            model(ids).waveform.cpu()

    streams, whole = [], []
    with engine.open(device) as speak:
        for number in range(runs + 1):
            stream, took_s = streamed(speak), seconds(at_once)
            if number:  # the first run warms the machine up
                streams.append(stream)
                whole.append(took_s)
    return {
        "first_ms": median_ms(stream.first_s for stream in streams),
        "first_cpu_ms": median_ms(stream.first_cpu_s for stream in streams),
        "whole_ms": median_ms(whole),
        "all_ms": median_ms(stream.all_s for stream in streams),
        "ratio": round(statistics.median(whole) / statistics.median(stream.first_s for stream in streams), 1),
        "first_part_s": round(statistics.median(stream.parts_s[0] for stream in streams), 2),
        "sound_s": round(statistics.median(sum(stream.parts_s) for stream in streams), 2),
    }


@dataclass(frozen=True)
class Stream:
    """Seconds until the first part, of processor time for it, until the last part, and how long each part sounds."""

    first_s: float
    first_cpu_s: float
    all_s: float
    parts_s: tuple[float, ...]


def streamed(speak: Speak) -> Stream:
    began_s, cpu_s = time.perf_counter(), time.process_time()
    stream = speak(Text(TEXT, "en"), Voice())
    lengths = [next(stream).duration_s]
    first_s, first_cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    lengths += [part.duration_s for part in stream]
    return Stream(first_s, first_cpu_s, time.perf_counter() - began_s, tuple(lengths))


def seconds(run: Callable[[], None]) -> float:
    began_s = time.perf_counter()
    run()
    return time.perf_counter() - began_s


def median_ms(times: Iterable[float]) -> float:
    return round(statistics.median(times) * 1000, 1)


if __name__ == "__main__":
    main()
