"""How soon a text begins to sound: the first part of a stream against the whole text.

Run: python benchmarks/first_audio.py   Prints JSON: medians in milliseconds for each voice that is here.
"""

import json
import statistics
import time

import vivavoce as vv

TEXT = (
    "The old bridge was built in 1873. Every evening, about nine hundred people walk across it on their way home. "
    "This spring the city hung small lamps under its arches. They are switched on at dusk."
)
CHINESE = "老桥建于一八七三年。每天傍晚，大约有九百人走过这座桥回家。今年春天，市里在桥拱下面挂上了小灯。"
RUNS = 15
CASES = {"espeak en": (TEXT, "en", "en-us"), "espeak zh": (CHINESE, "zh", "cmn"), "best en": (TEXT, "en", "")}


def measure(text: str, language: str, voice: str) -> dict[str, float]:
    first, whole = [], []
    for _ in range(RUNS + 1):
        began_s = time.perf_counter()
        stream = vv.stream_speech(text, language=language, voice=vv.Voice(name=voice))
        next(stream)
        first.append(time.perf_counter() - began_s)
        for _ in stream:
            pass
        whole.append(time.perf_counter() - began_s)
    return {
        "first_audio_ms": round(statistics.median(first[1:]) * 1000, 2),  # the first run opens the engine
        "first_audio_cold_ms": round(first[0] * 1000, 2),
        "whole_ms": round(statistics.median(whole[1:]) * 1000, 2),
    }


def main() -> None:
    result = {name: measure(*case) for name, case in CASES.items()}
    print(json.dumps({**result, "targets": {"espeak first_audio_ms": 100}}, indent=2))


if __name__ == "__main__":
    main()
