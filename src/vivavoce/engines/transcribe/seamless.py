"""SeamlessM4T v2 (Seamless Communication, 2023) by transformers: one model that writes down, translates and speaks.

Three engines share its weights. Callers name languages by ISO 639-1; the model knows them by ISO 639-3. Each piece of
speech goes through the encoder alone, because its adapter looks into padding; the decoder writes for all at once.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from vivavoce.engines.abilities import Speak, Transcribe, Translate
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port, require
from vivavoce.engines.language_codes import codes, usual
from vivavoce.engines.options import Hints, Voice
from vivavoce.engines.sharing import shared
from vivavoce.engines.speak.normalise import Clause
from vivavoce.engines.speak.voicing import Speaker, Take, no_voice
from vivavoce.engines.torch_models import data_type, in_batches, loaded
from vivavoce.engines.transcribe.pieces import (
    AT_ONCE,
    EAGER_VAD,
    RATE_HZ,
    Piece,
    by_length,
    segments,
    spoken_language,
)
from vivavoce.engines.translate.document import direction, translated
from vivavoce.engines.translate.languages import listed
from vivavoce.engines.translate.translator import check_pair
from vivavoce.errors import EngineError, UnsupportedLanguage
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Text

MODEL_TYPES = ("seamless_m4t_v2",)
MAX_SOURCE_TOKENS = 256  # a longer sentence is cut
MANDARIN = {"zh": "cmn", "zh-hant": "cmn_Hant"}  # the other codes are the beginnings of those of FLORES-200
# What the published vocoder speaks, by ISO 639-1.
SPOKEN = frozenset(
    "ar bn ca cs cy da de en es et fa fi fr hi id it ja ko mt nl "
    "pl pt ro ru sk sv sw te th tl tr uk ur uz vi zh".split()
)


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (SeamlessRecogniser(model=model), SeamlessTranslator(model=model), SeamlessSpeaker(model=model))


@dataclass(frozen=True, kw_only=True)
class SeamlessRecogniser:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.TRANSCRIBE,
            (port(Modality.SPEECH),),
            port(Modality.TEXT, Trait.TIMED),
            "writes down speech in many languages, or in English what was said in another",
        )
        return replace(card, rate_hz=RATE_HZ, into=())

    @contextmanager
    def open(self, device: str) -> Iterator[Transcribe]:
        """Yield the recogniser; raise NotReady without the library or the weights."""
        with _sharing(self.model, device) as (seamless, turn), EAGER_VAD.open("cpu") as detect_speech:

            def transcribe(audio: Audio, hints: Hints) -> Iterator[Segment]:
                target = seamless.token(self._written(hints), self.model.alias)

                def recognise(together: Sequence[Piece]) -> list[Segment | None]:
                    with turn:
                        texts = by_length(
                            lambda heard: seamless.written_down(heard, target), together, AT_ONCE[device], device
                        )
                    return [
                        Segment(text, 0.0, piece.duration_s) if text else None
                        for text, piece in zip(texts, together, strict=True)
                    ]

                yield from segments(audio, detect_speech, recognise, AT_ONCE[device])

            yield transcribe

    def _written(self, hints: Hints) -> str:
        """Return the language to write in; the model doesn't find out by itself which one is spoken."""
        language = spoken_language(hints, self.model)
        if hints.task == "translate":
            return "en"
        if language is None:
            raise UnsupportedLanguage(
                "{engine} must be told which language is spoken; name it with --language, such as en",
                engine=self.model.alias,
            )
        return language


@dataclass(frozen=True, kw_only=True)
class SeamlessTranslator:
    """Which weights, and how many sentences go through at once."""

    model: Checkpoint
    at_once: int = 16

    @property
    def card(self) -> Card:
        """Describe it."""
        return self.model.card(
            Ability.TRANSLATE,
            (port(Modality.TEXT),),
            port(Modality.TEXT),
            "translates text, line for line and cue for cue",
            edge="translate",
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Translate]:
        """Yield the translator; raise NotReady without the library or the weights."""
        with _sharing(self.model, device) as (seamless, turn):
            known = seamless.languages

            def translate(text: Text, language: str) -> Text:
                way = direction(text, language)
                if way is None:
                    return text
                check_pair(self.model.alias, way.source, way.target, known, known)
                target = seamless.token(way.target, self.model.alias)

                def sentences(given: Sequence[str]) -> list[str]:
                    with turn:
                        return in_batches(
                            lambda batch: seamless.translated(batch, way.source, target), given, self.at_once, device
                        )

                return translated(
                    text, language, way, sentences, lambda sentence: seamless.length(sentence) <= MAX_SOURCE_TOKENS
                )

            yield translate


@dataclass(frozen=True, kw_only=True)
class SeamlessSpeaker:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.SPEAK,
            (port(Modality.TEXT),),
            port(Modality.SPEECH, Trait.SPOKEN),
            "speaks many languages; voices by number",
            edge="speak",
        )
        known = tuple(code for code in self.model.languages if code in SPOKEN)
        return replace(card, languages=known, into=())

    @contextmanager
    def open(self, device: str) -> Iterator[Speak]:
        """Yield the speaker; raise NotReady without the library or the weights."""
        with _sharing(self.model, device) as (seamless, turn):

            def say(clause: Clause, voice: Voice) -> Iterator[Take]:
                number = _voice_number(self.model.alias, voice, seamless.voices)
                with turn:
                    samples = seamless.spoken(clause.said, clause.language, number)
                if len(samples):
                    yield Take(samples, seamless.rate_hz, clause.written)

            yield Speaker(name=self.model.alias, languages=seamless.spoken_languages, say=say, own_speed=False)


