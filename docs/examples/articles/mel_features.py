"""Mel features: what Whisper's encoder takes in place of sound, made by transformers and by us, and encoded.

What the original got wrong:
- `WhisperModel(features)` fails, for it decodes too: `model.encoder(features).last_hidden_state`;
- the encoder takes exactly 3000 frames, which is 30 s: pad what is shorter;
- a model in half precision needs features in half precision;
- a recording as a dict at another sampling rate needs torchaudio: resample before (here soxr does).

Run: python3 docs/examples/articles/mel_features.py [MODEL [RECORDING]]
MODEL is a folder or a hub repository, such as openai/whisper-tiny; without one a tiny Whisper of random weights encodes
to senseless states. Makes its own recording unless one is named. Ours is not yet on the library's face: it is the
front end of the recogniser, and needs no torch.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tiny_models
import torch
from transformers import WhisperFeatureExtractor, WhisperModel

import vivavoce as vv
from vivavoce.engines.transcribe.log_mel import RATE_HZ, log_mel

FRAMES = 3000

Features = npt.NDArray[np.float32]


def ours(samples: npt.NDArray[np.float32], bands: int) -> Features:
    """Return [bands, frames] of samples at 16 kHz."""
    return log_mel(samples, bands, FRAMES)


def plain(samples: npt.NDArray[np.float32], extractor: WhisperFeatureExtractor) -> Features:
    """Return the same."""
    return extractor(samples, sampling_rate=RATE_HZ, return_tensors="np")["input_features"][0]


def encoded(folder: Path, features: Features) -> torch.Tensor:
    """Return the states [frames / 2, width] of the encoder, in the model's own precision."""
    model = WhisperModel.from_pretrained(folder, dtype=torch.bfloat16)
    with torch.inference_mode():
        return model.encoder(torch.from_numpy(features)[None].to(model.dtype)).last_hidden_state[0]


def main(model: str = "", recording: str = "") -> None:
    audio = vv.open(recording) if recording else vv.speak("The library opens at nine in the morning.")
    samples = audio.at(RATE_HZ)
    with tiny_models.checkpoint(model, tiny_models.whisper) as folder:
        extractor = WhisperFeatureExtractor.from_pretrained(folder)
        found, expected = ours(samples, extractor.feature_size), plain(samples, extractor)
        states = encoded(folder, found)
    print(f"{audio.duration_s:.1f} s at {audio.rate_hz} Hz, {len(samples)} samples at {RATE_HZ} Hz")
    print(f"features {list(found.shape)}, largest difference {np.abs(found - expected).max():.1e}")
    print(f"states {list(states.shape)} in {states.dtype}")


if __name__ == "__main__":
    main(*sys.argv[1:])
