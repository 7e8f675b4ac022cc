"""transformers checkpoints as CTranslate2 folders: converted once, kept in the user's cache folder."""

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from vivavoce.engines.contract import require
from vivavoce.engines.torch_models import refuse_code
from vivavoce.engines.translate.vocabulary import without_advice
from vivavoce.errors import EngineError

SOURCE = "source.txt"  # in each conversion: the folder that it was made from
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "sentencepiece.bpe.model",
    "source.spm",
    "target.spm",
    "vocab.json",
    "target_vocab.json",
)


def converted(folder: Path, quantization: str) -> Path:
    """Return a CTranslate2 folder for the checkpoint in `folder`: itself if it is one, else a cached conversion.

    Raises EngineError for a checkpoint without safetensors, or of an architecture that CTranslate2 doesn't know.
    """
    library = require("ctranslate2", "hub")
    if library.contains_model(str(folder)):
        return folder
    target = cache_folder() / _key(folder, quantization, library.__version__)
    if not library.contains_model(str(target)):
        _convert(folder, target, quantization)
    return target


def forget(folder: Path) -> int:
    """Delete the conversions of the checkpoints in and below `folder`, and return the bytes set free."""
    freed = 0
    for source in cache_folder().glob(f"*/{SOURCE}"):
        if Path(source.read_text("utf-8")).is_relative_to(folder.resolve()):
            freed += sum(path.stat().st_size for path in source.parent.rglob("*") if path.is_file())
            shutil.rmtree(source.parent)
    return freed


def cache_folder() -> Path:
    """Return where conversions are kept: under `$VIVAVOCE_HOME`, by default in the user's cache folder."""
    import platformdirs

    home = os.environ.get("VIVAVOCE_HOME")
    return (Path(home) / "cache" if home else Path(platformdirs.user_cache_dir("vivavoce"))) / "ctranslate2"


def _key(folder: Path, quantization: str, version: str) -> str:
    """Name a conversion by its files' places, sizes and times, so that changed weights are converted anew."""
    sources = sorted([*folder.glob("*.safetensors"), *folder.glob("*.json")])
    files = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in sources]
    digest = hashlib.sha256(repr((files, quantization, version)).encode()).hexdigest()
    return f"{quantization}-{digest[:24]}"


def _convert(folder: Path, target: Path, quantization: str) -> None:
    """Write the conversion beside its place, then move it there; another process may have been faster."""
    refuse_code(folder)
    if not any((folder / name).is_file() for name in ("model.safetensors", "model.safetensors.index.json")):
        raise EngineError(
            "the folder {path} holds no safetensors, and pickled weights are never opened; name one that does",
            path=folder,
        )
    require("transformers", "hub")
    converters = require("ctranslate2.converters", "hub")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".converting-", dir=target.parent))
    try:
        copied = [name for name in TOKENIZER_FILES if (folder / name).is_file()]
        with without_advice():
            converters.TransformersConverter(str(folder), copy_files=copied).convert(
                str(temporary), quantization=quantization, force=True
            )
        (temporary / SOURCE).write_text(str(folder.resolve()), "utf-8")
        with suppress(OSError):  # another process was faster, or the disk is full
            temporary.rename(target)
    except Exception as error:  # loaders of checkpoints raise classes of their own
        raise EngineError(
            "the model in {path} can't be converted for CTranslate2 ({reason}); choose another",
            path=folder,
            reason=str(error).strip().split("\n")[0][:200],
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    if not target.is_dir():
        raise EngineError("can't write the converted model to {path}; free some space there", path=target)
