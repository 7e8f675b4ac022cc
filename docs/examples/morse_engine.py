"""A complete engine in one file: it beeps English text in Morse code.

The entry point of a package names the function `engines`; use_a_plugin.py shows how. Makes its own sample input.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

import vivavoce as vv
from vivavoce.engines.abilities import Speak
from vivavoce.engines.contract import Ability, AnyEngine, Card, Cost, Trait, port
from vivavoce.errors import EmptyInput
from vivavoce.media.modality import Modality

RATE_HZ, DOT_S = 16_000, 0.06
CODES = ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
MORSE = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", CODES.split(), strict=True))
DOTS = {".": "10", "-": "1110", " ": "00"}  # a dot is one long, a dash three, a gap between letters three


@dataclass(frozen=True, kw_only=True)
class Morse:
    """How it sounds."""

    card: ClassVar[Card] = Card(
        name="morse",
        ability=Ability.SPEAK,
        takes=(port(Modality.TEXT),),
        gives=port(Modality.SPEECH, Trait.SPOKEN),
        summary="beeps English text in Morse code",
        licence="Apache-2.0",
        languages=("en",),
        cost=Cost(per_unit_s=0.0001, memory_gb=0.01, quality=0.01),
    )
    pitch_hz: float = 600.0

    @contextmanager
    def open(self, device: str) -> Iterator[Speak]:
        """Yield a function of text and voice; nothing heavy is needed here."""
        yield self._beep

    def _beep(self, text: vv.Text, voice: vv.Voice) -> Iterator[vv.Audio]:
        words = [[MORSE[letter] for letter in word if letter in MORSE] for word in text.text.upper().split()]
        if not any(words):
            raise EmptyInput("there is no letter in “{text}”; give words", text=text.text[:40])
        for word, codes in zip(text.text.split(), words, strict=True):
            dots = "".join(DOTS[sign] for sign in " ".join(codes)) + "000000"
            loud = np.repeat(np.array(list(dots), np.float32), int(RATE_HZ * DOT_S / voice.rate))
            wave = 0.3 * np.sin(2 * np.pi * self.pitch_hz * np.arange(len(loud)) / RATE_HZ)
            segment = vv.Segment(word, 0.0, len(loud) / RATE_HZ)
            yield vv.Audio((loud * wave).astype(np.float32), RATE_HZ, vv.Text(word, "en", (segment,)))


def engines() -> list[AnyEngine]:
    """Return what this package adds."""
    return [Morse()]


if __name__ == "__main__":
    with Morse().open("cpu") as beep:
        for sound in beep(vv.Text("SOS from Oslo"), vv.Voice()):
            print(f"a word of {sound.duration_s:.2f} s")
