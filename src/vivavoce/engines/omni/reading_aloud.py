"""Reading aloud by a model that answers in speech: its reply is held to the text, and it speaks its reply."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vivavoce.engines.abilities import Speak
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, Card, Trait, port, require
from vivavoce.engines.conversation import Message
from vivavoce.engines.omni.voices import voices_of
from vivavoce.engines.options import Voice
from vivavoce.engines.see.seer import Seer
from vivavoce.engines.speak.normalise import Clause
from vivavoce.engines.speak.voicing import Speaker, Take, no_voice
from vivavoce.engines.torch_models import in_batches
from vivavoce.media.modality import Modality

RATE_HZ = 24_000
# The model speaks under this system prompt alone: it was trained with it.
SYSTEM = (
    "You are Qwen, a virtual human developed by the Qwen Team, Alibaba Group, capable of perceiving auditory and "
    "visual inputs, as well as generating text and speech."
)
REQUEST = "Read this text aloud, word for word: {text}"
CODES_A_CHARACTER = 16  # of sound, 50 a second: a slow reader takes 12 for a Chinese character
CODES_BESIDES = 100

LoadWhole = Callable[[Checkpoint, str], AbstractContextManager[tuple[Any, Seer]]]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Which weights, and how the whole model is loaded."""

    model: Checkpoint
    load: LoadWhole
    codes_a_character: int = CODES_A_CHARACTER
    codes_besides: int = CODES_BESIDES

    @property
    def card(self) -> Card:
        """Describe it."""
        takes, gives = (port(Modality.TEXT),), port(Modality.SPEECH, Trait.SPOKEN)
        card = self.model.card(Ability.SPEAK, takes, gives, "reads text aloud in a natural voice", edge="speak")
        return replace(card, languages=("zh", "en"), into=())

    @contextmanager
    def open(self, device: str) -> Iterator[Speak]:
        """Yield the reader; raise NotReady without the library, the weights or the voices."""
        folder = self.model.path()
        voices = voices_of(folder, self.model.alias)
        with self.load(self.model, device) as (whole, seer):
            if any(voices.values()):
                whole.speaker_map = voices

            def say(clause: Clause, voice: Voice) -> Iterator[Take]:
                if voice.name and voice.name not in voices:
                    raise no_voice(self.card.name, voice.name, list(voices))
                most = self.codes_besides + self.codes_a_character * len(clause.said)
                run = _Reading(whole, seer, voice.name or next(iter(voices)), most)
                (samples,) = in_batches(run, [clause.said], 1, device)
                yield Take(samples, RATE_HZ, clause.said)

            yield Speaker(name=self.card.name, languages=self.card.languages, say=say, own_speed=False)


@dataclass(frozen=True)
class _Reading:
    """One voice of the model, reading with so many codes of sound at most."""

    whole: Any
    seer: Seer
    voice: str
    most_codes: int

    def __call__(self, texts: Sequence[str]) -> list[Any]:
        """Return samples float32 [frames] of each text."""
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Any:  # noqa: ANN401 - samples
        torch = require("torch", "hub")
        asked = [Message("system", SYSTEM), Message("user", REQUEST.format(text=text))]
        with self.seer.turn, torch.inference_mode(), warnings.catch_warnings():
            # The talker's prompt has no words to repeat, so the library warns of what is meant to be so.
            warnings.filterwarnings("ignore", message="Passing `repetition_penalty`", category=UserWarning)
            inputs = self.seer.prepare([asked])
            end = self._end()
            reply = [*self.seer.tokenizer(text, add_special_tokens=False).input_ids, end]
            start = int(inputs["input_ids"].shape[1])

            def next_token(_: int, ids: Any) -> list[int]:  # noqa: ANN401 - a tensor of what stands so far
                return [reply[min(len(ids) - start, len(reply) - 1)]]

            _, wave = self.whole.generate(
                **inputs,
                **self._talker_end(),
                speaker=self.voice,
                thinker_max_new_tokens=len(reply),
                thinker_do_sample=False,
                thinker_eos_token_id=end,
                thinker_prefix_allowed_tokens_fn=next_token,
                talker_max_new_tokens=self.most_codes,
            )
        return np.asarray(wave.reshape(-1).float().cpu().numpy(), np.float32)

    def _end(self) -> int:
        ends = self.whole.thinker.generation_config.eos_token_id
        ends = self.seer.tokenizer.eos_token_id if ends is None else ends
        return int(ends[0] if isinstance(ends, list) else ends)

    def _talker_end(self) -> dict[str, list[int]]:
        """Return what ends speech: Qwen2.5-Omni takes it from nowhere else, Qwen3-Omni from its configuration."""
        talker = self.whole.config.talker_config
        if not hasattr(talker, "tts_codec_end_token_id"):
            return {}
        return {"talker_eos_token_id": [talker.tts_codec_pad_token_id, talker.tts_codec_end_token_id]}
