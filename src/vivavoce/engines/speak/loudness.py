"""Loudness by ITU-R BS.1770-4: every voice comes out at the same level, and none is clipped.

Shapes: T frames, B blocks of 400 ms.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vivavoce.media.audio import Samples

TARGET_LUFS = -16.0  # usual for spoken word that is heard on the move
PEAK_DBFS = -1.0
BLOCK_S, STEP_S = 0.4, 0.1
ABSOLUTE_GATE_LUFS, RELATIVE_GATE_LU = -70.0, -10.0
OFFSET_DB = -0.691  # of the standard: a full-scale sine of 1 kHz is -3.01 LUFS
MAX_GAIN_DB = 30.0  # what is quieter is noise, which stays quiet
EARLY_GAIN_DB = 6.0  # before a block has been heard: the breath before a word is no measure of the voice
RAMP_S = 0.05
RELEASE_S = 0.02
SEAM_S = 0.005  # in which the limiter's gain at the end of a part becomes that of the next
CEILING = np.float32(10 ** (PEAK_DBFS / 20))

# The two filters of the standard, as analogue prototypes: (centre Hz, gain dB, Q).
SHELF = (1681.974450955533, 3.999843853973347, 0.7071752369554196)
HIGH_PASS = (38.13547087602444, 0.5003270373238773)


def k_weighting(rate_hz: int) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Return (numerator, denominator), three coefficients each, of the two filters at a rate."""
    centre_hz, gain_db, q = SHELF
    k, high = np.tan(np.pi * centre_hz / rate_hz), 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    scale = 1 + k / q + k * k
    shelf = (
        np.array([high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]) / scale,
        np.array([1, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale]),
    )
    centre_hz, q = HIGH_PASS
    k = np.tan(np.pi * centre_hz / rate_hz)
    scale = 1 + k / q + k * k
    return shelf, (np.array([1.0, -2.0, 1.0]), np.array([1, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale]))


