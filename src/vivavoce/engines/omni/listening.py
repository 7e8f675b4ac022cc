"""What a model that hears and writes can do with speech: write it down, or say it in English."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

from vivavoce.engines.abilities import Span, Transcribe
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, Card, Trait, port
from vivavoce.engines.conversation import Message
from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.options import Hints
from vivavoce.engines.see.looking import Load
from vivavoce.engines.see.prompts import LANGUAGES
from vivavoce.engines.see.seer import BATCH
from vivavoce.engines.transcribe.chunks import chunks_by_window
from vivavoce.errors import NothingFound, UnsupportedLanguage
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment

RATE_HZ = 16_000  # what the models were trained at
MAX_TOKENS = 200  # of a chunk, which lasts 20 s at most
TRANSCRIBE = "Transcribe the audio into text."
TRANSCRIBE_IN = "Transcribe the {language} audio into text."
TRANSCRIBE_ZH = "请将这段中文语音转换为纯文本。"
TRANSLATE = "Listen to the speech and translate it into English text. Write the translation alone."


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Which weights, and how they are loaded; it hears stretches of speech, cut at pauses, several at a time."""

    model: Checkpoint
    load: Load
    max_tokens: int = MAX_TOKENS

    @property
    def card(self) -> Card:
        """Describe it."""
        takes, gives = (port(Modality.SPEECH),), port(Modality.TEXT, Trait.TIMED)
        card = self.model.card(
            Ability.TRANSCRIBE, takes, gives, "writes speech down, stretch by stretch", edge="transcribe"
        )
        return replace(card, into=(), rate_hz=RATE_HZ)

    @contextmanager
    def open(self, device: str) -> Iterator[Transcribe]:
        """Yield the listener; raise NotReady without the library or the weights."""
        with self.load(self.model, device) as seer, SileroVad().open(device) as detect_speech:

            def transcribe(audio: Audio, hints: Hints) -> Iterator[Segment]:
                prompt = self._prompt(hints)
                samples = audio.at(RATE_HZ)
                found = False
                stretches = chunks_by_window(detect_speech, samples, RATE_HZ)
                while spans := list(islice(stretches, BATCH)):
                    asked = [[Message("user", prompt, sounds=(_part(samples, span),))] for span in spans]
                    for span, line in zip(spans, seer.write_each(asked, self.max_tokens), strict=True):
                        found = True
                        yield Segment(line, span.start_s, min(span.end_s, audio.duration_s))
                if not found:
                    raise NothingFound(
                        "no speech in {seconds:.1f} s of sound; give a recording of somebody speaking",
                        seconds=audio.duration_s,
                    )

            yield transcribe

    def _prompt(self, hints: Hints) -> str:
        """Return what the model is asked; raise UnsupportedLanguage for a language that it doesn't know."""
        code = hints.language
        if code and self.model.languages and code not in self.model.languages:
            raise UnsupportedLanguage(
                "{engine} does not know the language “{language}”, but {known}; use another engine",
                engine=self.card.name,
                language=code,
                known=", ".join(self.model.languages),
            )
        names = {**LANGUAGES, "en": "English"}
        if hints.task == "translate":
            prompt = TRANSLATE
        elif code == "zh":
            prompt = TRANSCRIBE_ZH
        else:
            prompt = TRANSCRIBE_IN.format(language=names[code]) if code in names else TRANSCRIBE
        words = [hints.prompt] if hints.prompt else []
        words += [f"Words that may occur: {', '.join(hints.hot_words)}."] if hints.hot_words else []
        return " ".join([prompt, *words])


def _part(samples: Samples, span: Span) -> Audio:
    return Audio(samples[int(span.start_s * RATE_HZ) : int(span.end_s * RATE_HZ)], RATE_HZ)
