"""Whisper (Radford et al., 2022) by transformers: speech to timed text in 99 languages, on CPU, CUDA and MPS."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from vivavoce.engines.abilities import Transcribe
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port, require
from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.torch_models import loaded
from vivavoce.engines.transcribe.log_mel import RATE_HZ, Features
from vivavoce.engines.transcribe.whisper_alignment import aligned
from vivavoce.engines.transcribe.whisper_network import Alignment, Decoding, Draft, Search
from vivavoce.engines.transcribe.whisper_recogniser import Recogniser
from vivavoce.engines.transcribe.whisper_vocabulary import Vocabulary
from vivavoce.errors import OutOfMemory
from vivavoce.media.modality import Modality

MODEL_TYPES = ("whisper",)
SEED = 0  # of the sampling at temperatures above 0

R = TypeVar("R")


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (Whisper(model=model),)


@dataclass(frozen=True, kw_only=True)
class Whisper:
    """Which weights, and how to search."""

    model: Checkpoint
    decoding: Decoding = field(default_factory=Decoding)

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.TRANSCRIBE,
            (port(Modality.SPEECH),),
            port(Modality.TEXT, Trait.TIMED),
            "Whisper in 99 languages, the time of each word",
        )
        return replace(card, rate_hz=RATE_HZ)

    @contextmanager
    def open(self, device: str) -> Iterator[Transcribe]:
        """Yield the recogniser; raise NotReady without the library or the weights."""
        folder = self.model.path()
        transformers = require("transformers", "hub")
        vocabulary = Vocabulary.of(folder)
        with (
            SileroVad().open("cpu") as detect_speech,
            loaded(transformers.WhisperForConditionalGeneration, folder, device) as model,
        ):
            network = TorchNetwork(model, vocabulary)
            yield Recogniser(network, vocabulary, detect_speech, self.model.languages, self.decoding)


@dataclass(frozen=True)
class TorchNetwork:
    """A model of transformers behind the protocol `Network`; encoded sound is a tensor [B, T / 2, D]."""

    model: Any
    vocabulary: Vocabulary

    @property
    def bands(self) -> int:
        """Return the number of mel bands."""
        return int(self.model.config.num_mel_bins)

    def encode(self, features: Features) -> Any:  # noqa: ANN401 - a tensor
        """Encode float32 [B, M, T]. The class's own `forward` takes windows of 30 s and no others."""
        return _guarded(lambda: self._encoded(features))

    def _encoded(self, features: Features) -> Any:  # noqa: ANN401
        torch, encoder = require("torch", "hub"), self.model.model.encoder
        with torch.inference_mode():
            hidden = torch.from_numpy(features).to(self.model.device, self.model.dtype)
            for layer in (encoder.conv1, encoder.conv2):
                hidden = torch.nn.functional.gelu(layer(hidden))
            hidden = hidden.permute(0, 2, 1)  # [B, T / 2, D]
            hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
            for layer in encoder.layers:
                hidden = layer(hidden, None)
            return encoder.layer_norm(hidden)

    def detect(self, encoded: Any) -> list[dict[str, float]]:  # noqa: ANN401
        """Return the probability of each language, for each chunk; of none by a model that writes one only."""
        names = list(self.vocabulary.languages)
        if not names:
            return [{}] * len(encoded)
        ids = list(self.vocabulary.languages.values())
        rows = _guarded(lambda: self._first_scores(encoded)[:, ids].softmax(-1).tolist())
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _first_scores(self, encoded: Any) -> Any:  # noqa: ANN401
        """Return what the model expects after the first token of all, float32 [B, V]."""
        torch = require("torch", "hub")
        with torch.inference_mode():
            start = torch.full((len(encoded), 1), self.vocabulary.start, device=encoded.device)
            states = self.model.model.decoder(input_ids=start, encoder_hidden_states=encoded).last_hidden_state
            return self.model.proj_out(states)[:, 0].float()

    def write(self, encoded: Any, opening: Sequence[int], search: Search) -> list[Draft]:  # noqa: ANN401
        """Write on from `opening`."""
        return _guarded(lambda: self._written(encoded, list(opening), search))

    def _written(self, encoded: Any, opening: list[int], search: Search) -> list[Draft]:  # noqa: ANN401
        torch, transformers = require("torch", "hub"), require("transformers", "hub")
        output = transformers.modeling_outputs.BaseModelOutput(last_hidden_state=encoded)
        silent = self.vocabulary.number("nospeech") or self.vocabulary.number("nocaptions")
        with torch.inference_mode(), _seeded(encoded.device):
            found = transformers.GenerationMixin.generate(  # Whisper's own cuts recordings in its own way
                self.model,
                encoder_outputs=output,
                decoder_input_ids=torch.tensor([opening] * len(encoded), device=encoded.device),
                generation_config=self._generation(search),
                return_dict_in_generate=True,
                output_scores=True,
            )
            sums = self._sums(found, len(opening))
            silence = self._first_scores(encoded).softmax(-1)[:, silent].tolist() if silent else [0.0] * len(encoded)
        drafts = []
        for row, total, quiet in zip(found.sequences.tolist(), sums, silence, strict=True):
            written = row[len(opening) :]
            tokens = written[: written.index(self.vocabulary.end)] if self.vocabulary.end in written else written
            drafts.append(Draft(tokens, total / (len(tokens) + 1), quiet))
        return drafts

    def _generation(self, search: Search) -> Any:  # noqa: ANN401 - a GenerationConfig
        own, sampled = self.model.generation_config, search.temperature > 0
        sampling = {"temperature": search.temperature, "top_k": 0} if sampled else {}
        return require("transformers", "hub").GenerationConfig(
            max_new_tokens=search.most_tokens,
            num_beams=1 if sampled else search.beam_width,
            do_sample=sampled,
            renormalize_logits=True,  # or beams are ranked with the share of tokens that may not be written
            suppress_tokens=own.suppress_tokens or None,
            begin_suppress_tokens=own.begin_suppress_tokens or None,
            eos_token_id=self.vocabulary.end,
            pad_token_id=self.vocabulary.end,
            decoder_start_token_id=self.vocabulary.start,
            **sampling,
        )

    def _sums(self, found: Any, given: int) -> list[float]:  # noqa: ANN401 - what `generate` returns
        """Return the sum of the log probabilities of what was written, for each row."""
        scores = self.model.compute_transition_scores(
            found.sequences, found.scores, getattr(found, "beam_indices", None), normalize_logits=True
        ).float()
        written = found.sequences[:, given : given + scores.shape[1]]
        ended = (written == self.vocabulary.end).cumsum(1)
        counted = ended - (written == self.vocabulary.end).int() == 0  # up to the end and with it
        sums: list[float] = scores.masked_fill(~counted, 0.0).sum(1).tolist()
        return sums

    def align(
        self,
        encoded: Any,  # noqa: ANN401
        opening: Sequence[int],
        texts: list[list[int]],
        frames: list[int],
    ) -> list[Alignment]:
        """Find when each token is said."""
        return _guarded(
            lambda: [
                aligned(self.model, encoded[row : row + 1], list(opening), text, self.vocabulary.end, count)
                for row, (text, count) in enumerate(zip(texts, frames, strict=True))
            ]
        )


@contextmanager
def _seeded(device: Any) -> Iterator[None]:  # noqa: ANN401 - a torch.device
    """Let what is drawn at random on `device` be the same each time; leave every generator as it was."""
    torch = require("torch", "hub")
    on_cpu = device.type == "cpu"
    kept = {"devices": []} if on_cpu else {"devices": [device.index or 0], "device_type": device.type}
    with torch.random.fork_rng(**kept):
        # torch.manual_seed would reset the generators of all other devices, too
        (torch.default_generator if on_cpu else getattr(torch, device.type)).manual_seed(SEED)
        yield


def _guarded(call: Callable[[], R]) -> R:
    """Call torch; raise OutOfMemory for what it says when memory runs out."""
    try:
        return call()
    except RuntimeError as error:
        if "out of memory" not in str(error).lower() and "can't allocate memory" not in str(error).lower():
            raise
        raise OutOfMemory(
            "the memory of the device is too small for this; give it less at once or a smaller model"
        ) from error
