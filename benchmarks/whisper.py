"""Whisper by our engine beside faster-whisper at its best setting, on the same weights, int8, on this machine's CPU.

The weights are random, of the true sizes, so texts mean nothing and never end by themselves: each arm writes 100 tokens
for a window of 30 s, and ours is then held to the peer's number for the whole recording; the returned ones are counted,
and nobody tries again at other temperatures. Greedy search on both sides, the same number of threads. Arms take turns
within one run; medians and their ratios are reported, of seconds by the clock and of seconds of processor time. The
latter hold on a machine that others use too; with `--threads 1` no thread waits for another in them.

Needs the data folder (VIVAVOCE_DATA, or ../shared/data) and the extras whisper and hub. Run: python
benchmarks/whisper.py [--sizes tiny base small] [--rounds 5] [--long-s 780] [--threads 2] [--words] [--margin-s 1.0:
trimmed windows, for weights tuned to them]. Prints JSON.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import vivavoce as vv
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.transcribe.whisper_ct2 import WhisperCt2
from vivavoce.engines.transcribe.whisper_network import Decoding
from vivavoce.errors import NothingFound

RATE_HZ = 16_000
TOKENS_PER_S = 100 / 30
SHAPES = {"tiny": (384, 4, 6), "base": (512, 6, 8), "small": (768, 12, 12)}  # width, layers, heads
LANGUAGES = 99
FIRST_SPECIAL = 50_257
# docs/results names the ceilings: times real time on two cores in float32, one stream and a batch of eight.
CEILING = {"tiny": (42, 92), "base": (21, 42), "small": (6.6, 11.5)}
STREAMS = 8

Run = Callable[[np.ndarray, float], int]  # samples and tokens for a second of sound to tokens written


def speech(folder: Path, seconds: float) -> np.ndarray:
    """Return recordings of reading, one after the other, over again until there are `seconds` of them."""
    parts = [vv.open(path, rate_hz=RATE_HZ, mono=True).samples[:, 0] for path in sorted(folder.glob("*.opus"))]
    whole = np.concatenate(parts)
    return np.resize(whole, int(seconds * RATE_HZ))


def checkpoint(size: str, folder: Path) -> Path:
    """Write random weights of a true size as an int8 CTranslate2 folder with a tokenizer of the true numbering."""
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    width, layers, heads = SHAPES[size]
    torch.manual_seed(0)
    config = WhisperConfig(
        d_model=width,
        encoder_layers=layers,
        decoder_layers=layers,
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width,
        decoder_start_token_id=FIRST_SPECIAL + 1,
        bos_token_id=FIRST_SPECIAL,
        eos_token_id=FIRST_SPECIAL,
        pad_token_id=FIRST_SPECIAL,
    )
    source, target = folder / f"{size}-transformers", folder / size
    model = WhisperForConditionalGeneration(config)
    model.generation_config._from_model_config = False
    model.generation_config.suppress_tokens = list(range(FIRST_SPECIAL, config.vocab_size))  # it never ends by itself
    model.generation_config.begin_suppress_tokens = [FIRST_SPECIAL]
    model.generation_config.lang_to_id = {"<|en|>": FIRST_SPECIAL + 2}
    model.save_pretrained(source)
    write_tokenizer(source)
    TransformersConverter(str(source), copy_files=["tokenizer.json"]).convert(str(target), quantization="int8")
    return target


def write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*letters, *(f"Ġw{number}" for number in range(FIRST_SPECIAL - len(letters)))]
    tokenizer = Tokenizer(models.BPE(vocab={word: number for number, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    languages = ["en", "zh", *(f"l{number}" for number in range(LANGUAGES - 2))]
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    special = [f"<|{name}|>" for name in ("endoftext", "startoftranscript", *languages, *tasks)]
    tokenizer.add_special_tokens([*special, *(f"<|{number * 0.02:.2f}|>" for number in range(1501))])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')


@dataclass(frozen=True)
class Counted:
    """A network that counts the tokens it returns."""

    inner: Any
    counts: list[int]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - passes everything else on
        return getattr(self.inner, name)

    def write(self, *given: Any) -> Any:  # noqa: ANN401
        """Write, and keep how much."""
        drafts = self.inner.write(*given)
        self.counts.append(sum(len(draft.tokens) for draft in drafts))
        return drafts


@contextmanager
def ours(folder: Path, words: bool, threads: int, margin_s: float | None) -> Iterator[Run]:
    decoding = Decoding(beam_width=1, temperatures=(0.0,), words=words, threads=threads, margin_s=margin_s)
    engine = WhisperCt2(model=Checkpoint(alias="bench", engine="whisper-ct2", folder=str(folder)), decoding=decoding)
    with engine.open("cpu") as transcribe:

        def run(samples: np.ndarray, tokens_per_s: float) -> int:
            counts: list[int] = []
            held = replace(decoding, tokens_per_s=tokens_per_s)
            counted = replace(transcribe, network=Counted(transcribe.network, counts), decoding=held)
            with suppress(NothingFound):  # the texts of random weights look invented
                for _ in counted(vv.Audio(samples, RATE_HZ), vv.Hints(language="en")):
                    pass
            return sum(counts)

        yield run


@contextmanager
def faster_whisper(folder: Path, words: bool, threads: int, batch: int) -> Iterator[Run]:
    """Run it in batches of `batch`, or one window after the other for 0, over speech alone in both cases."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)
    settings: dict[str, Any] = {
        "language": "en",
        "beam_size": 1,
        "temperature": 0.0,
        "without_timestamps": True,
        "word_timestamps": words,
        "vad_filter": True,
        "suppress_tokens": [-1, FIRST_SPECIAL],
    }
    if batch:
        transcribe, settings = BatchedInferencePipeline(model).transcribe, {**settings, "batch_size": batch}
    else:
        transcribe = model.transcribe
        settings |= {"condition_on_previous_text": False, "no_speech_threshold": None}

    def run(samples: np.ndarray, tokens_per_s: float) -> int:
        wanted = round(min(30.0, len(samples) / RATE_HZ) * tokens_per_s)
        held = {**settings, "max_new_tokens": 2 * wanted - 4}  # CTranslate2 writes half of prompt and new ones together
        return sum(len(segment.tokens) for segment in transcribe(samples, **held)[0])

    yield run


