import numpy as np
import pytest

from vivavoce.engines.options import FilmOptions
from vivavoce.media.audio import Audio
from vivavoce.media.text import Segment, Text, Word

RATE_HZ = 16_000


def timed(sentences, language, word_s=0.4, pause_s=0.5, split=str.split):
    """Lay words of equal length one after the other, with a pause after each sentence."""
    segments, at_s = [], 0.2
    for sentence in sentences:
        words = []
        for word in split(sentence):
            words.append(Word(word, at_s, at_s + word_s))
            at_s += word_s
        segments.append(Segment(sentence, words[0].start_s, at_s, tuple(words)))
        at_s += pause_s
    return Text.from_segments(segments, language)


def say(transcript):
    """Make a sound that is loud while words are said and silent between sentences."""
    length = int((transcript.segments[-1].end_s + 0.5) * RATE_HZ)
    samples = np.zeros(length, np.float32)
    for segment in transcript.segments:
        start, end = int(segment.start_s * RATE_HZ), int(segment.end_s * RATE_HZ)
        samples[start:end] = 0.3 * np.sin(np.arange(end - start) * 0.1)
    return Audio(samples, RATE_HZ, transcript)


@pytest.fixture(scope="session")
def talk():
    sentences = ["The first sentence is short.", "Then comes another one, which is longer.", "And the last one."]
    return say(timed(sentences, "en"))


@pytest.fixture(scope="session")
def chinese_talk():
    return say(timed(["今天天气很好。", "我们一起去公园散步吧！"], "zh", word_s=0.25, split=list))


@pytest.fixture(scope="session")
def small():
    """Options that draw and encode fast."""

    def options(**changes):
        return FilmOptions(**({"width": 640, "height": 360, "fps": 10} | changes))

    return options
