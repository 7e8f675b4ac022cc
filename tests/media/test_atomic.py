"""Writing: all of the new file or none of it, whatever goes wrong, and a clear word about it."""

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from media.makers import CHINESE, Drawn, film, melody, picture
from vivavoce.errors import OutputError
from vivavoce.media import atomic
from vivavoce.media.atomic import check_writable, replacing
from vivavoce.media.gateway import open_value, save
from vivavoce.media.image import Image
from vivavoce.media.table import Table
from vivavoce.media.text import Text


class Noisy(Drawn):
    """Frames that no encoder can make small."""

    def frames(self):
        rng = np.random.default_rng(1)
        for frame in super().frames():
            yield replace(frame, pixels=rng.integers(0, 256, frame.pixels.shape, np.uint8))


def noisy_film():
    sound = melody(20.0)
    return replace(film(500, audio=sound, width=640, height=480), source=Noisy(500, 25.0, 640, 480, sound))


BIG = {
    "wav": lambda: melody(120.0),
    "flac": lambda: melody(240.0),
    "mp3": lambda: melody(180.0),
    "mp4": noisy_film,
    "mkv": noisy_film,
    "webm": noisy_film,
    "bmp": lambda: picture(2_000, 1_000),
    "png": lambda: Image(np.random.default_rng(1).integers(0, 256, (1_000, 1_000, 3), np.uint8)),
    "txt": lambda: Text("a line of text\n" * 300_000),
    "csv": lambda: Table(("a",), (("x" * 1_000,),) * 4_000),
}


def write(path, content, overwrite=False):
    with replacing(path, overwrite) as temporary:
        temporary.write_text(content)


def test_the_target_holds_the_old_content_until_all_of_the_new_is_there(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with replacing(target, overwrite=True) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".txt"
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    "failure", [RuntimeError("x"), KeyboardInterrupt(), OSError(errno.EIO, "broken"), OutputError("x")]
)
def test_any_failure_leaves_only_what_was_there(failure, tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(OutputError if isinstance(failure, OSError) else type(failure)):
        with replacing(target, overwrite=True) as temporary:
            temporary.write_text("half")
            raise failure
    assert os.listdir(tmp_path) == ["a.txt"]
    assert target.read_text() == "old"


def test_an_existing_target_is_kept_unless_asked(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(OutputError, match="exists; add --overwrite or name another"):
        write(target, "new")
    assert target.read_text() == "old"
    write(target, "new", overwrite=True)
    assert target.read_text() == "new"


def test_a_target_that_appears_meanwhile_is_kept(tmp_path):
    target = tmp_path / "a.txt"
    with pytest.raises(OutputError, match="exists"):
        with replacing(target, overwrite=False) as temporary:
            temporary.write_text("ours")
            target.write_text("theirs")
    assert target.read_text() == "theirs"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_file_systems_without_hard_links_work_too(number, tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, "link", unsupported)
    target = tmp_path / "a.txt"
    write(target, "new")
    assert target.read_text() == "new"
    with pytest.raises(OutputError, match="exists"):
        with replacing(tmp_path / "b.txt", overwrite=False) as temporary:
            temporary.write_text("ours")
            (tmp_path / "b.txt").write_text("theirs")
    assert (tmp_path / "b.txt").read_text() == "theirs"
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "b.txt"]


def test_folders_and_missing_folders_say_so(tmp_path):
    with pytest.raises(OutputError, match="is a folder; name a file in it"):
        check_writable(tmp_path, overwrite=True)
    with pytest.raises(OutputError, match=r"the folder .*none does not exist; make it first"):
        check_writable(tmp_path / "none" / "a.txt", overwrite=False)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="does not exist; make it first"):
        check_writable(tmp_path / "file" / "a.txt", overwrite=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_says_so(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="no permission to write"):
        check_writable(tmp_path / "a.txt", overwrite=False)
    tmp_path.chmod(0o700)


def test_a_file_system_that_may_only_be_read_says_so():
    with pytest.raises(OutputError, match="no permission to write|can't write|does not exist"):
        save(Text("x"), "/proc/a.txt")


@pytest.mark.parametrize("name", ["x" * 300 + ".txt", "a\0b.txt", "文" * 100 + ".txt"])
def test_names_that_no_file_can_have_say_so(name, tmp_path):
    with pytest.raises(OutputError, match="can't write") as caught:
        save(Text("x"), tmp_path / name)
    assert len(str(caught.value)) < 400
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["x" * 251 + ".txt", "文" * 80 + ".txt", "-rf.txt", "a b'\".txt", "é\u0301.txt", ".txt.txt", "%(name)s.txt"]
)
@pytest.mark.parametrize("overwrite", [True, False])
def test_long_and_odd_names_work(name, overwrite, tmp_path):
    assert save(Text("x"), tmp_path / name, overwrite=overwrite).read_text() == "x\n"
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("suffix", ["wav", "mp4", "png"])
def test_odd_names_are_no_patterns_or_addresses_to_encoders(suffix, tmp_path):
    value = {"wav": melody(0.1), "mp4": film(3), "png": picture()}[suffix]
    for name in (f"a%03d.{suffix}", f"http:x.{suffix}", f"a:b.{suffix}", f"pipe:1.{suffix}"):
        assert type(open_value(save(value, tmp_path / name))) is type(
            open_value(save(value, tmp_path / f"b.{suffix}", overwrite=True))
        )
        assert (tmp_path / name).is_file()


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "a.txt", tmp_path / "link.txt"
    link.symlink_to(real)
    write(link, "first")
    assert (link.is_symlink(), real.read_text()) == (True, "first")
    with pytest.raises(OutputError, match="exists"):
        write(link, "second")
    write(link, "second", overwrite=True)
    assert (link.is_symlink(), real.read_text(), os.listdir(real.parent)) == (True, "second", ["a.txt"])


