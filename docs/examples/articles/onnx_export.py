"""ONNX export: the fusion classifier of text, picture and speech as one file, for any batch, text and sound.

What the original got wrong:
- a model that takes and gives objects can't be exported: a wrapper of flat tensors;
- `dynamo=True` with `dynamic_shapes=`, and `external_data=False` for a single file.
The file is compared with its source on another batch of other lengths, for an export that is not proves nothing.

Run: python3 docs/examples/articles/onnx_export.py [FOLDER [BERT VIT WAV2VEC2]]
Writes fusion.onnx into FOLDER. The models are as in fusion_classifier.py, which makes the commands. Needs onnx,
onnxscript and onnxruntime. Vivavoce has no counterpart yet.
"""

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import onnxruntime
import tiny_models
import torch
from fusion_classifier import Batch, FusionClassifier, commands, loaded
from torch import nn
from torch.export import Dim

NAMES = ("ids", "mask", "pixels", "samples", "sound")


class Flat(nn.Module):
    """The classifier with tensors in and a tensor out."""

    def __init__(self, model: FusionClassifier) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, pixels: torch.Tensor, samples: torch.Tensor, sound: torch.Tensor
    ) -> torch.Tensor:
        """Return logits [B, classes]."""
        return self.model(Batch(ids, mask, pixels, samples, sound, labels=ids[:, 0])).logits


def exported(model: Flat, batch: Batch, file: Path) -> None:
    """Write the model to a file."""
    many, words, samples = Dim("batch", min=2), Dim("words", min=2), Dim("samples", min=4000)
    shapes = {
        "ids": {0: many, 1: words},
        "mask": {0: many, 1: words},
        "pixels": {0: many},
        "samples": {0: many, 1: samples},
        "sound": {0: many, 1: samples},
    }
    torch.onnx.export(
        model,
        flat(batch),
        file,
        input_names=NAMES,
        output_names=["logits"],
        dynamo=True,
        external_data=False,
        dynamic_shapes=shapes,
        verbose=False,
    )


def flat(batch: Batch) -> tuple[torch.Tensor, ...]:
    """Return the inputs in the order of NAMES."""
    return tuple(getattr(batch, name) for name in NAMES)


def median_ms(run: Callable[[], object]) -> float:
    """Return how long a call takes, in milliseconds."""
    times = []
    for _ in range(5):
        began_s = time.perf_counter()
        run()
        times.append((time.perf_counter() - began_s) * 1000)
    return statistics.median(times)


def main(out: str = ".", *named: str) -> None:
    with ExitStack() as stack:
        pairs = zip(named or ("", "", ""), (tiny_models.bert, tiny_models.vit, tiny_models.wav2vec2), strict=True)
        folders = [stack.enter_context(tiny_models.checkpoint(name, build)) for name, build in pairs]
        model, batch = Flat(loaded(*folders)).eval(), commands(*folders)
    file = Path(out) / "fusion.onnx"
    exported(model, batch, file)
    other = [given[1:4] for given in flat(batch)]
    other = [other[0][:, :8], other[1][:, :8], other[2], other[3][:, :9000], other[4][:, :9000]]
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    fed = {name: given.numpy() for name, given in zip(NAMES, other, strict=True)}
    with torch.inference_mode():
        expected = model(*other).numpy()
        torch_ms = median_ms(lambda: model(*other))
    found = session.run(None, fed)[0]
    print(f"{file.name}: {file.stat().st_size:,} bytes")
    for name, given in fed.items():
        print(f"  {name} {list(given.shape)}")
    print(f"parity at other lengths: {np.abs(found - expected).max():.1e}")
    print(f"torch {torch_ms:.1f} ms, ONNX Runtime {median_ms(lambda: session.run(None, fed)):.1f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:])
