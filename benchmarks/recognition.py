"""Word error rate of the embedded recogniser beside the bare library with its defaults, on LibriSpeech test-other.

Fifty utterances of five speakers, singly and joined to one recording a chapter (no word may be lost at the borders).
Needs the data folder (VIVAVOCE_DATA, or ../shared/data). Run: python benchmarks/recognition.py   Prints JSON.
"""

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import jiwer
import numpy as np
import pocketsphinx

import vivavoce as vv
from vivavoce.engines.catalog import catalog
from vivavoce.errors import NothingFound

RATE_HZ = 16_000
Recognise = Callable[[vv.Audio], str]


def utterances(folder: Path) -> dict[str, tuple[vv.Audio, str]]:
    lines = (folder / "transcripts.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {name: (vv.open(folder / f"{name}.opus", rate_hz=RATE_HZ, mono=True), plain(text)) for name, text in rows}


def plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split())


def chapters(single: dict[str, tuple[vv.Audio, str]]) -> dict[str, tuple[vv.Audio, str]]:
    joined: dict[str, list[tuple[vv.Audio, str]]] = {}
    for name, pair in single.items():
        joined.setdefault(name.rsplit("-", 1)[0], []).append(pair)
    return {
        name: (vv.Audio(np.concatenate([audio.samples for audio, _ in pairs]), RATE_HZ), " ".join(t for _, t in pairs))
        for name, pairs in joined.items()
    }


def bare_library() -> Recognise:
    decoder = pocketsphinx.Decoder(loglevel="FATAL")

    def recognise(audio: vv.Audio) -> str:
        decoder.start_utt()
        decoder.process_raw((audio.samples[:, 0] * 32767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        return decoder.hyp().hypstr if decoder.hyp() else ""

    return recognise


def our_engine() -> Recognise:
    scope = catalog()["pocketsphinx"].open("cpu")
    transcribe = scope.__enter__()

    def recognise(audio: vv.Audio) -> str:
        try:
            return " ".join(segment.text for segment in transcribe(audio, vv.Hints()))
        except NothingFound:
            return ""

    return recognise


def measure(recognise: Recognise, recordings: dict[str, tuple[vv.Audio, str]]) -> dict[str, float]:
    began_s = time.process_time()
    heard = {name: plain(recognise(audio)) for name, (audio, _) in recordings.items()}
    seconds = time.process_time() - began_s
    found = jiwer.process_words([text for _, text in recordings.values()], list(heard.values()))
    return {
        "wer": round(found.wer, 4),
        "deletions": found.deletions,
        "insertions": found.insertions,
        "real_time_factor": round(seconds / sum(audio.duration_s for audio, _ in recordings.values()), 3),
    }


def main() -> None:
    folder = Path(os.environ.get("VIVAVOCE_DATA", "../shared/data")) / "librispeech"
    if not folder.is_dir():
        print(json.dumps({"skipped": "needs the LibriSpeech recordings of the data folder; set VIVAVOCE_DATA"}))
        return
    single = utterances(folder)
    joined = chapters(single)
    result = {
        "pocketsphinx with its defaults": {"utterances": measure(bare_library(), single)},
        "vivavoce": {"utterances": measure(our_engine(), single), "chapters": measure(our_engine(), joined)},
        "target": {"wer below": 0.615},
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
