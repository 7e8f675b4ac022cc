"""From tokens and when they are said to words and sentences."""

from dataclasses import replace

from vivavoce.engines.transcribe.whisper_network import Alignment
from vivavoce.engines.transcribe.whisper_vocabulary import Vocabulary
from vivavoce.media.text import Segment, Word

FRAME_S = 0.02  # a frame of the encoder
SENTENCE_END = tuple(".?!。？！…")


def sentences(
    tokens: list[int], alignment: Alignment, vocabulary: Vocabulary, language: str, length_s: float
) -> list[Segment]:
    """Return a segment for each sentence, times from the start of a chunk of `length_s` and never outside it."""
    found: list[Segment] = []
    at, open_sentence = 0, False
    for text, count in vocabulary.words(tokens, language):
        start_s, end_s = (min(alignment.starts[n] * FRAME_S, length_s) for n in (at, at + count))
        probabilities = alignment.probabilities[at : at + count]
        word = Word(text.strip(), start_s, max(start_s, end_s), min(1.0, sum(probabilities) / count))
        at += count
        if not word.text:
            continue
        if open_sentence:
            last = found[-1]
            found[-1] = replace(last, text=last.text + text, end_s=word.end_s, words=(*last.words, word))
        else:
            found.append(Segment(text.lstrip(), start_s, word.end_s, (word,)))
        open_sentence = not word.text.rstrip("\"'”’）)」』").endswith(SENTENCE_END)
    return found
