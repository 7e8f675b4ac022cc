"""VITS (Kim et al., 2021) by transformers, MMS-TTS (Pratap et al., 2023) in 1,100 languages among them.

The sound of a clause goes out in parts: the decoder, which takes most of the time, runs on the first sounds alone
before the others. Each part is decoded with as much around it as its samples depend on, so the parts are those of the
whole. A word belongs to the part in which it begins, and may end in the next.

Shapes: N tokens, C channels, F frames, T samples.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import Speak
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port, require
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.inflect import speed_of
from vivavoce.engines.speak.normalise import Clause
from vivavoce.engines.speak.phonemes import phonemes, voice_of
from vivavoce.engines.speak.units import Unit, parts_of, units_of
from vivavoce.engines.speak.voicing import Speaker, Take, no_voice
from vivavoce.engines.torch_models import loaded
from vivavoce.media.audio import Samples
from vivavoce.media.modality import Modality
from vivavoce.media.text import Word

MODEL_TYPES = ("vits",)


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (VitsSpeaker(model=model),)


@dataclass(frozen=True, kw_only=True)
class VitsSpeaker:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        return self.model.card(
            Ability.SPEAK,
            (port(Modality.TEXT),),
            port(Modality.SPEECH, Trait.SPOKEN),
            "a natural voice in one language",
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Speak]:
        """Yield the speaker; raise NotReady without the library or the weights."""
        folder = self.model.path()
        torch, transformers = require("torch", "hub"), require("transformers", "hub")
        tokenizer = transformers.VitsTokenizer.from_pretrained(folder, local_files_only=True)
        # Half precision breaks the splines of the duration predictor, and the model is small.
        with loaded(transformers.VitsModel, folder, device, dtype=torch.float32) as model:
            voice = _Vits(self.card.name, model, tokenizer)
            yield Speaker(name=self.card.name, languages=self.model.languages, say=voice.say, own_speed=True)


class _Vits:
    """A model taken apart into what makes latents and what decodes them."""

    def __init__(self, name: str, model: Any, tokenizer: Any) -> None:  # noqa: ANN401 - classes of transformers
        torch = require("torch", "hub")
        self.name, self.model, self.tokenizer = name, model, tokenizer
        self.phonemize, tokenizer.phonemize = tokenizer.phonemize, False  # by our espeak, not by another library
        self.rate_hz = int(model.config.sampling_rate)
        self.hop = int(np.prod(model.config.upsample_rates))
        self.context = decoder_context(model.config)
        _fold_weight_norm(model)
        self.decoder, model.decoder = model.decoder, _silent(torch)
        del model.posterior_encoder  # for training only
        self.log_durations: list[Any] = []
        model.duration_predictor.register_forward_hook(lambda _, __, given: self.log_durations.append(given))

    def say(self, clause: Clause, voice: Voice) -> Iterator[Take]:
        """Yield the sound of a clause in parts."""
        torch = require("torch", "hub")
        speaker = self._speaker(voice.name)
        said = phonemes(clause.said, voice_of(clause.language)) if self.phonemize else clause.said
        self._check_script(said)
        kept = self.tokenizer.prepare_for_tokenization(said)[0]
        if not kept.strip():
            return
        with torch.inference_mode():
            ids = self.tokenizer(said, return_tensors="pt").input_ids.to(self.model.device)
            given = self.model(ids, speaker_id=speaker, speaking_rate=self._speed(voice))
            ends = self._ends(self.log_durations.pop(), self._speed(voice))
        units = units_of(clause, ends, kept, self._kept)
        total = given.spectrogram.shape[2]
        parts = parts_of(units, total, self.rate_hz / self.hop)
        start = 0
        for number, (end, held) in enumerate(parts):
            with torch.inference_mode():
                samples = self._decoded(given.spectrogram, start, end, speaker)
            words = tuple(self._word(unit, start) for unit in held if unit.timed)
            written = "".join(unit.written for unit in held)
            yield Take(samples, self.rate_hz, written, words, first=not number, last=number == len(parts) - 1)
            start = end

    def _speed(self, voice: Voice) -> float:
        return float(self.model.config.speaking_rate) * speed_of(voice)

    def _kept(self, said: str) -> str:
        """Return what the tokenizer keeps of some words, "" where phonemes are not those of each word."""
        return "" if self.phonemize else str(self.tokenizer.prepare_for_tokenization(said)[0])

    def _check_script(self, said: str) -> None:
        if self.tokenizer.is_uroman and not said.isascii():
            require("uroman", "hub")  # turns any script into Latin letters, which are all that such a model knows

    def _speaker(self, name: str) -> int | None:
        count = int(self.model.config.num_speakers)
        if count == 1:
            if name:
                raise no_voice(self.name, name, ())
            return None
        if name and name not in map(str, range(count)):
            raise no_voice(self.name, name, [str(number) for number in range(count)])
        return int(name or 0)

    def _ends(self, log_durations: Any, speed: float) -> npt.NDArray[np.int64]:  # noqa: ANN401 - a tensor [1, 1, N]
        """Return the frame at which each character of the tokenizer ends."""
        frames = log_durations.exp().div(speed).ceil()[0, 0].cumsum(0).cpu().numpy().astype(np.int64)
        return np.asarray(frames[1::2] if self.tokenizer.add_blank else frames)

    def _decoded(self, latents: Any, start: int, end: int, speaker: int | None) -> Samples:  # noqa: ANN401 - [1, C, F]
        """Return the samples [T] of some frames, as they are in the sound of the whole."""
        torch = require("torch", "hub")
        left, right = max(0, start - self.context), min(latents.shape[2], end + self.context)
        who = None
        if speaker is not None:
            who = self.model.embed_speaker(torch.tensor([speaker], device=latents.device)).unsqueeze(-1)
        sound = self.decoder(latents[:, :, left:right], who)[0, 0]
        return np.asarray(sound[(start - left) * self.hop : (end - left) * self.hop].float().cpu().numpy())

    def _word(self, unit: Unit, start: int) -> Word:
        frame_s = self.hop / self.rate_hz
        return Word(unit.written.strip(), max(0, unit.start - start) * frame_s, (unit.end - start) * frame_s)


def decoder_context(config: Any) -> int:  # noqa: ANN401 - a VitsConfig
    """Return how many frames on either side the samples of a frame depend on."""
    reach = 3  # the last convolution has seven taps
    blocks = max(
        (kernel - 1) // 2 * (sum(dilations) + len(dilations))
        for kernel, dilations in zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True)
    )
    for rate, kernel in zip(reversed(config.upsample_rates), reversed(config.upsample_kernel_sizes), strict=True):
        reach = -(-(reach + blocks + kernel - 1 - (kernel - rate) // 2) // rate)
    return int(reach + 3)


def _fold_weight_norm(model: Any) -> None:  # noqa: ANN401 - a torch.nn.Module
    """Compute normalised weights once and not at every call."""
    parametrize = require("torch.nn.utils.parametrize", "hub")
    for module in list(model.modules()):
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")


def _silent(torch: Any) -> Any:  # noqa: ANN401 - a torch.nn.Module
    """Return a decoder that decodes nothing, so that the model gives its latents at once."""

    class Silent(torch.nn.Module):  # type: ignore[misc]
        def forward(self, latents: Any, speaker: Any = None) -> Any:  # noqa: ANN401 - tensors
            """Return [1, 1, 1] of silence."""
            return latents.new_zeros(1, 1, 1)

    return Silent()