def at_once(runs: list[Callable[[], int]]) -> int:
    """Run each in a thread of its own; return the tokens of all."""
    counts: list[int] = []
    threads = [threading.Thread(target=lambda run=run: counts.append(run())) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


Figures = dict[str, dict[str, float]]


def measured(arms: dict[str, Callable[[], int]], rounds: int) -> Figures:
    """Run the arms in turn; return the medians of clock and processor seconds, and the tokens, of each."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in arms}
    tokens: dict[str, int] = {}
    for _ in range(rounds):
        for name, arm in arms.items():
            began_s, worked_s = time.perf_counter(), time.process_time()
            tokens[name] = arm()
            seconds[name].append((time.perf_counter() - began_s, time.process_time() - worked_s))
    return {
        name: {
            "median_s": round(statistics.median(clock for clock, _ in times), 3),
            "median_processor_s": round(statistics.median(work for _, work in times), 3),
            "tokens": tokens[name],
        }
        for name, times in seconds.items()
    }


def held_to(wanted: int, run: Run, samples: np.ndarray) -> float:
    """Return the tokens for a second at which `run` writes about as many as `wanted`."""
    rate = wanted / len(samples) * RATE_HZ
    for _ in range(2):
        rate *= wanted / max(1, run(samples, rate))
    return rate


def compared(arms: dict[str, Run], clips: list[np.ndarray], rounds: int) -> dict[str, Any]:
    """Measure every arm on clips at once; say how much faster ours is than the best peer, and how fast."""
    samples = clips[0]
    peers = [name for name in arms if name != "ours"]
    wanted = arms[peers[0]](samples, TOKENS_PER_S)
    rates = dict.fromkeys(peers, TOKENS_PER_S) | {"ours": held_to(wanted, arms["ours"], samples)}

    def work(name: str) -> int:
        return at_once([lambda clip=clip: arms[name](clip, rates[name]) for clip in clips])

    found = measured({name: lambda name=name: work(name) for name in arms}, rounds)
    times_faster = {
        f"times faster than the best peer, {kind}": round(
            min(found[name][kind] for name in peers) / found["ours"][kind], 2
        )
        for kind in ("median_s", "median_processor_s")
    }
    length_s = sum(map(len, clips)) / RATE_HZ
    real_time = round(length_s / found["ours"]["median_s"], 1)
    a_core = round(length_s / found["ours"]["median_processor_s"], 1)
    return {**found, **times_faster, "times real time": real_time, "times real time on a core": a_core}


def two_callers(run: Run, clips: list[np.ndarray], rounds: int) -> dict[str, Any]:
    calls = [lambda clip=clip: run(clip, TOKENS_PER_S) for clip in clips]
    found = measured(
        {"at once": lambda: at_once(calls), "one after the other": lambda: sum(call() for call in calls)}, rounds
    )
    return {
        **found,
        "at once is faster by": round(found["one after the other"]["median_s"] / found["at once"]["median_s"], 2),
    }


def bench(size: str, folder: Path, sounds: np.ndarray, options: argparse.Namespace) -> dict[str, Any]:
    clips = [sounds[n * 30 * RATE_HZ : (n + 1) * 30 * RATE_HZ] for n in range(STREAMS)]
    clips = [clip if len(clip) == 30 * RATE_HZ else clips[0] for clip in clips]
    same, rounds, few = (options.words, options.threads), options.rounds, min(3, options.rounds)
    with ours(folder, *same, options.margin_s) as mine, faster_whisper(folder, *same, 8) as batched:
        with faster_whisper(folder, *same, 0) as plain:
            arms = {"ours": mine, "faster-whisper batch 8": batched, "faster-whisper": plain}
            long = f"{options.long_s / 60:.0f} min"
            parts: dict[str, Callable[[], dict[str, Any]]] = {
                "5 s": lambda: compared(arms, [sounds[: 5 * RATE_HZ]], rounds),
                "30 s": lambda: compared(arms, clips[:1], rounds),
                long: lambda: compared(arms, [sounds], few),
                "two callers of ours, 30 s": lambda: two_callers(mine, clips[:2], rounds),
                "8 streams of 30 s": lambda: compared(arms, clips, few),
            }
            result: dict[str, Any] = {}
            for name, part in parts.items():
                result[name] = part()
                print(size, name, json.dumps(result[name]), file=sys.stderr, flush=True)
    one, eight = CEILING[size]
    cores = 2
    result["share of the float32 ceiling"] = {
        "30 s": round(cores * result["30 s"]["times real time on a core"] / one, 2),
        long: round(cores * result[long]["times real time on a core"] / eight, 2),
    }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["tiny", "base"], choices=SHAPES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--long-s", type=float, default=780.0)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--words", action="store_true")
    parser.add_argument("--margin-s", type=float, help="trim windows so long after the sound; default: whole windows")
    options = parser.parse_args()
    data = Path(os.environ.get("VIVAVOCE_DATA", "../shared/data")) / "librispeech"
    if not data.is_dir():
        print(json.dumps({"skipped": "needs the LibriSpeech recordings of the data folder; set VIVAVOCE_DATA"}))
        return
    sounds = speech(data, options.long_s)
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            result = bench(size, checkpoint(size, Path(folder)), sounds, options)
            print(json.dumps({size: result, "load of the machine": os.getloadavg()}, indent=2), flush=True)


if __name__ == "__main__":
    main()
