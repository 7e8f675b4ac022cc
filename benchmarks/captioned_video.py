"""How long a captioned video of 60 seconds of speech takes, with its transcript given and without.

    python benchmarks/captioned_video.py

Takes consecutive LibriSpeech recordings of VIVAVOCE_DATA (or ../shared/data beside the checkout), else speech by
espeak. Prints one JSON object: `draw_s` draws every picture, `save_s` draws, encodes and writes the mp4, and `all_s`
also prepares the film. `convert_s` is the whole program on the same speech without a transcript: start, recognition,
drawing and encoding. Target: `convert_s` under 15 on two cores.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from vivavoce.engines.film.waveform import CaptionedWaveform
from vivavoce.engines.options import FilmOptions, Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save
from vivavoce.media.text import Segment, Text, Word
from vivavoce.media.video import Video

DATA = Path(os.environ.get("VIVAVOCE_DATA", Path(__file__).parents[2] / "shared" / "data"))
CLIP_S = 60.0


def main() -> None:
    recorded = DATA / "librispeech" / "transcripts.tsv"
    audio = recording(recorded) if recorded.is_file() else synthetic()
    options = FilmOptions()
    with CaptionedWaveform().open("cpu") as film, tempfile.TemporaryDirectory() as folder:
        start_s = time.perf_counter()
        video = film(audio, audio.transcript or Text(""), options)
        prepared_s = time.perf_counter()
        pictures = count_pictures(video)
        drawn_s = time.perf_counter()
        path = save(video, Path(folder) / "clip.mp4")
        saved_s = time.perf_counter()
        result = {
            "source": "librispeech" if recorded.is_file() else "espeak",
            "clip_s": round(audio.duration_s, 1),
            "frames": round(audio.duration_s * video.fps),
            "pictures": pictures,
            "draw_s": round(drawn_s - prepared_s, 2),
            "save_s": round(saved_s - drawn_s, 2),
            "all_s": round(saved_s - drawn_s + prepared_s - start_s, 2),
            "mp4_kb": path.stat().st_size // 1000,
            "convert_s": convert_s(audio, Path(folder)),
        }
    print(json.dumps(result))


def convert_s(audio: Audio, folder: Path) -> float:
    """Time `viva convert` in a process of its own, from sound alone."""
    source = save(replace(audio, transcript=None, origin=()), folder / "speech.flac")
    code = "from vivavoce.cli.main import run; run()"
    start_s = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code, "convert", source, folder / "whole.mp4", "--language", "en"], check=True
    )
    return round(time.perf_counter() - start_s, 2)


def count_pictures(video: Video) -> int:
    before, count = None, 0
    for frame in video.source.frames():
        count += frame.pixels is not before
        before = frame.pixels
    return count


def recording(transcripts: Path) -> Audio:
    """Join recordings to 60 seconds; words get equal times, since only their number matters here."""
    parts: list[Audio] = []
    for row in transcripts.read_text("utf-8").splitlines():
        name, text = row.split("\t")
        audio = open_value(transcripts.with_name(f"{name}.opus"))
        if isinstance(audio, Audio):
            parts.append(replace(audio, transcript=evenly(text, audio.duration_s)))
        if sum(part.duration_s for part in parts) >= CLIP_S:
            break
    return first(Audio.join(parts))


def evenly(text: str, duration_s: float) -> Text:
    said = text.split()
    step_s = duration_s / len(said)
    words = tuple(Word(word, n * step_s, (n + 1) * step_s) for n, word in enumerate(said))
    return Text.from_segments([Segment(text, 0.0, duration_s, words)], "en")


def synthetic() -> Audio:
    sentence = "The harbour was quiet that morning, and the boats lay still under a thin grey mist. "
    with Espeak().open("cpu") as speak:
        return first(Audio.join(list(speak(Text(sentence * 14, "en"), Voice()))))


def first(audio: Audio) -> Audio:
    segments = audio.transcript.segments if audio.transcript else ()
    kept = Text.from_segments([s for s in segments if s.end_s <= CLIP_S], "en")
    return replace(audio, samples=audio.samples[: int(CLIP_S * audio.rate_hz)], transcript=kept)


if __name__ == "__main__":
    main()
