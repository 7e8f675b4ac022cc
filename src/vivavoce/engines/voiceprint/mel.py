"""The mel spectrogram that the voice encoder was trained on, by numpy.

T frames, C mel channels.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from vivavoce.media.audio import Samples

RATE_HZ = 16_000
WINDOW_FRAMES = 400  # 25 ms
HOP_FRAMES = 160  # 10 ms
CHANNELS = 40
LINEAR_BELOW_HZ = 1000.0
MEL_HZ = 200 / 3  # a mel below that border
LOG_STEP = np.log(6.4) / 27  # a mel above it


def mel_power(samples: Samples) -> npt.NDArray[np.float32]:
    """Return the power in each channel every 10 ms, float32 [T, C], not as logarithms; T is len(samples) // 160 + 1.

    The scale, area normalisation and centred windows are those of Slaney's Auditory Toolbox, as in librosa.
    """
    half = WINDOW_FRAMES // 2
    padded = np.pad(samples, (half, half))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_FRAMES)[::HOP_FRAMES]
    spectrum = np.fft.rfft(frames * _hann())
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(power @ _filters(), np.float32)


@cache
def _hann() -> npt.NDArray[np.float32]:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW_FRAMES) / WINDOW_FRAMES), np.float32)


@cache
def _filters() -> npt.NDArray[np.float32]:
    """Return triangles over the bins of the spectrum, float32 [bins, C], each of the same area."""
    bins_hz = np.fft.rfftfreq(WINDOW_FRAMES, 1 / RATE_HZ)[:, None]
    edges_hz = _hz(np.linspace(0, _mel(RATE_HZ / 2), CHANNELS + 2))
    left, centre, right = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising, falling = (bins_hz - left) / (centre - left), (right - bins_hz) / (right - centre)
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(triangles * (2 / (right - left)), np.float32)


def _mel(hz: float) -> float:
    return float(LINEAR_BELOW_HZ / MEL_HZ + np.log(hz / LINEAR_BELOW_HZ) / LOG_STEP)


def _hz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    border = LINEAR_BELOW_HZ / MEL_HZ
    above = LINEAR_BELOW_HZ * np.exp(LOG_STEP * (mels - border))
    return np.where(mels < border, mels * MEL_HZ, above)
