"""Which files of a hub repository to fetch, and which repositories to refuse: decided on the list of their names.

Pickles and Python files run code when they are loaded, so they are never fetched. Of weights in several data types or
formats only those that the back ends here load are taken.
"""

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from vivavoce.errors import EngineError

DATA = ("*.json", "*.jsonl", "*.txt", "*.model", "*.spm", "*.jinja", "vocabulary.*", "*.tiktoken", "merges*")
WEIGHTS = ("*.safetensors", "*.onnx", "*.onnx_data", "model.bin")  # model.bin is CTranslate2's own format
PICKLES = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt", "*.pickle", "*.h5", "*.msgpack")
CONFIGS = ("config.json", "model_index.json", "modules.json")  # one of these makes a folder a model
HALF_PRECISION = "*/*.fp16.safetensors"  # taken where a folder has no other weights but pickles
LANGUAGE_MODEL = "language_model"  # the folder of a CTC model's n-grams, in KenLM's own formats
VARIANTS = ("*.fp16.*", "*.fp32.*", "*.bf16.*", "*.non_ema.*", "consolidated*")
PICKLE_STARTS = (b"\x80", b"PK")  # protocol 2 and later; torch's zip of a pickle


def selected(names: Sequence[str], index: Mapping[str, object] | None, wanted: Sequence[str] = ()) -> list[str]:
    """Return the files to fetch of those in a repository.

    `index` is the content of a model_index.json, which names the folders of a diffusers pipeline; `wanted` are patterns
    that take the place of all rules but the refusal of code.
    """
    if wanted:
        return [name for name in names if any(fnmatch(name, pattern) for pattern in wanted) and not _runs(name)]
    folders = {"", LANGUAGE_MODEL, *(key for key in index or () if not key.startswith("_"))}
    if "modules.json" in names:  # sentence-transformers: small heads in folders of their own
        folders |= {str(PurePosixPath(name).parent) for name in names if PurePosixPath(name).parent.name[:1].isdigit()}
    taken = [name for name in names if _parent(name) in folders and _loads(name, index is not None)]
    empty = folders - {LANGUAGE_MODEL} - {_parent(name) for name in taken if _is_weights(name)}
    return [name for name in names if name in taken or (_parent(name) in empty and fnmatch(name, HALF_PRECISION))]


def _parent(name: str) -> str:
    return "" if "/" not in name else name.rpartition("/")[0]


def _is_weights(name: str) -> bool:
    return any(fnmatch(PurePosixPath(name).name, pattern) for pattern in WEIGHTS)


def _loads(name: str, pipeline: bool) -> bool:
    """Say whether a back end loads a file; beside a pipeline's folders the same weights may lie in one piece."""
    base = PurePosixPath(name).name
    if _parent(name) == LANGUAGE_MODEL:
        return name.endswith((".bin", ".arpa"))
    if any(fnmatch(base, variant) for variant in VARIANTS) or (pipeline and base == name and _is_weights(name)):
        return False
    return _is_weights(name) or any(fnmatch(base, pattern) for pattern in DATA)


def _runs(name: str) -> bool:
    return name.endswith(".py") or any(fnmatch(name, p) for p in PICKLES if p != "*.bin")


def refuse(repository: str, names: Sequence[str], taken: Sequence[str]) -> None:
    """Raise EngineError when the weights are to be had only as pickles, or not at all."""
    if any(fnmatch(PurePosixPath(name).name, pattern) for name in taken for pattern in (*WEIGHTS, "*.bin")):
        return
    if any(fnmatch(name, pattern) for name in names for pattern in PICKLES):
        raise EngineError(
            "the weights of {repository} are pickles, which can run code; choose a repository with safetensors",
            repository=repository,
        )
    raise EngineError("{repository} holds no weights; choose another repository", repository=repository)


def refuse_content(path: Path, repository: str) -> None:
    """Raise EngineError when a fetched file turns out to be a pickle, or names code of the repository's own."""
    if path.suffix == ".bin":
        with path.open("rb") as file:
            if file.read(2).startswith(PICKLE_STARTS):
                raise EngineError(
                    "the weights of {repository} are pickles, which can run code; choose a repository with safetensors",
                    repository=repository,
                )
    if path.name.endswith("config.json"):
        try:
            held = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise EngineError("the file {path} is no JSON; get the model again", path=path) from error
        if isinstance(held, dict) and "auto_map" in held:
            raise EngineError(
                "the model in {path} brings Python code of its own, which is never run; choose a model without",
                path=repository,
            )


def complete(folder: Path, wanted: Sequence[str] = ()) -> bool:
    """Say whether a folder holds a model: its configuration, and every part of its weights, or all that is `wanted`."""
    if wanted:
        return all(any(folder.glob(pattern)) for pattern in wanted)
    found = list(folder.rglob("*")) if folder.is_dir() else []
    names = {path.relative_to(folder).as_posix() for path in found}
    voices = any(name.endswith(".onnx.json") for name in names)
    if not voices and not any(name in names for name in CONFIGS):
        return False
    if "model_index.json" in names and not _has_folders(folder):
        return False
    for path in found:
        if path.name.endswith(".safetensors.index.json") and not _has_parts(path):
            return False
    return any(fnmatch(PurePosixPath(name).name, pattern) for name in names for pattern in (*WEIGHTS, "*.bin"))


def _has_folders(folder: Path) -> bool:
    """Say whether each part of a pipeline is there, with weights where it has a config.json."""
    try:
        index = json.loads((folder / "model_index.json").read_text("utf-8"))
        parts = [
            name for name, kind in index.items() if not name.startswith("_") and isinstance(kind, list) and kind[0]
        ]
    except (ValueError, AttributeError, IndexError):
        return False
    for part in (folder / name for name in parts):
        weightless = not (part / "config.json").is_file() or any(_is_weights(path.name) for path in part.iterdir())
        if not part.is_dir() or not weightless:
            return False
    return True


def _has_parts(index: Path) -> bool:
    try:
        parts = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return all((index.parent / str(part)).is_file() for part in parts)
