"""What runs Whisper's encoder and decoder, and how it is asked to search: the part that back ends differ in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from vivavoce.engines.transcribe.log_mel import Features

E = TypeVar("E")


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How to search: beam width, chunks in a batch, the window, temperatures to try in turn.

    `tokens_per_s` bounds what may be written for a second of sound, which ends loops early. `words` gives each word
    its time; without, a segment is a chunk. `threads` is for a CPU, 0 for as many as there are cores.
    The window ends at 30 s, as in the model's training, or `margin_s` after the sound: that is three times faster for
    short sound, and only for weights that were tuned for it (`benchmarks/trimmed_window.py` shows what others lose).
    """

    beam_width: int = 5
    batch_size: int = 8
    margin_s: float | None = None
    temperatures: tuple[float, ...] = (0.0, 0.4, 0.8)
    tokens_per_s: float = 30.0
    words: bool = True
    threads: int = 0


@dataclass(frozen=True)
class Search:
    """The beam's width, the temperature (0: the likeliest token), and the most tokens to write."""

    beam_width: int
    temperature: float
    most_tokens: int


@dataclass(frozen=True)
class Draft:
    """What was written for a chunk: tokens, mean log probability of a token, probability that nobody speaks."""

    tokens: list[int]
    mean_logprob: float
    silence: float


@dataclass(frozen=True)
class Alignment:
    """The encoder's frame (20 ms) at which each text token begins and the last one ends, and their probabilities."""

    starts: list[int]
    probabilities: list[float]


class Network(Protocol[E]):
    """Encoder and decoder. B chunks, M mel bands, T frames of 10 ms; E is what the encoder's output is kept as.

    Every method raises OutOfMemory when the device's memory is too small for so many chunks.
    """

    @property
    def bands(self) -> int:
        """Return M."""
        ...

    def encode(self, features: Features) -> E:
        """Encode float32 [B, M, T]; T is even and at most 3000."""
        ...

    def detect(self, encoded: E) -> list[dict[str, float]]:
        """Return the probability of each language by its code, for each chunk."""
        ...

    def write(self, encoded: E, opening: Sequence[int], search: Search) -> list[Draft]:
        """Write on from the tokens of `opening`, for each chunk."""
        ...

    def align(self, encoded: E, opening: Sequence[int], texts: list[list[int]], frames: list[int]) -> list[Alignment]:
        """Find when each token of `texts` is said, in the first `frames` of each chunk's features."""
        ...
