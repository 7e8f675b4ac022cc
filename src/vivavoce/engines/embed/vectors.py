"""What all embedders share: rows of length 1, in the order of the values, from parts that are batched by length."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.engines.torch_models import in_batches
from vivavoce.errors import UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image
from vivavoce.media.text import Text

Vectors = npt.NDArray[np.float32]
Value = Text | Audio | Image
Run = Callable[[Sequence[list[int]]], Sequence[npt.NDArray[np.float32]]]

BATCH = 64
TOKENS_AT_ONCE = 16_384  # of a batch, padding included: long texts go fewer at a time


def in_order(
    values: Sequence[Value], width: int, kinds: Mapping[type[Value], Callable[[Sequence[Any]], Vectors]], engine: str
) -> Vectors:
    """Return a row for each value, made by what `kinds` names for its type; raise UsageError for any other type."""
    if any(type(value) not in kinds for value in values):
        known = " / ".join(kind.modality for kind in kinds)
        raise UsageError("{engine} embeds {known} only", engine=engine, known=known)
    rows = np.zeros((len(values), width), np.float32)
    for kind, run in kinds.items():
        places = [at for at, value in enumerate(values) if type(value) is kind]
        if places:
            rows[places] = run([values[at] for at in places])
    return rows


def unit(rows: Vectors) -> Vectors:
    """Return the rows at length 1."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def softmax(logits: Vectors) -> Vectors:
    """Return probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)


def mean_of_parts(rows: Vectors, owners: Sequence[int], count: int) -> Vectors:
    """Return the mean direction of the parts of each of `count` values, part n belonging to value `owners[n]`."""
    sums = np.zeros((count, rows.shape[1]), np.float32)
    np.add.at(sums, np.asarray(owners), unit(rows))
    return unit(sums)


def token_windows(tokenizer: Any, texts: Sequence[str], longest: int) -> tuple[list[list[int]], list[int]]:  # noqa: ANN401 - of transformers
    """Return token ids, at most `longest` a window, special ones in each, and the number of the text of each window.

    A tokenizer in Python can't say what overflows, so it cuts.
    """
    windowed = bool(tokenizer.is_fast)
    held = tokenizer(list(texts), truncation=True, max_length=longest, return_overflowing_tokens=windowed)
    owners = held["overflow_to_sample_mapping"] if windowed else range(len(texts))
    filler = tokenizer.pad_token_id or 0  # an empty text may have no token at all
    return [list(ids) or [filler] for ids in held["input_ids"]], list(owners)


def batched_by_length(run: Run, windows: Sequence[list[int]], device: str) -> Vectors:
    """Call `run` on windows of like length together, the longest first; return the rows in the order given."""
    order = sorted(range(len(windows)), key=lambda at: -len(windows[at]))
    rows: list[npt.NDArray[np.float32]] = []
    while len(rows) < len(order):
        size = max(1, min(BATCH, TOKENS_AT_ONCE // len(windows[order[len(rows)]])))
        batch = [windows[at] for at in order[len(rows) : len(rows) + size]]
        rows += in_batches(run, batch, size, device)
    back = np.argsort(np.asarray(order))
    return np.stack(rows)[back]
