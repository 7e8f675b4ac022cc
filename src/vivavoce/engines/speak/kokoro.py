"""Kokoro-82M (StyleTTS 2 with an ISTFT decoder; Li et al., 2023) in ONNX, without torch.

Voices are files of float32 in `voices/`, [tokens, 256]: a style for each length of the text. A name begins with its
language (a American, b British, e Spanish, f French, h Hindi, i Italian, p Brazilian) and f or m. The phonemes are
espeak-ng's, put into the signs that the model was trained on. Its Chinese and Japanese voices were trained on other
phonemes than espeak has, so they are refused.
Inputs: `input_ids` int64 [1, N], `style` float32 [1, 256], `speed` float32 [1]. Output: samples at 24 kHz.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from vivavoce.engines.abilities import Speak
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.inflect import Inflection, inflected, speed_of
from vivavoce.engines.speak.normalise import Clause
from vivavoce.engines.speak.onnx_models import OnnxVoice, read_json
from vivavoce.engines.speak.phonemes import phonemes
from vivavoce.engines.speak.prosody import fitting
from vivavoce.engines.speak.voicing import Speaker, Take, no_voice
from vivavoce.errors import EngineError
from vivavoce.media.audio import Samples
from vivavoce.media.modality import Modality

MODEL_TYPES = ("style_text_to_speech_2",)
RATE_HZ = 24_000
STYLE_WIDTH = 256
MAX_TOKENS = 510
SPEEDS = (0.5, 2.0)  # what the model can do itself; the rest is left to WORLD
LANGUAGE_OF_VOICE = {"a": "en", "b": "en", "e": "es", "f": "fr", "h": "hi", "i": "it", "p": "pt"}
ESPEAK_OF_VOICE = {"a": "en-us", "b": "en-gb", "e": "es", "f": "fr-fr", "h": "hi", "i": "it", "p": "pt-br"}
FAVOURITE = "af_heart"
# The best file that a CPU runs well; eight-bit Kokoro is slower than this on many of them.
FILES = ("onnx/model.onnx", "model.onnx", "onnx/model_fp16.onnx", "onnx/model_quantized.onnx", "*.onnx")
ENGLISH_SIGNS = (("eɪ", "A"), ("aɪ", "I"), ("aʊ", "W"), ("ɔɪ", "Y"), ("oʊ", "O"), ("əʊ", "Q"), ("ɚ", "əɹ"), ("ɐ", "ə"))
SIGNS = (("dʒ", "ʤ"), ("tʃ", "ʧ"), ("r", "ɹ"), ("ɬ", "l"), ("ʲ", ""))


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (KokoroSpeaker(model=model),)


@dataclass(frozen=True, kw_only=True)
class KokoroSpeaker:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.SPEAK,
            (port(Modality.TEXT),),
            port(Modality.SPEECH, Trait.SPOKEN),
            "very natural voices in several languages, small enough for a CPU",
        )
        return replace(card, extra=None, module="onnxruntime")

    @contextmanager
    def open(self, device: str) -> Iterator[Speak]:
        """Yield the speaker; raise NotReady without the weights."""
        folder = self.model.path()
        path = next((path for pattern in FILES for path in sorted(folder.glob(pattern))), None)
        voices = {path.stem: path for path in sorted((folder / "voices").glob("*.[bn][ip][ny]"))}
        voices = {name: path for name, path in voices.items() if name[:1] in LANGUAGE_OF_VOICE}
        if path is None or not voices:
            raise EngineError(
                "the folder {path} holds no Kokoro (onnx/model.onnx and voices/*.bin); name one that does", path=folder
            )
        kokoro = _Kokoro(self.card.name, OnnxVoice(path, device), _vocabulary(folder), voices)
        languages = tuple(dict.fromkeys(LANGUAGE_OF_VOICE[name[0]] for name in voices))
        yield Speaker(name=self.card.name, languages=languages, say=kokoro.say, own_speed=True)


@dataclass(frozen=True)
class _Kokoro:
    """The model, the numbers of its signs and the files of its voices."""

    name: str
    model: OnnxVoice
    vocabulary: Mapping[str, int]
    voices: Mapping[str, Path]

    def say(self, clause: Clause, voice: Voice) -> Iterator[Take]:
        """Yield the sound of a clause."""
        name = self._chosen(voice.name, clause.language)
        speed = float(np.clip(speed_of(voice), *SPEEDS))
        parts = fitting(clause.said, lambda said: len(self.encoded(said, name)), MAX_TOKENS)
        sounds = [self._sound(ids, name, speed) for part in parts if (ids := self.encoded(part, name))]
        if sounds:
            samples = inflected(np.concatenate(sounds), RATE_HZ, Inflection(speed=speed_of(voice) / speed))
            yield Take(samples, RATE_HZ, clause.written)

    def _sound(self, ids: Sequence[int], voice: str, speed: float) -> Samples:
        return self.model(
            input_ids=np.array([[0, *ids, 0]], np.int64),
            style=_style(self.voices[voice], len(ids)),
            speed=np.array([speed], np.float32),
        )

    def encoded(self, said: str, voice: str) -> list[int]:
        """Return the ids of some words as a voice says them; unknown signs are left out."""
        spoken = phonemes(said, ESPEAK_OF_VOICE[voice[0]])
        for ours, theirs in (*(ENGLISH_SIGNS if voice[0] in "ab" else ()), *SIGNS):
            spoken = spoken.replace(ours, theirs)
        return [self.vocabulary[sign] for sign in spoken if sign in self.vocabulary]

    def _chosen(self, wanted: str, language: str) -> str:
        if wanted and wanted not in self.voices:
            raise no_voice(self.name, wanted, list(self.voices))
        fitting = [name for name in self.voices if LANGUAGE_OF_VOICE[name[0]] == language]
        return wanted or (FAVOURITE if FAVOURITE in fitting else fitting[0])


def _style(path: Path, tokens: int) -> Samples:
    """Return the style [1, 256] of a voice for a text of so many tokens."""
    try:
        held = np.load(path, allow_pickle=False) if path.suffix == ".npy" else np.fromfile(path, "<f4")
        styles = np.asarray(held, np.float32).reshape(-1, STYLE_WIDTH)
    except (OSError, EOFError, ValueError) as error:
        raise EngineError("the file {path} is no voice of Kokoro; get the model again", path=path) from error
    if not len(styles):
        raise EngineError("the file {path} is no voice of Kokoro; get the model again", path=path)
    return np.asarray(styles[min(tokens, len(styles) - 1)][np.newaxis])


def _vocabulary(folder: Path) -> dict[str, int]:
    """Return the number of each sign, from `tokenizer.json` or `config.json`."""
    tokenizer, config = folder / "tokenizer.json", folder / "config.json"
    held: Any = read_json(tokenizer).get("model", {}) if tokenizer.is_file() else read_json(config)
    known = held.get("vocab") if isinstance(held, dict) else None
    if not isinstance(known, dict) or not known:
        raise EngineError("the file {path} is no JSON; get the model again", path=tokenizer)
    return {str(sign): int(number) for sign, number in known.items()}
