"""Moonshine (Jeffries et al., 2024) by transformers: English at low latency, the work in step with the length of sound.

The encoder normalises over the whole piece, so each piece goes through it alone and unpadded; the decoder then writes
for all pieces at once. The number of tokens is limited by the seconds of sound, as the model card says, because the
model is prone to repeat itself on short sounds.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vivavoce.engines.abilities import Transcribe
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port, require
from vivavoce.engines.options import Hints
from vivavoce.engines.torch_models import data_type, loaded
from vivavoce.engines.transcribe.pieces import (
    AT_ONCE,
    EAGER_VAD,
    RATE_HZ,
    Piece,
    by_length,
    refuse_translation,
    segments,
    spoken_language,
)
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment

MODEL_TYPES = ("moonshine", "moonshine_streaming")
TOKENS_PER_S = 6.5


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (MoonshineRecogniser(model=model),)


@dataclass(frozen=True, kw_only=True)
class MoonshineRecogniser:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.TRANSCRIBE,
            (port(Modality.SPEECH),),
            port(Modality.TEXT, Trait.TIMED),
            "writes down speech at low latency, the time of each sentence",
        )
        return replace(card, rate_hz=RATE_HZ)

    @contextmanager
    def open(self, device: str) -> Iterator[Transcribe]:
        """Yield the recogniser; raise NotReady without the library or the weights."""
        folder = self.model.path()
        transformers = require("transformers", "hub")
        extractor = transformers.AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        kind = transformers.AutoModelForSpeechSeq2Seq
        with loaded(kind, folder, device) as model, EAGER_VAD.open("cpu") as detect_speech:
            writing = _Writing(model, extractor, tokenizer, device)

            def transcribe(audio: Audio, hints: Hints) -> Iterator[Segment]:
                refuse_translation(hints, self.card.name)
                spoken_language(hints, self.model)

                def recognise(together: Sequence[Piece]) -> list[Segment | None]:
                    texts = by_length(writing, together, AT_ONCE[device], device)
                    return [
                        Segment(text, 0.0, piece.duration_s, confidence=confidence) if text else None
                        for (text, confidence), piece in zip(texts, together, strict=True)
                    ]

                yield from segments(audio, detect_speech, recognise, AT_ONCE[device])

            yield transcribe


class _Writing:
    """Runs the model on a batch of pieces of mono samples [frames]."""

    def __init__(self, model: Any, extractor: Any, tokenizer: Any, device: str) -> None:  # noqa: ANN401
        self._model, self._extractor, self._tokenizer, self._device = model, extractor, tokenizer, device
        self._torch = require("torch", "hub")

    def __call__(self, pieces: Sequence[Samples]) -> list[tuple[str, float]]:
        """Return the text of each piece and the mean probability of its tokens."""
        torch = self._torch
        limits = [max(1, int(len(piece) / RATE_HZ * TOKENS_PER_S)) for piece in pieces]
        with torch.inference_mode():
            encoded, mask = self._encoded(pieces)
            done = self._model.generate(
                encoder_outputs=encoded,
                attention_mask=mask,
                max_new_tokens=max(limits),
                do_sample=False,
                output_scores=True,
                return_dict_in_generate=True,
            )
        start = done.sequences.shape[1] - len(done.scores)
        tokens = done.sequences[:, start:]
        chosen = torch.stack([score.float().log_softmax(-1) for score in done.scores], 1)  # [B, tokens, vocabulary]
        log_probs = chosen.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
        rows = zip(tokens.tolist(), log_probs.cpu().numpy(), limits, strict=True)
        return [self._read(row[:limit], scores[:limit]) for row, scores, limit in rows]

    def _encoded(self, pieces: Sequence[Samples]) -> tuple[Any, Any]:
        """Return what the encoder makes of each piece by itself, padded to one batch, and the mask of what is real."""
        torch, encoder = self._torch, self._model.get_encoder()
        outputs = [encoder(**self._values(piece)) for piece in pieces]
        rows = [output.last_hidden_state[0] for output in outputs]  # [frames, width]
        lengths = torch.tensor([len(row) for row in rows], device=self._device)
        mask = (torch.arange(int(lengths.max()), device=self._device) < lengths.unsqueeze(1)).int()  # [B, frames]
        batch = outputs[0]
        batch.last_hidden_state = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        batch.attention_mask = mask
        return batch, mask

    def _values(self, piece: Samples) -> dict[str, Any]:
        """Return the encoder's input; the streaming one keeps to its windows only where it is given a mask."""
        whole = piece[: len(piece) // self._frame * self._frame]
        found = self._extractor(whole, sampling_rate=RATE_HZ, return_attention_mask=True, return_tensors="pt")
        return {
            "input_values": found["input_values"].to(self._device, data_type(self._device)),
            "attention_mask": found["attention_mask"].to(self._device),
        }

    @property
    def _frame(self) -> int:
        """Samples that the first layer takes at a time; a rest shorter than that is left out."""
        config = getattr(self._model.config, "encoder_config", None)
        return round(config.sample_rate * config.frame_ms / 1000) if config is not None else 1

    def _read(self, tokens: list[int], log_probs: Any) -> tuple[str, float]:  # noqa: ANN401 - an array [tokens]
        ends = self._model.generation_config.eos_token_id
        stops = set(ends) if isinstance(ends, list) else {ends}
        count = next((at for at, token in enumerate(tokens) if token in stops), len(tokens))
        text = self._tokenizer.decode(tokens[:count], skip_special_tokens=True).strip()
        return text, float(np.exp(log_probs[:count].mean())) if count else 0.0
