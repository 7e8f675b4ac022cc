"""Long sounds in windows as long as a model was trained on."""

import numpy as np

from vivavoce.media.audio import Samples


def windows(samples: Samples, longest: int, shortest: int = 1) -> list[Samples]:
    """Cut float32 [frames] into windows of `longest` frames, the last one reaching to the end and overlapping.

    What is no longer than one window stays whole, with silence after it up to `shortest` frames.
    """
    if len(samples) <= longest:
        return [np.pad(samples, (0, max(0, shortest - len(samples))))]
    starts = [*range(0, len(samples) - longest, longest), len(samples) - longest]
    return [samples[start : start + longest] for start in starts]
