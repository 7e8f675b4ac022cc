"""When each token was said, from the attention that the decoder pays to the sound (Radford et al., 2022, and its code).

Numbers: N tokens, T frames of the encoder (20 ms), H heads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.engines.contract import require
from vivavoce.engines.transcribe.whisper_network import Alignment

FILTER_WIDTH = 7  # frames of the median that smooths attention

Matrix = npt.NDArray[np.float32]


def aligned(model: Any, encoded: Any, opening: list[int], text: list[int], end: int, frames: int) -> Alignment:  # noqa: ANN401 - tensors
    """Align `text` with one encoded chunk [1, T, D] of which the first `frames` of features hold sound.

    The position that a token is predicted at tells where it is said: that of the token before it.
    """
    if not text:
        return Alignment([0], [])
    torch = require("torch", "hub")
    ids = torch.tensor([[*opening, *text, end]], device=encoded.device)
    with torch.inference_mode(), _attention(model) as caught:
        states = model.model.decoder(input_ids=ids, encoder_hidden_states=encoded).last_hidden_state
        scores = model.proj_out(states[0, len(opening) - 1 : -2])[:, :end].float().softmax(-1)  # of text tokens alone
    probabilities = scores[torch.arange(len(text)), torch.tensor(text)].tolist()
    weights = _focus(caught, max(1, frames // 2))[:, len(opening) - 1 : -1]  # [H, N + 1, T]
    return Alignment(path(-weights.mean(0)), probabilities)


@contextmanager
def _attention(model: Any) -> Iterator[list[Any]]:  # noqa: ANN401
    """Collect the attention [N, T] of each head that follows the sound, while the decoder runs."""
    layers, caught, hooks = model.model.decoder.layers, [], []
    for layer, head in _heads(model):
        cross, seen = layers[layer].encoder_attn, dict[str, Any]()
        hooks.append(cross.q_proj.register_forward_hook(lambda _, __, out, seen=seen: seen.update(q=out)))
        hooks.append(cross.k_proj.register_forward_hook(lambda _, __, out, seen=seen: seen.update(k=out)))
        width = cross.head_dim
        caught.append((seen, slice(head * width, (head + 1) * width)))
    try:
        yield caught
    finally:
        for hook in hooks:
            hook.remove()


def _heads(model: Any) -> list[tuple[int, int]]:  # noqa: ANN401
    """Return layer and number of the heads that follow the sound; of the later half of the layers if none are named."""
    named = getattr(model.generation_config, "alignment_heads", None)
    if named:
        return [(int(layer), int(head)) for layer, head in named]
    config = model.config
    later = range(config.decoder_layers // 2, config.decoder_layers)
    return [(layer, head) for layer in later for head in range(config.decoder_attention_heads)]


def _focus(caught: list[Any], frames: int) -> Matrix:
    """Return float32 [H, N, T]: attention to the frames with sound, normalised over the tokens and smoothed."""
    heads = []
    for seen, part in caught:
        query, key = seen["q"][0, :, part].float(), seen["k"][0, :, part].float()
        heads.append((query @ key.T * query.shape[-1] ** -0.5)[:, :frames].softmax(-1).cpu().numpy())
    weights = np.stack(heads)
    spread = weights.std(axis=1, keepdims=True)
    weights = (weights - weights.mean(axis=1, keepdims=True)) / np.where(spread == 0, 1, spread)
    half = FILTER_WIDTH // 2
    if frames <= half:
        return np.asarray(weights, np.float32)
    padded = np.pad(weights, ((0, 0), (0, 0), (half, half)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, FILTER_WIDTH, axis=-1)
    return np.asarray(np.median(windows, axis=-1), np.float32)


def path(cost: Matrix) -> list[int]:
    """Return the frame at which the cheapest way through `cost` [N, T] reaches each row (dynamic time warping)."""
    rows, frames = cost.shape
    total = np.full((rows + 1, frames + 1), np.inf)
    total[0, 0] = 0
    steps = np.zeros((rows + 1, frames + 1), np.int8)
    for number in range(2, rows + frames + 1):  # along the anti-diagonals, whose cells need only earlier ones
        row = np.arange(max(1, number - frames), min(rows, number - 1) + 1)
        frame = number - row
        before = np.stack([total[row - 1, frame - 1], total[row - 1, frame], total[row, frame - 1]])
        steps[row, frame] = before.argmin(0)
        total[row, frame] = cost[row - 1, frame - 1] + before.min(0)
    starts = [0] * rows
    row, at = rows, frames
    while row > 0 and at > 0:
        starts[row - 1] = int(at) - 1
        step = steps[row, at]
        row, at = row - (step != 2), at - (step != 1)
    return starts
