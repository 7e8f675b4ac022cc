"""How late words are confirmed while somebody speaks, and how well, by the embedded recogniser and LocalAgreement-2.

LibriSpeech test-other, the recordings of a chapter one after the other, fed a tenth of a second at a time. "late" is
the time of the sound at which a word is confirmed, less the word's end, without the time of computing; "worst_step_s"
is processor time. Needs the data folder (VIVAVOCE_DATA, or ../shared/data).
Run: python benchmarks/live.py [--recordings 8]   Prints JSON.
"""

import argparse
import json
import os
import re
import time
from pathlib import Path

import jiwer
import numpy as np

import vivavoce as vv
from vivavoce.engines.catalog import catalog
from vivavoce.engines.live import LiveTranscript, Pace

RATE_HZ = 16_000
FED = RATE_HZ // 10
PACES = {"a second": Pace(), "half a second": Pace(step_s=0.5), "short memory": Pace(trim_s=4, max_s=10)}


def plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split())


def recording(folder: Path, count: int) -> tuple[vv.Audio, str]:
    rows = [line.split("\t") for line in (folder / "transcripts.tsv").read_text("utf-8").splitlines()][:count]
    parts = [vv.open(folder / f"{name}.opus", rate_hz=RATE_HZ, mono=True).samples for name, _ in rows]
    return vv.Audio(np.concatenate(parts), RATE_HZ), plain(" ".join(text for _, text in rows))


def followed(transcribe, audio: vv.Audio, pace: Pace, reference: str, whole: str) -> dict[str, float]:  # noqa: ANN001
    live = LiveTranscript(transcribe, RATE_HZ, pace=pace)
    words, late_s, steps_s, changed, seen, held_s = [], [], [], 0, (), 0.0
    for at in range(0, len(audio.samples), FED):
        began_s = time.process_time()
        partial = live.feed(audio.samples[at : at + FED])
        steps_s.append(time.process_time() - began_s)
        late_s += [(at + FED) / RATE_HZ - word.end_s for word in partial.confirmed]
        words += partial.confirmed
        shown = tuple(word.text for word in (*partial.confirmed, *partial.tentative))
        changed += sum(a != b for a, b in zip(seen, shown, strict=False))
        seen, held_s = tuple(word.text for word in partial.tentative), max(held_s, live.held_s)
    words += live.finish().confirmed
    said = plain(" ".join(word.text for word in words))
    return {
        "words": len(words),
        "late_median_s": round(float(np.median(late_s)), 2),
        "late_p90_s": round(float(np.quantile(late_s, 0.9)), 2),
        "tentative_words_changed_per_confirmed": round(changed / max(1, len(words)), 3),
        "held_at_most_s": round(held_s, 1),
        "worst_step_s": round(max(steps_s), 2),
        "real_time_factor": round(sum(steps_s) / audio.duration_s, 2),
        "wer": round(jiwer.wer(reference, said), 4),
        "wer_against_one_go": round(jiwer.wer(whole, said), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recordings", type=int, default=8)
    arguments = parser.parse_args()
    folder = Path(os.environ.get("VIVAVOCE_DATA", "../shared/data")) / "librispeech"
    if not folder.is_dir():
        print(json.dumps({"skipped": "needs the LibriSpeech recordings of the data folder; set VIVAVOCE_DATA"}))
        return
    audio, reference = recording(folder, arguments.recordings)
    with catalog()["pocketsphinx"].open("cpu") as transcribe:
        whole = plain(" ".join(segment.text for segment in transcribe(audio, vv.Hints())))
        result = {name: followed(transcribe, audio, pace, reference, whole) for name, pace in PACES.items()}
    seconds = round(audio.duration_s, 1)
    print(json.dumps({"seconds": seconds, "wer_in_one_go": round(jiwer.wer(reference, whole), 4), **result}, indent=2))


if __name__ == "__main__":
    main()
