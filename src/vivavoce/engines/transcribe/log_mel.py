"""Whisper's log-mel features, without torch: what the encoder takes in place of sound.

Frames of 25 ms every 10 ms, a Hann window, power in Slaney's mel bands, logarithm to base 10 no lower than 8 below
the loudest, scaled (Radford et al., 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", §2.2).
Numbers: N samples, T frames, M mel bands. The transform is OpenCV's, on blocks that stay in the processor's cache.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from vivavoce.media.audio import Samples

RATE_HZ = 16_000
HOP = 160  # samples from one frame to the next
WIDTH = 400  # samples in a frame
FRAMES_PER_S = RATE_HZ // HOP
FLOOR = 1e-10
RANGE = 8.0  # decades of power below the loudest that are told apart
# Frames, and shares of the bands, at a time: so little that the matrix library keeps to the calling thread, because a
# second one saves nothing here and is waited for when the machine is busy.
BLOCK, SHARES = 100, 8

Features = npt.NDArray[np.float32]


def log_mel(samples: Samples, bands: int, frames: int) -> Features:
    """Return float32 [M, T] of mono samples [N] at 16 kHz, cut or padded with silence to `frames`, at least 2.

    Where the window ends 25 ms or more after the sound it is the beginning of what any longer window would give.
    """
    wave = _framed(samples, frames)
    weights, shares = _hann(), _shares(bands)
    mel = np.empty((frames, bands), np.float32)
    for at in range(0, frames, BLOCK):
        spectrum = _transform(wave[at : at + BLOCK] * weights)
        np.square(spectrum, out=spectrum)
        for columns, own, filters in shares:
            mel[at : at + BLOCK, own] = spectrum[:, columns] @ filters
    np.log10(np.maximum(mel, FLOOR, out=mel), out=mel)
    np.maximum(mel, mel.max(initial=np.log10(FLOOR)) - RANGE, out=mel)
    mel += 4
    mel *= 0.25
    return np.ascontiguousarray(mel.T)


def _framed(samples: Samples, frames: int) -> npt.NDArray[np.float32]:
    """Return a view [T, 400] of the samples, cut or padded with silence to the window, mirrored at its ends."""
    half, length = WIDTH // 2, frames * HOP
    wave = np.zeros(length + WIDTH, np.float32)
    kept = min(len(samples), length)
    wave[half : half + kept] = samples[:kept]
    wave[:half] = wave[half + 1 : WIDTH + 1][::-1]
    wave[half + length :] = wave[length - 1 : half + length - 1][::-1]
    return np.lib.stride_tricks.sliding_window_view(wave, WIDTH)[:length:HOP]


def _transform(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the spectrum of each row, packed: Re 0, Re 1, Im 1, … Re 199, Im 199, Re 200."""
    import cv2

    return np.asarray(cv2.dft(frames, flags=cv2.DFT_ROWS), np.float32)


@cache
def _hann() -> npt.NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WIDTH) / WIDTH)).astype(np.float32)


@cache
def _shares(bands: int) -> tuple[tuple[slice, slice, npt.NDArray[np.float32]], ...]:
    """Return, for neighbouring bands, the columns of the packed spectrum that they need, their place and weights."""
    rows = np.concatenate([[0], np.repeat(np.arange(1, WIDTH // 2), 2), [WIDTH // 2]])
    packed = mel_bands(bands)[rows].astype(np.float32)
    shares = []
    for own in np.array_split(np.arange(bands), SHARES):
        used = np.flatnonzero(packed[:, own].any(axis=1))
        columns, place = slice(int(used[0]), int(used[-1]) + 1), slice(int(own[0]), int(own[-1]) + 1)
        shares.append((columns, place, np.ascontiguousarray(packed[columns, place])))
    return tuple(shares)


def mel_bands(bands: int) -> npt.NDArray[np.float64]:
    """Return triangles of equal area [201, M] on Slaney's scale (Auditory Toolbox, 1998), 0 to 8 kHz."""
    frequencies_hz = np.arange(WIDTH // 2 + 1) * RATE_HZ / WIDTH
    corners_hz = _hz(np.linspace(0, _top_mel(), bands + 2))
    lower, centre, upper = corners_hz[:-2], corners_hz[1:-1], corners_hz[2:]
    rising = (frequencies_hz[:, np.newaxis] - lower) / (centre - lower)
    falling = (upper - frequencies_hz[:, np.newaxis]) / (upper - centre)
    triangles: npt.NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling)) * 2 / (upper - lower)
    return triangles


LINEAR_HZ = 200 / 3  # a mel, up to 1 kHz
LOG_STEP = np.log(6.4) / 27  # a mel above it, in the logarithm of the frequency


def _top_mel() -> float:
    return float(15 + np.log(RATE_HZ / 2 / 1000) / LOG_STEP)


def _hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mel < 15, mel * LINEAR_HZ, 1000 * np.exp((mel - 15) * LOG_STEP))
