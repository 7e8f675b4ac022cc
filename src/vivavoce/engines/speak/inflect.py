"""The voice settings that a model doesn't have: speed, pitch, emotion and its intensity, by the WORLD vocoder.

WORLD (Morise et al., 2016) takes speech apart into pitch, spectrum and noise, so that each can be changed alone.
What an emotion does to a voice follows the directions that Scherer (2003) sums up: anger and joy are higher, livelier,
louder and faster, sadness lower, flatter, softer and slower.
"""

import warnings
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from vivavoce.engines.contract import require
from vivavoce.engines.options import Emotion, Voice
from vivavoce.media.audio import Samples

FRAME_MS = 5.0
OCTAVES_OF_PITCH = 1.0  # from the middle of the scale to either end
MIN_VOICED_FRAMES = 2
HIGHEST_HZ = 800.0


@dataclass(frozen=True, kw_only=True)
class Inflection:
    """Factors on pitch, on how far it moves around its mean, on speed, and the tilt of the spectrum.

    The tilt, in dB an octave above 500 Hz, is the effort in a voice; `loudness_db` is how much louder it is.
    """

    pitch: float = 1.0
    liveliness: float = 1.0
    speed: float = 1.0
    tilt_db: float = 0.0
    loudness_db: float = 0.0


EMOTIONAL: dict[Emotion, Inflection] = {
    "neutral": Inflection(),
    "happy": Inflection(pitch=1.25, liveliness=1.6, speed=1.1, tilt_db=0.6, loudness_db=2.0),
    "sad": Inflection(pitch=0.88, liveliness=0.5, speed=0.82, tilt_db=-1.2, loudness_db=-4.0),
    "angry": Inflection(pitch=1.12, liveliness=1.5, speed=1.15, tilt_db=1.5, loudness_db=4.0),
    "calm": Inflection(pitch=0.95, liveliness=0.7, speed=0.9, tilt_db=-0.6, loudness_db=-2.0),
}


def inflection_of(voice: Voice, *, own_speed: bool) -> Inflection:
    """Return what must be done to plain speech; with `own_speed` the model keeps to `speed_of` itself."""
    feeling, part = EMOTIONAL[voice.emotion], voice.intensity
    octaves = (voice.pitch - 50) / 50 * OCTAVES_OF_PITCH
    return Inflection(
        pitch=2**octaves * feeling.pitch**part,
        liveliness=feeling.liveliness**part,
        speed=1.0 if own_speed else speed_of(voice),
        tilt_db=feeling.tilt_db * part,
        loudness_db=feeling.loudness_db * part,
    )


def speed_of(voice: Voice) -> float:
    """Return the rate with what the emotion adds to it."""
    return float(voice.rate * EMOTIONAL[voice.emotion].speed ** voice.intensity)


def inflected(samples: Samples, rate_hz: int, how: Inflection) -> Samples:
    """Return mono speech [frames] otherwise spoken; raise NotReady without the library pyworld.

    The loudness is left to the stage after.
    """
    plain = Inflection(loudness_db=how.loudness_db)
    if how == plain or len(samples) < rate_hz * FRAME_MS / 1000 * MIN_VOICED_FRAMES:
        return samples
    pyworld = world()
    sound = np.ascontiguousarray(samples, np.float64)
    coarse, times = pyworld.dio(sound, rate_hz, frame_period=FRAME_MS)
    pitch = pyworld.stonemask(sound, coarse, times, rate_hz)
    spectrum = pyworld.cheaptrick(sound, pitch, times, rate_hz)
    noise = pyworld.d4c(sound, pitch, times, rate_hz)
    pitch, spectrum = _moved(pitch, how), spectrum * _tilt(spectrum.shape[1], rate_hz, how.tilt_db)
    again = pyworld.synthesize(pitch, spectrum, noise, rate_hz, FRAME_MS / how.speed)
    return np.asarray(again, np.float32)[: max(1, round(len(samples) / how.speed))]


def world() -> ModuleType:
    """Return the library pyworld, without the warning that it gives on being imported; raise NotReady without it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return require("pyworld", "hub")


def _moved(pitch: np.ndarray, how: Inflection) -> np.ndarray:
    """Scale pitch [frames] in Hz and, on a logarithmic scale, its distance from the mean; 0 is unvoiced."""
    voiced = pitch > 0
    if not voiced.any():
        return pitch
    moved, logs = np.zeros_like(pitch), np.log(pitch[voiced])
    moved[voiced] = np.exp(logs.mean() + how.liveliness * (logs - logs.mean())) * how.pitch
    return np.asarray(np.clip(moved, 0, HIGHEST_HZ))


def _tilt(bins: int, rate_hz: int, tilt_db: float) -> np.ndarray:
    octaves = np.log2(np.maximum(np.linspace(0, rate_hz / 2, bins), 500) / 500)
    return np.asarray(10 ** (tilt_db * octaves / 10))
