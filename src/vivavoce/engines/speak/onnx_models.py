"""Voices in ONNX files: the one place that loads them; they need no torch."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from vivavoce.engines.contract import require
from vivavoce.errors import EngineError
from vivavoce.media.audio import Samples

MAX_THREADS = 4  # a small model gains nothing from more


class OnnxVoice:
    """An ONNX file in memory."""

    def __init__(self, path: Path, device: str) -> None:
        runtime = require("onnxruntime", "hub")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = min(MAX_THREADS, os.cpu_count() or 1)
        options.log_severity_level = 4  # what goes wrong comes as an exception
        wanted = ["CUDAExecutionProvider"] if device == "cuda" else []
        present = runtime.get_available_providers()
        providers = [name for name in wanted if name in present] + ["CPUExecutionProvider"]
        self.path = path
        try:
            self._session: Any = runtime.InferenceSession(str(path), options, providers=providers)
        except Exception as error:  # the classes of onnxruntime have no common parent
            raise EngineError("the file {path} is no ONNX model; get the model again", path=path) from error
        self.inputs = frozenset(given.name for given in self._session.get_inputs())

    def __call__(self, **inputs: np.ndarray) -> Samples:
        """Return the first output as samples [T]; raise EngineError when the model does not take such inputs."""
        try:
            given = self._session.run(None, {name: value for name, value in inputs.items() if name in self.inputs})
        except Exception as error:  # as above
            reason = str(error).strip().split("\n")[0][:200]
            raise EngineError(
                "the model in {path} can't say this ({reason}); get the model again", path=self.path, reason=reason
            ) from error
        return np.asarray(given[0], np.float32).reshape(-1)


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file; raise EngineError when there is none."""
    try:
        held = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError("the file {path} is no JSON; get the model again", path=path) from error
    if not isinstance(held, dict):
        raise EngineError("the file {path} is no JSON; get the model again", path=path)
    return held