def _voice_number(engine: str, voice: Voice, count: int) -> int:
    name = voice.name or "0"
    if not name.isdecimal() or int(name) >= count:
        raise no_voice(engine, name, [str(number) for number in range(count)])
    return int(name)


@contextmanager
def _sharing(model: Checkpoint, device: str) -> Iterator[tuple["Seamless", Lock]]:
    folder = model.path()
    with shared(("seamless", folder, device), lambda: _opened(folder, device)) as (seamless, turn):
        yield seamless, turn


@contextmanager
def _opened(folder: Path, device: str) -> Iterator["Seamless"]:
    transformers = require("transformers", "hub")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
    with loaded(transformers.SeamlessM4Tv2Model, folder, device) as model:
        if not hasattr(model.generation_config, "text_decoder_lang_to_code_id"):
            raise EngineError("the folder {path} lacks the table of languages; get the model again", path=folder)
        yield Seamless(model, tokenizer, extractor, device)


class Seamless:
    """The model with its tokenizer and feature extractor; one caller at a time."""

    def __init__(self, model: Any, tokenizer: Any, extractor: Any, device: str) -> None:  # noqa: ANN401
        self._model, self._tokenizer, self._extractor, self._device = model, tokenizer, extractor, device
        self._torch = require("torch", "hub")
        settings = model.generation_config
        self._written = _by_usual_code(settings.text_decoder_lang_to_code_id)
        self._voiced = _by_usual_code(getattr(settings, "vocoder_lang_code_to_id", {}))
        self.voices = int(model.config.vocoder_num_spkrs)
        self.rate_hz = int(model.config.sampling_rate)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it writes."""
        return tuple(self._written)

    @property
    def spoken_languages(self) -> tuple[str, ...]:
        """The languages that it speaks."""
        return tuple(code for code in self._voiced if code in self._written)

    def token(self, language: str, engine: str) -> int:
        """Return the number of a language's token; raise UnsupportedLanguage for one that it doesn't write."""
        inside = self._written.get(usual(language))
        if inside is None:
            raise UnsupportedLanguage(
                "{engine} does not know the language “{language}”; give one of {known}",
                engine=engine,
                language=language,
                known=listed(self.languages),
            )
        return int(self._model.generation_config.text_decoder_lang_to_code_id[inside])

    def length(self, sentence: str) -> int:
        """Return how many tokens a sentence has."""
        return len(self._tokenizer(sentence)["input_ids"])

    def written_down(self, pieces: Sequence[Samples], target: int) -> list[str]:
        """Return what is said in each piece, mono samples [frames] at `RATE_HZ`, in the language of a token."""
        torch, transformers = self._torch, require("transformers", "hub")
        with torch.inference_mode():
            features = [self._features(piece) for piece in pieces]
            encoded = [self._model.speech_encoder(**one).last_hidden_state[0] for one in features]  # [T, width]
            masks = [one["attention_mask"][0] for one in features]
            self._model.set_modality("speech")
            return self._generated(
                target,
                encoder_outputs=transformers.modeling_outputs.BaseModelOutput(self._padded(encoded)),
                attention_mask=self._padded(masks),
            )

    def translated(self, sentences: Sequence[str], source: str, target: int) -> list[str]:
        """Return the sentences in the language of a token."""
        inputs = self._tokenizer(list(sentences), src_lang=self._written[source], padding=True, return_tensors="pt")
        with self._torch.inference_mode():
            self._model.set_modality("text")
            return self._generated(target, **inputs.to(self._device))

    def spoken(self, text: str, language: str, voice: int) -> Samples:
        """Return mono samples [frames] at `rate_hz`; left to itself, the decoder would not keep to the text."""
        inside = self._voiced[language]
        ids = self._tokenizer(text, src_lang=inside, return_tensors="pt").to(self._device)
        start = [int(self._model.generation_config.decoder_start_token_id)]
        held = [*start, *ids["input_ids"][0].tolist()]  # start, language, text, end
        with self._torch.inference_mode():
            sound, lengths = self._model.generate(
                **ids,
                tgt_lang=inside,
                speaker_id=voice,
                text_num_beams=1,
                text_do_sample=False,
                text_max_new_tokens=len(held),
                text_prefix_allowed_tokens_fn=lambda _, made: [held[min(len(made), len(held) - 1)]],
            )
        samples: Samples = sound.reshape(-1)[: int(lengths.reshape(-1)[0])].float().cpu().numpy()
        return samples

    def _features(self, piece: Samples) -> dict[str, Any]:
        found = self._extractor(piece, sampling_rate=RATE_HZ, return_tensors="pt")
        return {
            "input_features": found["input_features"].to(self._device, data_type(self._device)),
            "attention_mask": found["attention_mask"].to(self._device),
        }

    def _padded(self, rows: Sequence[Any]) -> Any:  # noqa: ANN401 - torch tensors
        return self._torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True)

    def _generated(self, target: int, **inputs: Any) -> list[str]:  # noqa: ANN401 - torch tensors
        """Write a text for each row; the model's own `generate` would not take what is encoded already."""
        transformers = require("transformers", "hub")
        rows = len(inputs["attention_mask"])
        start = self._torch.full((rows, 1), target, device=self._device)
        ids = transformers.GenerationMixin.generate(self._model, decoder_input_ids=start, **inputs)
        return [text.strip() for text in self._tokenizer.batch_decode(ids, skip_special_tokens=True)]


def _by_usual_code(table: dict[str, int]) -> dict[str, str]:
    """Return the model's codes by those that callers use: ISO 639-1 where there is one."""
    named = {**{iso: flores.split("_")[0] for iso, flores in codes().flores.items()}, **MANDARIN}
    short = {inside: iso for iso, inside in reversed(named.items())}
    return {short.get(inside, inside): inside for inside in table}
