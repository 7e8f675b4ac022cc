"""x-vectors by transformers: WavLM (Chen et al., 2021; arXiv 2110.13900) and its kin as speaker verifiers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import Voiceprint
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port, require
from vivavoce.engines.embed.vectors import unit
from vivavoce.engines.hear.windows import windows
from vivavoce.engines.torch_models import data_type, in_batches, loaded, pretrained
from vivavoce.engines.voiceprint.speech import opened_speech
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.modality import Modality

MODEL_TYPES = ("wavlm", "wav2vec2", "wav2vec2-conformer", "unispeech-sat", "data2vec-audio")
WINDOW_S = 10.0
SHORTEST_S = 1.0  # the network looks at frames far apart; shorter speech is repeated
BATCH = 8


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (XVector(model=model),)


@dataclass(frozen=True, kw_only=True)
class XVector:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        return self.model.card(
            Ability.VOICEPRINT, (port(Modality.SPEECH),), None, "tells voices apart, in any language"
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Voiceprint]:
        """Yield the encoder; raise NotReady without the library or the weights."""
        folder = self.model.path()
        torch, transformers = require("torch", "hub"), require("transformers", "hub")
        extractor = pretrained(transformers.AutoFeatureExtractor, folder)
        rate_hz = int(extractor.sampling_rate)
        with opened_speech() as speech, loaded(transformers.AutoModelForAudioXVector, folder, device) as model:

            def run(parts: Sequence[Samples]) -> list[npt.NDArray[np.float32]]:
                inputs = extractor(list(parts), sampling_rate=rate_hz, return_tensors="pt")
                waves = inputs["input_values"].to(device, data_type(device))  # of one length, so no mask is needed
                with torch.inference_mode():
                    found = model(waves).embeddings
                return list(found.float().cpu().numpy())

            def voiceprint(audio: Audio) -> npt.NDArray[np.float32]:
                samples = speech(audio, rate_hz)
                samples = np.resize(samples, max(len(samples), round(SHORTEST_S * rate_hz)))
                rows = in_batches(run, windows(samples, round(WINDOW_S * rate_hz)), BATCH, device)
                return np.asarray(unit(unit(np.stack(rows)).mean(axis=0)), np.float32)

            yield voiceprint
