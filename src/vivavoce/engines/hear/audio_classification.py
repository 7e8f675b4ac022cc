"""Audio classification by transformers: sound events (AST), emotion, language or speaker (wav2vec 2.0 and its kin).

AST is Gong et al., 2021 (arXiv 2104.01778). A model of many labels at once gives each a probability of its own, and a
long sound the highest of its windows; a model of one label out of several gives the mean over the windows.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import Hear, Score
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port, require
from vivavoce.engines.hear.windows import windows
from vivavoce.engines.torch_models import data_type, in_batches, loaded, pretrained
from vivavoce.errors import UsageError
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.modality import Modality

MODEL_TYPES = (
    "audio-spectrogram-transformer",
    "data2vec-audio",
    "hubert",
    "sew",
    "unispeech-sat",
    "wav2vec2",
    "wav2vec2-conformer",
    "wavlm",
)
WINDOW_S = 20.0  # utterances in training are shorter, and attention grows with the square
SHORTEST_S = 0.1  # the convolutions need a few hundred samples
BATCH = 8
AUDIOSET_LABELS = 527  # several of them sound at once, which not every configuration says
NAMED = 10  # labels in an error message

Probabilities = npt.NDArray[np.float32]


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (AudioClassifier(model=model),)


@dataclass(frozen=True, kw_only=True)
class AudioClassifier:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        return self.model.card(
            Ability.HEAR, (port(Modality.SPEECH),), None, "tells which of the labels it was trained on fit a sound"
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Hear]:
        """Yield the listener; raise NotReady without the library or the weights."""
        folder = self.model.path()
        transformers = require("transformers", "hub")
        with warnings.catch_warnings():  # AST's highest mel filters are empty by design
            warnings.simplefilter("ignore", UserWarning)
            extractor = pretrained(transformers.AutoFeatureExtractor, folder)
        rate_hz = int(extractor.sampling_rate)
        with loaded(transformers.AutoModelForAudioClassification, folder, device) as model:
            names = [str(model.config.id2label[number]) for number in range(model.config.num_labels)]
            longest = _window_frames(extractor, rate_hz)
            run = _scorer(model, extractor, device)
            many = _many_at_once(model.config)

            def hear(audio: Audio, labels: Sequence[str]) -> list[Score]:
                wanted = chosen(labels, names)
                parts = windows(audio.at(rate_hz), longest, round(SHORTEST_S * rate_hz))
                scores = np.stack(in_batches(run, parts, BATCH, device))
                whole = scores.max(axis=0) if many else scores.mean(axis=0)
                return ranked(names, whole, wanted)

            yield hear


def chosen(labels: Sequence[str], names: Sequence[str]) -> set[str]:
    """Return the model's own spelling of `labels`, all of its names for none; raise UsageError for unknown ones."""
    spelled = {name.casefold(): name for name in names}
    unknown = [label for label in labels if label.strip().casefold() not in spelled]
    if unknown:
        raise UsageError(
            "the model does not know the label “{label}”; choose among its {count}, such as {known}",
            label=unknown[0],
            count=len(names),
            known=", ".join(names[:NAMED]),
        )
    return {spelled[label.strip().casefold()] for label in labels} or set(names)


def ranked(names: Sequence[str], probabilities: Probabilities, wanted: set[str]) -> list[Score]:
    """Return the scores of the wanted labels, the best first."""
    scores = [Score(name, float(probability)) for name, probability in zip(names, probabilities, strict=True)]
    return sorted((score for score in scores if score.label in wanted), key=lambda score: -score.probability)


def _window_frames(extractor: Any, rate_hz: int) -> int:  # noqa: ANN401 - a feature extractor
    """Return the samples that fill the model's input: AST has a fixed number of frames, 10 ms each."""
    if "max_length" in extractor.to_dict() and "num_mel_bins" in extractor.to_dict():
        return int(extractor.max_length) * rate_hz // 100
    return round(WINDOW_S * rate_hz)


def _many_at_once(config: Any) -> bool:  # noqa: ANN401 - a configuration of transformers
    declared = config.problem_type
    return bool(declared == "multi_label_classification" or (declared is None and config.num_labels == AUDIOSET_LABELS))


def _scorer(model: Any, extractor: Any, device: str) -> Callable[[Sequence[Samples]], list[Probabilities]]:  # noqa: ANN401 - third-party objects
    """Return what gives the probabilities of windows of one length, float32 [labels] for each."""
    torch = require("torch", "hub")
    many = _many_at_once(model.config)

    def run(parts: Sequence[Samples]) -> list[Probabilities]:
        inputs = extractor(list(parts), sampling_rate=extractor.sampling_rate, return_tensors="pt")
        values = inputs["input_values"].to(device, data_type(device))  # of one length, so no mask is needed
        with torch.inference_mode():
            logits = model(values).logits.float()
            found = logits.sigmoid() if many else logits.softmax(dim=-1)
        return list(found.cpu().numpy())

    return run
