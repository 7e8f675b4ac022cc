"""CTC recognisers: pieces batched by length beside one by one and beside the pipeline of transformers, equal weights.

Random weights, so speed and equality alone are measured. A minute of speech (the recordings of the data folder, or
espeak's voice without them) is cut at pauses once; every arm gets the same pieces, on a tiny model and on one of the
size of wav2vec2-base, each with both kinds of normalisation. Arms are interleaved in each round; the ratio is that of
the medians. Run: python benchmarks/ctc.py [--rounds 5] [--device cpu] [--sizes tiny base]   Prints JSON.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import transformers

import vivavoce as vv
from vivavoce.engines.catalog import catalog
from vivavoce.engines.torch_models import loaded
from vivavoce.engines.transcribe.ctc_emissions import Emissions
from vivavoce.engines.transcribe.ctc_text import Alphabet, likeliest, words
from vivavoce.engines.transcribe.pieces import AT_ONCE, EAGER_VAD, RATE_HZ, Piece, by_length, pieces

LETTERS = "<pad> <s> </s> <unk> | E T A O N I H S R D L U M W C F G Y P B V K ' X J Q Z".split()
TINY = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
SHAPES = {
    "tiny": {**TINY, "conv_dim": (32,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2},
    "base": {},
}
NORMS = {"group": {"feat_extract_norm": "group"}, "layer": {"feat_extract_norm": "layer", "do_stable_layer_norm": True}}


def speech(seconds: float) -> vv.Audio:
    folder = Path(os.environ.get("VIVAVOCE_DATA", "../shared/data")) / "librispeech"
    files = sorted(folder.glob("*.opus"))[:8]
    if not files:
        with catalog()["espeak"].open("cpu") as speak:
            text = vv.Text("The quick brown fox jumps over the lazy dog. " * 30, "en")
            return vv.Audio.join(list(speak(text, vv.Voice())))
    parts = [vv.open(file, rate_hz=RATE_HZ, mono=True).samples for file in files]
    return vv.Audio(np.concatenate(parts)[: int(seconds * RATE_HZ)], RATE_HZ)


def checkpoint(folder: Path, shape: dict[str, object], norm: str) -> Path:
    torch.manual_seed(0)
    config = transformers.Wav2Vec2Config(**shape, **NORMS[norm], vocab_size=len(LETTERS), pad_token_id=0)
    transformers.Wav2Vec2ForCTC(config).save_pretrained(folder)
    mask = norm == "layer"
    transformers.Wav2Vec2FeatureExtractor(return_attention_mask=mask).save_pretrained(folder)
    (folder / "letters.json").write_text(json.dumps({letter: number for number, letter in enumerate(LETTERS)}))
    transformers.Wav2Vec2CTCTokenizer(str(folder / "letters.json")).save_pretrained(folder)
    return folder


def arms(folder: Path, model: object, found: list[Piece], device: str) -> dict[str, Callable[[], list[str]]]:
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    emissions, alphabet = Emissions(model, extractor, device), Alphabet.of(tokenizer)
    pipeline = transformers.pipeline(
        "automatic-speech-recognition", model=model, tokenizer=tokenizer, feature_extractor=extractor, device=device
    )

    def ours(size: int) -> list[str]:
        heard = by_length(emissions, found, size, device)
        return [
            " ".join(word.text for word in words(likeliest(one, alphabet), alphabet, emissions.frame_s, "en"))
            for one in heard
        ]

    def theirs(size: int) -> list[str]:
        given = [{"raw": piece.samples, "sampling_rate": RATE_HZ} for piece in found]
        return [one["text"].lower() for one in pipeline(given, batch_size=size)]

    return {
        "batched_by_length": lambda: ours(AT_ONCE[device]),
        "one_by_one": lambda: ours(1),
        "pipeline_one_by_one": lambda: theirs(1),
        "pipeline_batched": lambda: theirs(AT_ONCE[device]),
    }


def measured(runs: dict[str, Callable[[], list[str]]], rounds: int, seconds: float) -> dict[str, object]:
    texts = {name: run() for name, run in runs.items()}  # also warms up
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            began_s = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - began_s)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    alone = {name: texts["pipeline_one_by_one" if "pipeline" in name else "one_by_one"] for name in texts}
    return {
        "median_s": {name: round(median, 3) for name, median in medians.items()},
        "times_real_time": {name: round(seconds / median, 1) for name, median in medians.items()},
        "ratio_to_batched_by_length": {
            name: round(median / medians["batched_by_length"], 2) for name, median in medians.items()
        },
        "pieces_with_the_same_text_as_alone": {
            name: f"{sum(a == b for a, b in zip(text, alone[name], strict=True))}/{len(text)}"
            for name, text in texts.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--sizes", nargs="*", default=list(SHAPES))
    arguments = parser.parse_args()
    audio = speech(arguments.seconds)
    with EAGER_VAD.open("cpu") as detect_speech:
        found = list(pieces(detect_speech, audio.at(RATE_HZ)))
    heard_s = sum(piece.duration_s for piece in found)
    result: dict[str, object] = {
        "machine": {"threads": torch.get_num_threads(), "device": arguments.device},
        "pieces_s": [round(piece.duration_s, 1) for piece in found],
        "rounds": arguments.rounds,
    }

    for size in arguments.sizes:
        for norm in NORMS:
            with tempfile.TemporaryDirectory() as name:
                folder = checkpoint(Path(name), SHAPES[size], norm)
                with loaded(transformers.AutoModelForCTC, folder, arguments.device) as model:
                    runs = arms(folder, model, found, arguments.device)
                    result[f"{size}, {norm} norm"] = measured(runs, arguments.rounds, heard_s)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
