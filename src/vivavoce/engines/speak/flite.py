"""flite, a small English synthesiser by Carnegie Mellon: clearer than espeak, if the program is installed."""

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from shutil import which
from typing import ClassVar

from vivavoce.engines.abilities import Speak
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.inflect import inflected, inflection_of, speed_of
from vivavoce.engines.speak.prosody import spoken_sentences
from vivavoce.errors import EmptyInput, EngineError, NotReady, UnknownVoice, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Text

VOICES = ("slt", "rms", "awb", "kal16", "kal")
TIMEOUT_S = 60


@dataclass(frozen=True, kw_only=True)
class Flite:
    """How to load it; nothing heavy happens before `open`."""

    card: ClassVar[Card] = Card(
        name="flite",
        ability=Ability.SPEAK,
        takes=(port(Modality.TEXT),),
        gives=port(Modality.SPEECH, Trait.SPOKEN),
        summary="clear English voices, from the Debian package flite",
        licence="BSD-4-Clause",
        languages=("en",),
        piecewise=True,
        program="flite",
        cost=Cost(fixed_s=0.1, per_unit_s=0.003, memory_gb=0.05, quality=0.7),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Speak]:
        """Yield the speaker; it runs on the CPU whatever `device` says."""
        program = which("flite")
        if program is None:
            raise NotReady("the program {program} is not installed; run: {remedy}", program="flite", remedy=INSTALL)
        path = program

        def speak(text: Text, voice: Voice) -> Iterator[Audio]:
            if text.language not in (None, "en"):
                raise UnsupportedLanguage(
                    "flite speaks English only, got {language}; use espeak", language=text.language
                )
            spoken = False
            for sentence in spoken_sentences(text):
                spoken = True
                yield _say(path, sentence, voice)
            if not spoken:
                raise EmptyInput("there is nothing to say in “{text}”; give words", text=text.text[:40])

        yield speak


INSTALL = "apt-get install flite"


def _say(program: str, sentence: str, voice: Voice) -> Audio:
    name = voice.name or VOICES[0]
    if name not in VOICES:
        raise UnknownVoice("flite has no voice “{voice}”; choose one of {known}", voice=name, known=", ".join(VOICES))
    stretch = f"duration_stretch={1 / speed_of(voice):.3f}"
    command = [program, "-voice", name, "--setf", stretch, "-t", sentence, "/dev/stdout"]
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
    if done.returncode or not done.stdout:
        reason = done.stderr.decode("utf-8", "replace").strip()[:200] or f"exit code {done.returncode}"
        raise EngineError("flite failed ({reason}); use espeak", reason=reason)
    sound = open_value(io.BytesIO(done.stdout))
    if not isinstance(sound, Audio):
        raise EngineError("flite failed ({reason}); use espeak", reason="no sound")
    segment = Segment(sentence, 0.0, sound.duration_s)
    samples = inflected(sound.at(sound.rate_hz), sound.rate_hz, inflection_of(voice, own_speed=True))
    return Audio(samples, sound.rate_hz, Text(sentence, "en", (segment,)))
