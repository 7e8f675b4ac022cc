"""Piper voices (VITS in ONNX files, one for each speaker or group of speakers), without torch.

A voice is two files: `name.onnx` and `name.onnx.json`, which maps phonemes to ids. The phonemes are espeak-ng's.
Inputs: `input` int64 [1, N], `input_lengths` int64 [1], `scales` float32 [3] (noise, length, noise of lengths) and,
where there are several speakers, `sid` int64 [1].
"""

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from vivavoce.engines.abilities import Speak
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.inflect import speed_of
from vivavoce.engines.speak.normalise import Clause
from vivavoce.engines.speak.onnx_models import OnnxVoice, read_json
from vivavoce.engines.speak.phonemes import phonemes, voice_of
from vivavoce.engines.speak.voicing import Speaker, Take, no_voice
from vivavoce.errors import EngineError
from vivavoce.media.modality import Modality

MODEL_TYPES = ("piper",)
PAD, BEGIN, END = "_", "^", "$"
DEFAULT_SCALES = {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8}


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (PiperSpeaker(model=model),)


@dataclass(frozen=True, kw_only=True)
class PiperSpeaker:
    """Which voices: all in a folder that speak the languages of the checkpoint, or any, if it names none."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.SPEAK, (port(Modality.TEXT),), port(Modality.SPEECH, Trait.SPOKEN), "a natural voice, fast on a CPU"
        )
        return replace(card, licence="MIT", extra=None, module="onnxruntime")

    @contextmanager
    def open(self, device: str) -> Iterator[Speak]:
        """Yield the speaker; raise NotReady without the weights. Each voice is loaded when it first speaks."""
        found = [_Piper(path, read_json(path), device) for path in sorted(self.model.path().rglob("*.onnx.json"))]
        known = self.model.languages
        voices = {voice.name: voice for voice in found if not known or voice.language in known}
        if not voices:
            raise EngineError(
                "the folder {path} holds no voice of Piper (name.onnx and name.onnx.json); name one that does",
                path=self.model.path(),
            )

        def say(clause: Clause, voice: Voice) -> Iterator[Take]:
            speaker, number = _chosen(self.card.name, voices, voice.name, clause.language)
            return speaker.say(clause, voice, number)

        languages = tuple(dict.fromkeys(voice.language for voice in voices.values()))
        yield Speaker(name=self.card.name, languages=languages, say=say, own_speed=True)


class _Piper:
    """One pair of files."""

    def __init__(self, path: Path, config: dict[str, Any], device: str) -> None:
        self.path, self.device = path, device
        self.name = path.name.removesuffix(".onnx.json")
        code = str(config.get("language", {}).get("code", self.name))
        self.language = code.replace("-", "_").split("_")[0]
        try:
            self.rate_hz = int(config["audio"]["sample_rate"])
            self.ids = {str(sign): tuple(map(int, ids)) for sign, ids in config["phoneme_id_map"].items()}
            self.scales = {**DEFAULT_SCALES, **config.get("inference", {})}
            self.speakers = {str(name): int(number) for name, number in config.get("speaker_id_map", {}).items()}
            self.several = int(config.get("num_speakers", 1)) > 1
            self.spelled = config.get("phoneme_type") == "text"
            self.espeak = str(config.get("espeak", {}).get("voice") or voice_of(self.language))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EngineError("the file {path} is no configuration of Piper; get the voice again", path=path) from error

    @cached_property
    def model(self) -> OnnxVoice:
        return OnnxVoice(self.path.with_suffix(""), self.device)

    def say(self, clause: Clause, voice: Voice, speaker: int) -> Iterator[Take]:
        """Yield the sound of a clause."""
        ids = self.encoded(clause.said)
        if len(ids) <= len(self.encoded("")):
            return
        length = float(self.scales["length_scale"]) / speed_of(voice)
        inputs: dict[str, np.ndarray] = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([self.scales["noise_scale"], length, self.scales["noise_w"]], np.float32),
            "sid": np.array([speaker], np.int64),
        }
        yield Take(self.model(**inputs), self.rate_hz, clause.written)

    def encoded(self, said: str) -> list[int]:
        """Return the ids of some words: each phoneme is followed by a pad; unknown ones are left out."""
        spoken = said if self.spelled else phonemes(said, self.espeak)
        signs = [sign for sign in unicodedata.normalize("NFD", spoken) if sign in self.ids]
        ids = [number for sign in [BEGIN, *signs] for number in (*self.ids.get(sign, ()), *self.ids.get(PAD, ()))]
        return [*ids, *self.ids.get(END, ())]


def _chosen(engine: str, voices: Mapping[str, _Piper], wanted: str, language: str) -> tuple[_Piper, int]:
    """Return a voice and the number of its speaker: by file name, by a speaker's name or number, or the first."""
    fitting = [voice for voice in voices.values() if voice.language == language] or list(voices.values())
    if not wanted:
        return fitting[0], 0
    if wanted in voices:
        return voices[wanted], 0
    for voice in fitting:
        if wanted in voice.speakers:
            return voice, voice.speakers[wanted]
        if voice.several and wanted.isdecimal() and int(wanted) in voice.speakers.values():
            return voice, int(wanted)
    raise no_voice(engine, wanted, [*voices, *(name for voice in fitting for name in voice.speakers)])
