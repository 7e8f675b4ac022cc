"""Voiceprints by an LSTM (Wan et al., 2018: Generalized End-to-End Loss for Speaker Verification; arXiv 1710.10467).

The weights are those of Resemblyzer 0.1.4 (Resemble AI, Apache-2.0, trained on LibriSpeech-other, VoxCeleb 1 and 2),
stored here as half-precision ONNX, so that neither torch nor a pickle is needed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import Voiceprint
from vivavoce.engines.contract import Ability, Card, Cost, port, require
from vivavoce.engines.embed.vectors import unit
from vivavoce.engines.voiceprint.mel import HOP_FRAMES, RATE_HZ, mel_power
from vivavoce.engines.voiceprint.speech import opened_speech, spread
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.modality import Modality

WINDOW_S = 1.6  # what the model was trained on
WINDOW_FRAMES = round(WINDOW_S * RATE_HZ)
HOP_S = 0.8
BATCH = 64
QUIETEST = 10 ** (-30 / 20)  # root mean square; what is below is made louder, as in training

Prints = Callable[[Sequence[Samples]], npt.NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class VoiceEncoder:
    """How to load it; nothing heavy happens before `open`."""

    card: ClassVar[Card] = Card(
        name="ge2e-voiceprint",
        ability=Ability.VOICEPRINT,
        takes=(port(Modality.SPEECH),),
        gives=None,
        summary="tells voices apart, in any language",
        licence="Apache-2.0",
        rate_hz=RATE_HZ,
        cost=Cost(fixed_s=0.05, per_unit_s=0.02, memory_gb=0.05, quality=0.7),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Voiceprint]:
        """Yield the encoder; it runs on the CPU whatever `device` says."""
        prints = opened_encoder()
        with opened_speech() as speech:

            def voiceprint(audio: Audio) -> npt.NDArray[np.float32]:
                samples = speech(audio, RATE_HZ)
                starts = spread(0, len(samples), WINDOW_FRAMES, round(HOP_S * RATE_HZ))
                rows = prints([samples[start : start + WINDOW_FRAMES] for start in starts])
                return np.asarray(unit(rows.mean(axis=0)), np.float32)

            yield voiceprint


def opened_encoder() -> Prints:
    """Load the model and return what gives voiceprints of pieces: mono samples at 16 kHz, at most 1.6 s each.

    It returns float32 [pieces, 256], rows of length 1. A shorter piece is repeated until it fills the window.
    """
    runtime = require("onnxruntime", "hub")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1  # an LSTM goes step by step: more threads make it slower
    model = runtime.InferenceSession(
        files("vivavoce.engines.voiceprint").joinpath("ge2e.onnx").read_bytes(), options, ["CPUExecutionProvider"]
    )

    def prints(pieces: Sequence[Samples]) -> npt.NDArray[np.float32]:
        rows = [np.zeros((0, 256), np.float32)]
        for at in range(0, len(pieces), BATCH):
            mels = np.stack([_prepared(piece) for piece in pieces[at : at + BATCH]])
            rows += model.run(None, {"mels": mels})
        return unit(np.nan_to_num(np.concatenate(rows)))

    return prints


def _prepared(piece: Samples) -> npt.NDArray[np.float32]:
    """Return the mel spectrogram of a full window, float32 [160, 40]."""
    full = np.resize(piece, WINDOW_FRAMES)
    loudness = float(np.sqrt(np.mean(full**2)))
    louder = max(1.0, QUIETEST / max(loudness, 1e-9))
    return mel_power(full * np.float32(louder))[: WINDOW_FRAMES // HOP_FRAMES]
