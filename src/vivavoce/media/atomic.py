"""Writing a file so that the target holds either its old content or all of the new, never a part."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vivavoce.errors import OutputError

NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EINVAL)
NAME_BYTES = 60  # of the target's name in the temporary one, which must not become too long


@contextmanager
def replacing(target: Path, overwrite: bool) -> Iterator[Path]:
    """Yield a temporary path beside `target`; move it there when the block ends well, remove it when it doesn't.

    A symbolic link is followed: what it points at is replaced. Raises OutputError when the target exists and
    `overwrite` is false, or can't be written.
    """
    check_writable(target, overwrite)
    try:
        final = target.resolve()
        temporary = _create_beside(final)
    except OSError as error:
        raise _explain(error, target) from error
    try:
        yield temporary
        _flush(temporary)
        if overwrite:
            with suppress(FileNotFoundError):
                temporary.chmod(stat.S_IMODE(final.stat().st_mode))
            temporary.replace(final)
        else:
            _move_to_free_name(temporary, final)
    except OSError as error:
        raise _explain(error, target) from error
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(target: Path, overwrite: bool) -> None:
    """Raise OutputError if `target` can't be written: known before the work, not after it."""
    try:
        _check(target, overwrite)
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, a loop of links, a null character
        raise _explain(error, target) from error


def _check(target: Path, overwrite: bool) -> None:
    exists = os.path.lexists(target) and target.resolve().exists()
    if target.is_dir():
        raise OutputError("the target {path} is a folder; name a file in it", path=shown(target))
    if exists and not target.is_file():
        raise OutputError("the target {path} is no ordinary file; name another", path=shown(target))
    if exists and not overwrite:
        raise OutputError("the target {path} exists; add --overwrite or name another", path=shown(target))
    folder = target.resolve().parent
    if not folder.is_dir():
        raise OutputError("the folder {path} does not exist; make it first", path=shown(folder))
    if not os.access(folder, os.W_OK):
        raise OutputError("no permission to write {path}; choose another folder", path=shown(target))


def _create_beside(final: Path) -> Path:
    """Make an empty file with the target's ending (encoders look at it) and the rights that the user's mask gives."""
    start = os.fsdecode(os.fsencode(final.stem)[:NAME_BYTES]).encode("ascii", "ignore").decode()
    ending = final.suffix if len(os.fsencode(final.suffix)) <= NAME_BYTES else ""
    temporary = final.with_name(f".{start}-{secrets.token_hex(6)}{ending}")
    os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666))
    return temporary


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)  # a rename may reach the disk before the content does
    finally:
        os.close(descriptor)


def _move_to_free_name(temporary: Path, final: Path) -> None:
    """Give the file its name; raise FileExistsError if somebody took it meanwhile."""
    try:
        os.link(temporary, final)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        os.close(os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))  # reserve it, then replace that
        temporary.replace(final)


def shown(path: Path) -> str:
    """Spell a path for a message: short, and without what a terminal would act upon."""
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in str(path))
    return text if len(text) <= 200 else f"{text[:120]}…{text[-60:]}"


def _explain(error: Exception, target: Path) -> OutputError:
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return OutputError("the disk is full while writing {path}; free some space", path=shown(target))
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError("no permission to write {path}; choose another folder", path=shown(target))
    if number == errno.EEXIST:
        return OutputError("the target {path} exists; add --overwrite or name another", path=shown(target))
    reason = (isinstance(error, OSError) and error.strerror) or str(error)
    return OutputError("can't write {path}: {reason}; choose another target", path=shown(target), reason=reason)
