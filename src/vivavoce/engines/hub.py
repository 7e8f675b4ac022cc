"""Model weights from a hub: what is on disk, fetching what is asked for, removing it. Nothing else here goes online."""

import errno
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vivavoce.engines.contract import Weights
from vivavoce.engines.hub_files import complete, refuse, refuse_content, selected
from vivavoce.engines.lock import Locked, git_blob, lock, locked, sha256
from vivavoce.errors import EngineError, NotReady, OutputError

Progress = Callable[[int, int], None]
"""Called with the bytes on disk so far and the bytes in all."""


def _silent(done: int, total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, kw_only=True)
class _RemoteFile:
    """A file of a repository, and what the hub says of its content."""

    name: str
    size: int
    sha256: str | None
    blob: str | None


def folder_of(weights: Weights) -> Path | None:
    """Return the folder in the standard hub cache that holds the weights, or None if they are not all on disk.

    The revision that the lock file records goes before whatever the name of the revision stands for by now.
    """
    return _cached_folder(weights)


@cache
def hub_cache() -> Path:
    """Return the folder of the standard hub cache."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return Path(HF_HUB_CACHE)


def _cached_folder(weights: Weights) -> Path | None:
    repository, revision = weights.repository, weights.revision
    root = hub_cache() / f"models--{repository.replace('/', '--')}"
    if not root.is_dir():
        return None
    record = locked(repository)
    reference = root / "refs" / revision
    named = reference.read_text().strip() if reference.is_file() else revision
    commits = [record.commit, named] if record and record.asked == revision else [named]
    return next((folder for commit in commits if complete(folder := root / "snapshots" / commit, weights.files)), None)


def pull(weights: Weights, progress: Progress = _silent, *, update: bool = False) -> Path:
    """Fetch the weights into the hub cache and return their folder.

    What was cut off before is resumed. Each file is checked against the hub's digest; the lock file records the commit,
    and a later pull keeps to it unless `update`. What is on disk serves when the hub is away. Raises NotReady when the
    hub can't be reached or the repository does not exist or needs a token, EngineError when its weights are refused or
    damaged.
    """
    from huggingface_hub.errors import (  # type: ignore[attr-defined]  # HTTPError comes from its own client
        GatedRepoError,
        HTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return _fetch(weights, progress, update)
    except GatedRepoError as error:
        raise NotReady(
            "the repository {repository} is gated; accept its terms on the hub and set HF_TOKEN to a token of yours",
            repository=weights.repository,
        ) from error
    except RepositoryNotFoundError as error:
        raise NotReady(
            "the repository {repository} does not exist or is private; if it is yours, set HF_TOKEN to a token for it",
            repository=weights.repository,
        ) from error
    except RevisionNotFoundError as error:
        raise NotReady(
            "{repository} has no revision {revision} any more; run: viva models pull {repository} --update",
            repository=weights.repository,
            revision=record.commit if (record := locked(weights.repository)) else weights.revision,
        ) from error
    except PermissionError as error:
        raise OutputError("can't write to {path}; make it writable or set HF_HOME", path=hub_cache()) from error
    except (HTTPError, OSError, ValueError, TypeError, KeyError) as error:  # no answer, or none that makes sense
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise OutputError(
                "the disk of {path} is full; free some space there or set HF_HOME", path=hub_cache()
            ) from error
        kept = folder_of(weights)
        if kept is not None and not update:
            return kept
        raise NotReady(
            "the model hub can't be reached for {repository}; try again with a network",
            repository=weights.repository,
        ) from error


def _fetch(weights: Weights, progress: Progress, update: bool) -> Path:
    import huggingface_hub

    record = locked(weights.repository)
    keep = record is not None and record.asked == weights.revision and not update
    revision = record.commit if record is not None and keep else weights.revision
    info = huggingface_hub.HfApi().model_info(weights.repository, revision=revision, files_metadata=True)
    commit, remote = str(info.sha), [_remote(sibling) for sibling in info.siblings or ()]
    names = [file.name for file in remote]
    index = _json(_download(weights, "model_index.json", commit)) if "model_index.json" in names else None
    taken = selected(names, index, weights.files)
    refuse(weights.repository, names, taken)
    ordered = sorted(
        (file for file in remote if file.name in taken), key=lambda file: file.size
    )  # configurations first
    meter = _Meter(progress, sum(file.size for file in ordered))
    digests = {file.name: _checked(weights, file, commit, meter) for file in ordered}
    folder = hub_cache() / f"models--{weights.repository.replace('/', '--')}" / "snapshots" / commit
    if not complete(folder, weights.files):
        raise EngineError(
            "{repository} holds no model that can be loaded here; choose another repository",
            repository=weights.repository,
        )
    before = record.files if record is not None and record.commit == commit else {}
    lock(weights.repository, Locked(asked=weights.revision, commit=commit, files={**before, **digests}))
    reference = folder.parents[1] / "refs" / weights.revision  # so that other programs find it too
    reference.parent.mkdir(parents=True, exist_ok=True)
    reference.write_text(commit)
    return folder


def _remote(sibling: Any) -> _RemoteFile:  # noqa: ANN401 - the library's own record
    large = sibling.lfs
    return _RemoteFile(
        name=sibling.rfilename,
        size=int(sibling.size or 0),
        sha256=large.sha256 if large else None,
        blob=None if large else sibling.blob_id,
    )


def _json(path: Path) -> dict[str, object]:
    import json

    held = json.loads(path.read_text("utf-8"))
    return held if isinstance(held, dict) else {}


class _Meter:
    """Counts bytes over several files."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def bar(self) -> type:
        """Return a class that the hub's client reports to as it does to a progress bar."""
        from tqdm import tqdm

        meter = self

        class Bar(tqdm):  # type: ignore[misc]  # tqdm ships no types
            def __init__(self, *given: Any, **settings: Any) -> None:  # noqa: ANN401 - handed on
                settings.pop("name", None)
                super().__init__(*given, **{**settings, "disable": True})

            def update(self, n: float | None = 1) -> bool | None:
                meter.add(int(n or 0))
                return None

        return Bar

    def add(self, count: int) -> None:
        """Count bytes; a resumed or repeated part may count back."""
        self.done = max(0, min(self.total, self.done + count))
        self.progress(self.done, self.total)