def _weighted(samples: Samples, rate_hz: int) -> np.ndarray:
    """Filter [T] in the frequency domain, with a tail of silence for what rings on."""
    size = 1 << (len(samples) + rate_hz // 5).bit_length()
    turn = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    response = np.ones(len(turn), complex)
    for above, below in k_weighting(rate_hz):
        response *= np.polyval(above[::-1], turn) / np.polyval(below[::-1], turn)
    return np.asarray(np.fft.irfft(np.fft.rfft(samples, size) * response, size)[: len(samples)])


def block_powers(samples: Samples, rate_hz: int) -> np.ndarray:
    """Return the mean square [B] of the weighted blocks of 400 ms, each 100 ms after the one before.

    Sound that is shorter than a block is one block of its own length.
    """
    if not len(samples):
        return np.zeros(0)
    squares = np.concatenate([[0.0], np.cumsum(_weighted(samples, rate_hz) ** 2)])
    block = min(round(BLOCK_S * rate_hz), len(samples))
    starts = np.arange(0, len(samples) - block + 1, max(1, round(STEP_S * rate_hz)))
    return np.asarray((squares[starts + block] - squares[starts]) / block)


def gated_lufs(powers: np.ndarray) -> float:
    """Return the loudness in LUFS of blocks [B] after both gates, minus infinity for silence."""
    loud = powers[_lufs(powers) > ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return -np.inf
    loud = loud[_lufs(loud) > _lufs(loud.mean()) + RELATIVE_GATE_LU]
    return float(_lufs(loud.mean()))


def _lufs(power: Any) -> Any:  # noqa: ANN401 - a number or an array
    return OFFSET_DB + 10 * np.log10(np.maximum(power, 1e-20))


def loudness_lufs(samples: Samples, rate_hz: int) -> float:
    """Return the integrated loudness of mono sound [T] in LUFS, minus infinity for silence."""
    return gated_lufs(block_powers(samples, rate_hz))


def limited(samples: Samples, rate_hz: int) -> Samples:
    """Return [T] without peaks above -1 dBFS: the gain dips smoothly around them, so that nothing is clipped.

    Peaks between the samples are found at four times the rate.
    """
    dip = _dip(samples, rate_hz)
    return samples if dip is None else np.clip(samples * dip, -CEILING, CEILING)


def _dip(samples: Samples, rate_hz: int) -> Samples | None:
    """Return the gain [T], 1 at the most, that brings every peak to the ceiling; None where there is none above."""
    if not len(samples) or 4 * np.abs(samples).max() < CEILING:
        return None
    import soxr

    fine = np.abs(soxr.resample(samples, rate_hz, 4 * rate_hz))
    fine = np.pad(fine, (0, max(0, 4 * len(samples) - len(fine))))[: 4 * len(samples)].reshape(-1, 4).max(axis=1)
    peaks = np.maximum(fine, np.abs(samples))
    if peaks.max() <= CEILING:
        return None
    width = max(1, round(RELEASE_S * rate_hz))
    needed = np.minimum(1, CEILING / np.maximum(peaks, 1e-9))
    held = _sliding_least(np.pad(needed, width, mode="edge"), 2 * width + 1)
    window = np.hanning(2 * width + 3)[1:-1]
    smooth = _moving_mean(np.pad(held, width, mode="edge"), window / window.sum())
    return np.asarray(smooth, np.float32)


def _sliding_least(values: np.ndarray, width: int) -> np.ndarray:
    """Return the least of each `width` neighbours, by doubling."""
    span = 1
    while 2 * span <= width:
        values = np.minimum(values[: len(values) - span], values[span:])
        span *= 2
    rest = width - span
    return np.minimum(values[: len(values) - rest], values[rest:]) if rest else values


def _moving_mean(values: np.ndarray, window: np.ndarray) -> np.ndarray:
    size = 1 << (len(values) + len(window)).bit_length()
    whole = np.fft.irfft(np.fft.rfft(values, size) * np.fft.rfft(window, size), size)
    return np.asarray(whole[len(window) - 1 : len(values)])


@dataclass
class Leveller:
    """Brings the parts of a stream to a loudness together, by what has been heard of it up to each part's end.

    The gain glides from one part to the next. Silence, and what is near it, stays as it is.
    """

    rate_hz: int
    target_lufs: float = TARGET_LUFS
    powers: list[np.ndarray] = field(default_factory=list)
    gain_db: float | None = None
    heard_s: float = 0.0
    last_dip: float = 1.0

    def __call__(self, samples: Samples) -> Samples:
        """Return the next part [T] of the stream at its level."""
        self.powers.append(block_powers(samples, self.rate_hz))
        loudness = gated_lufs(np.concatenate(self.powers))
        before, now = self.gain_db, 0.0 if self.gain_db is None else self.gain_db
        self.heard_s += len(samples) / self.rate_hz
        if np.isfinite(loudness):
            most = EARLY_GAIN_DB if self.heard_s < BLOCK_S else MAX_GAIN_DB
            now = self.gain_db = min(most, self.target_lufs - loudness)
        gain = np.full(len(samples), now)
        if before is not None:
            ramp = min(len(samples), round(RAMP_S * self.rate_hz))
            gain[:ramp] = np.linspace(before, now, ramp, endpoint=False)
        return self._limited((samples * 10 ** (gain / 20)).astype(np.float32))

    def _limited(self, samples: Samples) -> Samples:
        """Return [T] limited, from the gain with which the part before ended: a step would be heard as a click."""
        dip, before = _dip(samples, self.rate_hz), self.last_dip
        if dip is None and before == 1:
            return samples
        if dip is None:
            dip = np.ones(len(samples), np.float32)
        seam = min(len(dip), max(1, round(SEAM_S * self.rate_hz)))
        share = np.linspace(0, 1, seam, endpoint=False, dtype=np.float32)
        dip[:seam] = before + share * (dip[:seam] - before)
        self.last_dip = float(dip[-1]) if len(dip) else before
        return np.asarray(np.clip(samples * dip, -CEILING, CEILING))
