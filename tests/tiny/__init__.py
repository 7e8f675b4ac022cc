"""Checkpoints of the true architecture with random weights, a few hundred kilobytes each.

They prove wiring and shapes through the same loading path as published weights; what they say means nothing.
`BUILDERS` has a function for each back end of the catalog, which writes one into a folder and returns the folder.
"""

from collections.abc import Callable
from pathlib import Path

from tiny import see

BUILDERS: dict[str, Callable[[Path], Path]] = {
    "blip": see.blip,
}