def test_a_loop_of_links_says_so(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
    with pytest.raises(OutputError):
        write(tmp_path / "a.txt", "x", overwrite=True)


def test_a_device_or_a_pipe_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    for target in (tmp_path / "pipe.txt", Path("/dev/null")):
        with pytest.raises(OutputError, match="no ordinary file"):
            write(target, "x", overwrite=True)
    assert stat.S_ISFIFO((tmp_path / "pipe.txt").stat().st_mode)


def test_rights_follow_the_mask_for_a_new_file_and_stay_for_an_old_one(tmp_path):
    old_mask = os.umask(0o077)
    try:
        write(tmp_path / "new.txt", "x")
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE((tmp_path / "new.txt").stat().st_mode) == 0o600
    (tmp_path / "new.txt").chmod(0o664)
    write(tmp_path / "new.txt", "y", overwrite=True)
    assert stat.S_IMODE((tmp_path / "new.txt").stat().st_mode) == 0o664


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory):
    """Return a folder on a disk of one megabyte, or skip."""
    folder = tmp_path_factory.mktemp("disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("suffix", BIG)
def test_a_full_disk_gives_one_clear_error_and_keeps_the_old_file(suffix, small_disk):
    for left in small_disk.iterdir():
        left.unlink()
    target = small_disk / f"a.{suffix}"
    target.write_bytes(b"old")
    with pytest.raises(OutputError, match="the disk is full while writing .*; free some space"):
        save(BIG[suffix](), target, overwrite=True)
    assert os.listdir(small_disk) == [target.name]
    assert target.read_bytes() == b"old"
    target.unlink()
    save(CHINESE, small_disk / "after.srt").unlink()


def test_a_limit_on_file_size_is_like_a_full_disk(tmp_path):
    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    code = (
        "import sys; from vivavoce.errors import OutputError; from vivavoce.media.gateway import save\n"
        "from vivavoce.media.text import Text\n"
        "try: save(Text('x' * 1_000_000), sys.argv[1])\n"
        "except OutputError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.txt"], preexec_fn=limited, capture_output=True, text=True, check=True
    )
    assert "the disk is full while writing" in done.stdout
    assert os.listdir(tmp_path) == []


def test_a_process_that_is_killed_leaves_no_target(tmp_path):
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[2]); from media.makers import Drawn, film\n"
        "from dataclasses import replace; from vivavoce.media.gateway import save\n"
        "class Killed(Drawn):\n"
        "    def frames(self):\n"
        "        yield from super().frames()\n"
        "        os.kill(os.getpid(), 9)\n"
        "save(replace(film(50), source=Killed(50)), sys.argv[1])\n"
    )
    tests = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a.mp4", tests], capture_output=True, check=False)
    assert done.returncode == -9
    assert not (tmp_path / "a.mp4").exists()
    assert all(name.startswith(".a-") for name in os.listdir(tmp_path))
