"""Sound as samples."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vivavoce.errors import CorruptMedia, InputError
from vivavoce.media.modality import Modality
from vivavoce.media.origin import Origin, digest, merge
from vivavoce.media.text import Text

MIN_RATE_HZ, MAX_RATE_HZ = 4_000, 384_000

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Audio:
    """Samples float32 [frames, channels], nominally in -1..1, at `rate_hz`; `transcript` is what is said, if known.

    A one-dimensional array is taken as mono. Raises InputError for other shapes and rates outside 4–384 kHz,
    CorruptMedia for samples that are not finite.
    """

    samples: Samples
    rate_hz: int
    transcript: Text | None = None
    origin: Origin = ()
    modality: ClassVar[Modality] = Modality.SPEECH

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples, dtype=np.float32)
        if samples.ndim == 1:
            samples = samples[:, np.newaxis]
        if samples.ndim != 2 or samples.shape[1] == 0:
            raise InputError(
                "audio must have the shape [frames, channels], got {shape}; reshape it", shape=samples.shape
            )
        if not MIN_RATE_HZ <= self.rate_hz <= MAX_RATE_HZ:
            raise InputError(
                "a sampling rate of {rate} Hz is outside {low}–{high} Hz; resample the audio first",
                rate=self.rate_hz,
                low=MIN_RATE_HZ,
                high=MAX_RATE_HZ,
            )
        with np.errstate(over="ignore", invalid="ignore"):
            total = samples.sum()  # one pass, no array of flags; huge samples get a second look
        if not np.isfinite(total):
            _refuse_non_finite(samples)
        object.__setattr__(self, "samples", samples)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate_hz

    def digest(self) -> str:
        """SHA-256 of the samples and their rate."""
        return digest(self.samples, str(self.rate_hz))

    def mono(self) -> "Audio":
        """Return the mean of the channels."""
        if self.channels == 1:
            return self
        return replace(self, samples=self.samples.mean(axis=1, keepdims=True, dtype=np.float32))

    def resampled(self, rate_hz: int) -> "Audio":
        """Return the same sound at another rate (soxr, high quality)."""
        if rate_hz == self.rate_hz:
            return self
        import soxr

        samples = soxr.resample(self.samples, self.rate_hz, rate_hz) if len(self.samples) else self.samples
        return replace(self, samples=samples, rate_hz=rate_hz)

    def at(self, rate_hz: int) -> Samples:
        """Return mono samples float32 [frames] at `rate_hz`: what recognisers take."""
        return self.mono().resampled(rate_hz).samples[:, 0]

    @classmethod
    def join(cls, parts: Sequence["Audio"]) -> "Audio":
        """Join the parts of a stream one after the other; their transcripts are shifted to match."""
        if len(parts) == 1:
            return parts[0]
        rate_hz, channels = parts[0].rate_hz, max(p.channels for p in parts)
        pieces, known, offset_s = [], [], 0.0
        for part in parts:
            samples = part.resampled(rate_hz).samples
            pieces.append(np.broadcast_to(samples, (len(samples), channels)))
            if part.transcript:
                known += [s.shifted(offset_s) for s in part.transcript.segments]
            offset_s += len(samples) / rate_hz
        whole = all(p.transcript for p in parts)
        language = parts[0].transcript.language if parts[0].transcript else None
        transcript = Text.from_segments(known, language) if whole else None
        return cls(np.concatenate(pieces), rate_hz, transcript, merge(p.origin for p in parts))


def _refuse_non_finite(samples: Samples) -> None:
    bad = ~np.isfinite(samples)
    if bad.any():
        raise CorruptMedia(
            "{count} of {total} samples are NaN or infinite; export the recording again",
            count=int(bad.sum()),
            total=samples.size,
        )
