"""Torch models: the one place that loads them, picks their data type, frees their device and shrinks their batches."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from vivavoce.engines.contract import require
from vivavoce.engines.device import give_back
from vivavoce.engines.hub_files import refuse_content
from vivavoce.errors import EngineError, OutOfMemory

T = TypeVar("T")
R = TypeVar("R")


def data_type(device: str) -> Any:  # noqa: ANN401 - a torch.dtype
    """Return float32 on a CPU, bfloat16 on a CUDA device that has it, else float16."""
    torch = require("torch", "hub")
    if device == "cpu":
        return torch.float32
    return torch.bfloat16 if device == "cuda" and torch.cuda.is_bf16_supported() else torch.float16


def refuse_code(folder: Path) -> None:
    """Raise EngineError when a model's configuration names Python code of its own."""
    for path in folder.rglob("*config.json"):
        refuse_content(path, str(folder))


@contextmanager
def loaded(kind: Any, folder: Path, device: str, **settings: Any) -> Iterator[Any]:  # noqa: ANN401 - a class of transformers or diffusers
    """Yield the model of class `kind` in `folder`, from safetensors alone, in the data type of `device`; then free it.

    Raises EngineError when there is none, OutOfMemory when it does not fit.
    """
    refuse_code(folder)
    _hush()
    settings = {"dtype": data_type(device), "local_files_only": True, "use_safetensors": True, **settings}
    try:
        model = kind.from_pretrained(folder, **settings)
        model = model.to(device)
    except RuntimeError as error:
        raise _out_of_memory(error) or _unloadable(kind, folder, error) from error
    except Exception as error:  # safetensors and tokenizers raise classes of their own
        raise _unloadable(kind, folder, error) from error
    if hasattr(model, "eval"):
        model.eval()
    try:
        yield model
    finally:
        del model
        give_back(device)


def pretrained(kind: Any, folder: Path, **settings: Any) -> Any:  # noqa: ANN401 - a tokenizer, processor or extractor
    """Return a tokenizer or processor of class `kind` from `folder`, never running code that comes with it.

    Raises EngineError when there is none.
    """
    refuse_code(folder)
    _hush()
    try:
        return kind.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **settings)
    except Exception as error:  # each raises classes of its own
        raise _unloadable(kind, folder, error) from error


@contextmanager
def memory_checked() -> Iterator[None]:
    """Raise OutOfMemory in the place of what torch raises when the device's memory runs out."""
    try:
        yield
    except RuntimeError as error:
        too_much = _out_of_memory(error)
        if too_much is None:
            raise
        raise too_much from error


def _hush() -> None:
    """Keep the library's progress bars and advice to programmers out of a user's terminal."""
    logging = require("transformers", "hub").utils.logging
    logging.disable_progress_bar()
    logging.set_verbosity_error()


def _unloadable(kind: Any, folder: Path, error: Exception) -> EngineError:  # noqa: ANN401 - a class
    reason = str(error).strip().split("\n")[0][:200]
    return EngineError(
        "the folder {path} holds no {kind} that can be loaded ({reason}); name one that does",
        path=folder,
        kind=kind.__name__,
        reason=reason,
    )


def in_batches(run: Callable[[Sequence[T]], Sequence[R]], items: Sequence[T], size: int, device: str) -> list[R]:
    """Call `run` on `size` items at a time; where memory runs out, on half as many from there on.

    Raises OutOfMemory when a single item is too much.
    """
    done: list[R] = []
    while len(done) < len(items):
        batch = items[len(done) : len(done) + size]
        try:
            done += run(batch)
        except RuntimeError as error:
            too_much = _out_of_memory(error)
            if too_much is None:
                raise
            if len(batch) == 1:
                raise too_much from error
            size = len(batch) // 2
            give_back(device)
    return done


def _out_of_memory(error: RuntimeError) -> OutOfMemory | None:
    torch = require("torch", "hub")
    words = str(error).lower()
    if isinstance(error, torch.OutOfMemoryError) or "out of memory" in words or "can't allocate memory" in words:
        return OutOfMemory("the memory of the device is too small for this; give it less at once or a smaller model")
    return None


class Stop:
    """A stopping criterion for `generate`: the caller has gone, or closed what it was reading."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """Let the model stop after its next token."""
        self._asked.set()

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:  # noqa: ANN401 - torch tensors
        """Return bool [batch]: whether each sequence is finished."""
        torch = require("torch", "hub")
        return torch.full((input_ids.shape[0],), self._asked.is_set(), device=input_ids.device, dtype=torch.bool)
