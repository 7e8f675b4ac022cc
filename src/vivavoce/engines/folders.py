"""What kind of model a folder holds, told from the files that its library writes."""

import json
from dataclasses import dataclass
from pathlib import Path

from vivavoce.errors import EngineError


@dataclass(frozen=True)
class Kind:
    """The `model_type` of a config.json, or what stands for it with other libraries; and the class of its head.

    A diffusers pipeline goes by the name of its class, the others by "sentence-transformers", "piper",
    "whisper-ct2" and "seq2seq-ct2".
    """

    model_type: str
    head: str = ""


def kind_of(folder: Path) -> Kind:
    """Return what a folder holds; raise EngineError when it holds no model that is known here."""
    if (folder / "model_index.json").is_file():
        return Kind(str(_read(folder / "model_index.json").get("_class_name", "")))
    if (folder / "modules.json").is_file():
        return Kind("sentence-transformers")
    if any(folder.rglob("*.onnx.json")):
        return Kind("piper")
    if not (folder / "config.json").is_file():
        raise EngineError("the folder {path} holds no model: it has no config.json; name one that does", path=folder)
    config = _read(folder / "config.json")
    if "model_type" not in config and (folder / "model.bin").is_file():
        return Kind("whisper-ct2" if "lang_ids" in config or "alignment_heads" in config else "seq2seq-ct2")
    heads = config.get("architectures")
    return Kind(str(config.get("model_type", "")), str(heads[0]) if isinstance(heads, list) and heads else "")


def _read(path: Path) -> dict[str, object]:
    try:
        held = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError("the file {path} is no JSON; get the model again", path=path) from error
    return held if isinstance(held, dict) else {}