def _download(weights: Weights, name: str, commit: str, bar: type | None = None) -> Path:
    import huggingface_hub

    return Path(huggingface_hub.hf_hub_download(weights.repository, name, revision=commit, tqdm_class=bar))


def _checked(weights: Weights, file: _RemoteFile, commit: str, meter: _Meter) -> str:
    """Fetch a file, refuse what could run code, and return its digest; a file that is not as announced is removed."""
    before = meter.done
    path = _download(weights, file.name, commit, meter.bar())
    digest = sha256(path)
    if digest != (file.sha256 or digest) or (file.blob is not None and git_blob(path) != file.blob):
        path.resolve().unlink()
        path.unlink()
        raise EngineError(
            "the file {name} of {repository} arrived damaged and was removed; pull it again",
            name=file.name,
            repository=weights.repository,
        )
    refuse_content(path, weights.repository)
    meter.add(before + file.size - meter.done)
    return digest


def remove(weights: Weights) -> int:
    """Delete weights from the hub cache, every revision of them, and return the bytes set free.

    Of a repository that several models share only the files of this one go. Raises NotReady when it is not there.
    """
    root = hub_cache() / f"models--{weights.repository.replace('/', '--')}"
    snapshots = root / "snapshots"
    found = [
        path for pattern in weights.files or ("**/*",) for path in snapshots.glob(f"*/{pattern}") if path.is_file()
    ]
    if not found:
        raise NotReady("{repository} is not on disk; see: viva models list", repository=weights.repository)
    blobs = {path.resolve() for path in found}
    freed = sum(blob.stat().st_size for blob in blobs)
    if weights.files:
        for path in (*found, *blobs):
            path.unlink(missing_ok=True)
    if not any(path.is_file() for path in snapshots.rglob("*")) or not weights.files:
        shutil.rmtree(root)
        lock(weights.repository, None)
    return freed
