"""Which revision of each repository was fetched, and what its files were: `$VIVAVOCE_HOME/models.lock.json`."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from vivavoce.engines.home import user_folder
from vivavoce.media.atomic import replacing

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Locked:
    """A repository as fetched: the revision asked for, the commit that it stood for, and SHA-256 by file name."""

    asked: str
    commit: str
    files: Mapping[str, str]


def lock_file() -> Path:
    """Return where the record is kept."""
    return user_folder() / "models.lock.json"


def locked(repository: str) -> Locked | None:
    """Return the record of a repository, None where there is none; a damaged file counts as empty."""
    return _read().get(repository)


def lock(repository: str, record: Locked | None) -> None:
    """Write the record of a repository, or with None forget it; several processes may do so at once."""
    from filelock import FileLock

    file = lock_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock")):
        records = {**_read(keep_damaged=True), repository: record}
        held = {name: asdict(kept) for name, kept in sorted(records.items()) if kept is not None}
        with replacing(file, overwrite=True) as temporary:
            temporary.write_text(json.dumps(held, indent=2), "utf-8")


def _read(keep_damaged: bool = False) -> dict[str, Locked]:
    file = lock_file()
    try:
        return {name: Locked(**held) for name, held in json.loads(file.read_text("utf-8")).items()}
    except OSError:
        return {}
    except (ValueError, TypeError, AttributeError):
        if keep_damaged:
            file.replace(file.with_suffix(".bad"))
        return {}


def sha256(path: Path) -> str:
    """Return the digest of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_blob(path: Path) -> str:
    """Return the name that git gives to a file's content: SHA-1 over a header and the bytes."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
