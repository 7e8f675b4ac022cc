"""The one door: what clumsy users and strangers bring to it, and what goes out."""

import ast
import io
import os
import re
import stat
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

import vivavoce
from media.makers import CHINESE, TRAIL, TRANSCRIPT, content_of, film, melody, picture, wav, xlsx
from vivavoce.errors import (
    CorruptMedia,
    EmptyInput,
    InputError,
    MissingFile,
    OutputError,
    TooLarge,
    UnsupportedFormat,
    UsageError,
)
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import WRITABLE, check_format, decode, look, open_value, save
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.table import Table
from vivavoce.media.text import Text
from vivavoce.media.video import Video

SOURCES = Path(vivavoce.__file__).parent
OPENERS = re.compile(
    r"(av|PIL\.Image|Image|soundfile|sf|wave|aifc|sunau|gzip|bz2|lzma|tarfile|zipfile|imageio|tifffile|sndfile)\.open"
    r"|(soundfile|sf|librosa|audioread|torchaudio)\.(read|load|info|SoundFile)|librosa\.load"
    r"|cv2\.(imread|imdecode|VideoCapture|VideoWriter|imwrite)|(matplotlib\.)?(pyplot|plt|image)\.imread"
    r"|(urllib\.request\.)?(urlopen|urlretrieve)|(requests|httpx|aiohttp)\.\w+"
    r"|scipy\.io\.wavfile\.\w+|wavfile\.read|zipfile\.ZipFile|ZipFile|pandas\.read_\w+|pd\.read_\w+|pysubs2\.load"
    r"|(numpy|np)\.(load|fromfile)|pickle\.loads?|xml\.etree\.\w+\.parse|openpyxl\.load_workbook"
)
READERS = ("media/audio_files.py", "media/container_files.py", "media/image_files.py", "media/xlsx_files.py")
OTHERS = {  # what opens files that are no media of a user's, each with its reason
    "numpy.load": "weights that ship with an engine",
    "np.load": "weights that ship with an engine",
    "np.fromfile": "voices of a model",
    "wave.open": "sound written for a chat server",
}


def called_names(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def test_nothing_outside_the_gateway_opens_media():
    found, readers = [], set()
    for file in SOURCES.rglob("*.py"):
        place = file.relative_to(SOURCES).as_posix()
        for name, line in called_names(ast.parse(file.read_text("utf-8"))):
            if not OPENERS.fullmatch(name):
                continue
            if place in READERS:
                readers.add(place)
            elif name not in OTHERS or place.startswith("media/"):
                found.append(f"{place}:{line} {name}")
    assert found == []
    assert {"media/container_files.py", "media/image_files.py", "media/xlsx_files.py"} <= readers


def test_the_guard_would_see_a_loader_that_skips_the_gateway():
    sly = "av.open(x)\nPIL.Image.open(x)\ncv2.imread(x)\nurllib.request.urlopen(x)\nnp.sum(x)"
    assert [name for name, _ in called_names(ast.parse(sly)) if OPENERS.fullmatch(name)] == [
        "av.open",
        "PIL.Image.open",
        "cv2.imread",
        "urllib.request.urlopen",
    ]


VALUES = {
    "wav": lambda: melody(0.3),
    "flac": lambda: melody(0.3),
    "mp3": lambda: melody(0.3),
    "ogg": lambda: melody(0.3),
    "m4a": lambda: melody(0.3),
    "weba": lambda: melody(0.3),
    "mp4": lambda: film(5),
    "webm": lambda: film(5),
    "mkv": lambda: film(5),
    "png": picture,
    "jpg": picture,
    "webp": picture,
    "gif": picture,
    "bmp": picture,
    "tiff": picture,
    "srt": lambda: TRANSCRIPT,
    "vtt": lambda: TRANSCRIPT,
}


@pytest.mark.parametrize("suffix", VALUES)
@pytest.mark.parametrize("wrong", ["wav", "png", "mp4", "doc", ""])
def test_content_decides_and_not_the_name(suffix, wrong, tmp_path):
    value = VALUES[suffix]()
    path = tmp_path / f"file.{wrong}".rstrip(".")
    path.write_bytes(content_of(value, suffix, tmp_path))
    assert type(open_value(path)) is type(value)
    assert look(path).modality is value.modality


@pytest.mark.parametrize("suffix", VALUES)
def test_paths_bytes_and_streams_give_the_same(suffix, tmp_path):
    path = save(VALUES[suffix](), tmp_path / f"a.{suffix}")
    content = path.read_bytes()

    class Trickle(io.RawIOBase):
        at = 0

        def read(self, size=-1):
            piece = content[self.at : self.at + min(size, 777)]
            self.at += len(piece)
            return piece

    digests = {
        open_value(source).digest()
        for source in (
            path,
            str(path),
            content,
            bytearray(content),
            memoryview(content),
            io.BytesIO(content),
            Trickle(),
        )
    }
    assert len(digests) == 1


BAD = {
    "nothing": (b"", EmptyInput, r"is empty \(0 bytes\); give a file"),
    "spaces": (b" \r\n\t ", EmptyInput, "the text is empty; give a file"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", UnsupportedFormat, "PDF, which can't be read; print"),
    "exe": (b"MZ\x90\x00\x03\x00\x00\x00", UnsupportedFormat, "a program, not media; check"),
    "elf": (b"\x7fELF\x02\x01\x01\x00", UnsupportedFormat, "a program"),
    "old office": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512,
        UnsupportedFormat,
        "password; save it|without a password",
    ),
    "gzip": (b"\x1f\x8b\x08\x00", UnsupportedFormat, "an archive; unpack"),
    "rar": (b"Rar!\x1a\x07\x00", UnsupportedFormat, "an archive"),
    "heic": (
        b"\0\0\0\x24ftypheic\0\0\0\0mif1heic",
        UnsupportedFormat,
        "HEIC or AVIF photo, which can't be read; export",
    ),
    "zeros": (b"\0" * 5_000, UnsupportedFormat, r"no known format \(it begins with the bytes 00 00"),
    "binary without zeros": (bytes(range(1, 32)) * 40, UnsupportedFormat, "neither text nor a known format; check"),
    "zip": (None, UnsupportedFormat, "a zip archive, not a workbook; unpack"),
    "wav header": (wav()[:20], CorruptMedia, "the wav content is cut short: it should have"),
    "png header": (b"\x89PNG\r\n\x1a\n", CorruptMedia, "the PNG content is damaged or cut short"),
    "mp4 header": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", CorruptMedia, "the mp4 content is damaged or cut short"),
    "matroska noise": (b"\x1a\x45\xdf\xa3" + b"\x01" * 500, CorruptMedia, "the matroska content is"),
    "json": (b'{"a": [1, 2', None, ""),
    "lone surrogates": (b'{"text": "a\\ud800b"}', InputError, r"a lone surrogate \(U\+D800\) at character 1; save it"),
    "lone surrogates in a table": (b'[{"a": "\\udc00"}]', InputError, "lone surrogate"),
    "lone surrogates in bytes": (b"ab\xed\xa0\x80cd", InputError, r"lone surrogate \(U\+D800\) at character 2"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_content_gives_one_clear_sentence(kind):
    content, error, message = BAD[kind]
    if content is None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.txt", "hello")
        content = packed.getvalue()
    if error is None:
        assert isinstance(open_value(content), Text)  # text, if nothing else
        return
    with pytest.raises(error, match=message) as caught:
        open_value(content)
    assert type(caught.value) is error
    assert "Traceback" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_and_a_missing_file_say_so(tmp_path):
    with pytest.raises(MissingFile, match="is a folder; name a file in it"):
        open_value(tmp_path)
    with pytest.raises(MissingFile, match=r"there is no file .*nothing\.wav; check the name"):
        open_value(tmp_path / "nothing.wav")


@pytest.mark.parametrize(
    "name", ["a\0b.wav", "x" * 5_000, "x" * 5_000 + ".wav", "a/" * 3_000 + "b", "\ud800.wav", "\x1b[31mred.wav"]
)
def test_names_that_no_file_can_have_are_missing_files(name):
    with pytest.raises(MissingFile, match="there is no file") as caught:
        open_value(name)
    assert len(str(caught.value)) < 300
    assert "\x1b" not in str(caught.value)
    str(caught.value).encode()


def test_a_pipe_and_a_device_do_not_hang(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(MissingFile, match="no ordinary file; give its content through"):
            open_value(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(tmp_path):
    path = save(melody(0.1), tmp_path / "a.wav")
    path.chmod(0)
    with pytest.raises(MissingFile, match="no permission to read"):
        open_value(path)


def test_a_link_to_nowhere_and_a_loop_are_missing_files(tmp_path):
    for name, target in (("nowhere", "nothing"), ("loop", "loop")):
        (tmp_path / name).symlink_to(tmp_path / target)
        with pytest.raises(MissingFile):
            open_value(tmp_path / name)


@pytest.mark.parametrize("source", [None, 5, ["a.wav"], object()])
def test_a_source_of_another_type_is_refused(source):
    with pytest.raises(UsageError, match="can't open a value of type"):
        open_value(source)


def test_streams_that_give_text_or_nothing_or_break_are_refused():
    with pytest.raises(UsageError, match="binary mode"):
        open_value(io.StringIO("hello"))
    with pytest.raises(EmptyInput):
        open_value(io.BytesIO())
    closed = io.BytesIO(b"hello")
    closed.close()
    with pytest.raises(CorruptMedia, match="the stream can't be read"):
        open_value(closed)


def test_a_file_that_vanishes_after_a_look_is_missing(tmp_path):
    path = save(melody(0.1), tmp_path / "a.wav")
    found = look(path)
    path.unlink()
    with pytest.raises(MissingFile):
        decode(found)


def test_a_relative_path_to_a_video_holds_when_the_folder_changes(tmp_path, monkeypatch):
    save(film(5), tmp_path / "a.mp4")
    monkeypatch.chdir(tmp_path)
    video = open_value("a.mp4")
    monkeypatch.chdir("/")
    assert len(list(video.source.frames())) == 5


def test_a_recording_with_a_cover_is_sound_and_not_a_video(tmp_path):
    import av

    path = tmp_path / "album.mp3"
    with av.open(str(path), "w", "mp3") as container:
        stream = container.add_stream("libmp3lame", rate=16_000, layout="mono")
        cover = container.add_stream("png")
        cover.width, cover.height, cover.pix_fmt = 64, 48, "rgb24"
        cover.disposition = cover.disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame.from_ndarray(picture().pixels, format="rgb24")))
        frame = av.AudioFrame.from_ndarray(melody(0.5).samples.T.copy(), format="fltp", layout="mono")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert isinstance(open_value(path), Audio)


def test_looking_tells_the_length_of_sound_and_video(tmp_path):
    assert look(save(melody(2.0), tmp_path / "a.flac")).duration_s == pytest.approx(2.0)
    assert look(save(film(50), tmp_path / "a.mp4")).duration_s == pytest.approx(2.0)


def test_every_modality_has_formats_and_refuses_the_others():
    assert set(WRITABLE) == set(Modality)
    for modality, suffixes in WRITABLE.items():
        for suffix in suffixes:
            check_format(modality, Path(f"A.{suffix.upper()}"))
    for modality, name in (
        (Modality.IMAGE, "a.wav"),
        (Modality.TEXT, "a"),
        (Modality.TABLE, "a.xlsx"),
        (Modality.VIDEO, ".mp4"),
    ):
        with pytest.raises(UsageError, match="end the name in one of"):
            check_format(modality, Path(name))


def test_a_sidecar_holds_the_origin_of_text_and_tables(tmp_path):
    from vivavoce.media.origin import from_json

    for value, name in ((Text("hi", origin=TRAIL), "a.txt"), (Table(("a",), ((1,),), origin=TRAIL), "a.csv")):
        save(value, tmp_path / name, sidecar=True)
        assert from_json((tmp_path / f"{name}.origin.json").read_text("utf-8")) == TRAIL


def test_subtitles_of_a_text_without_times_cannot_be_written(tmp_path):
    for suffix in ("srt", "vtt", "tsv"):
        with pytest.raises(OutputError, match="no times, so it can't be written"):
            save(Text("hello"), tmp_path / f"a.{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", VALUES)
def test_written_files_have_the_rights_of_ordinary_ones(suffix, tmp_path):
    mask = os.umask(0o027)
    try:
        path = save(VALUES[suffix](), tmp_path / f"a.{suffix}")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_many_threads_may_open_and_save_at_once(tmp_path):
    failures = []

    def work(number):
        try:
            path = save(melody(0.2 + number / 10), tmp_path / f"{number}.flac")
            assert open_value(path).duration_s == pytest.approx(0.2 + number / 10)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_memory_that_runs_out_is_a_typed_error(monkeypatch):
    from vivavoce.media import audio_files

    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr(audio_files, "read_audio", exhausted)
    with pytest.raises(TooLarge, match="more memory than there is"):
        open_value(wav())


RECORDINGS = (
    "librispeech/*.opus",
    "aishell/*.opus",
    "fsdd/0_*_0.opus",
    "emodb/*a.opus",
    "esc10/*/*.opus",
    "wavefake/*/*",
)


@pytest.mark.data
@pytest.mark.parametrize("pattern", RECORDINGS)
def test_real_recordings_open(pattern, data):
    files = sorted(data.glob(pattern))[:5]
    assert files
    for file in files:
        value = open_value(file)
        assert isinstance(value, Audio)
        assert value.duration_s == pytest.approx(look(file).duration_s, abs=0.05)
        assert 0.001 < np.abs(value.samples).max() <= 1.5


@pytest.mark.data
def test_real_photographs_and_videos_open(data):
    for file in sorted(data.glob("coco/*.jpg"))[:5]:
        value = open_value(file)
        assert isinstance(value, Image)
        assert value.pixels.std() > 10
    for file in sorted(data.glob("grid/*.mpg"))[:3]:
        video = open_value(file)
        assert isinstance(video, Video)
        assert (video.width, video.height, video.fps) == (360, 288, 25.0)
        frames = list(video.source.frames())
        assert len(frames) == pytest.approx(video.duration_s * 25, abs=1)
        assert frames[0].pixels.shape == (288, 360, 3)
        assert video.source.sound().duration_s == pytest.approx(video.duration_s, abs=0.05)


def test_a_workbook_opens_as_a_table():
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>price</t></is></c></row><row r="2"><c r="A2"><v>3.0</v></c></row>'
    value = open_value(xlsx(rows))
    assert (value.columns, value.rows, value.title) == (("price",), ((3,),), "Prices")


def test_chinese_transcripts_survive_every_text_format(tmp_path):
    for suffix in ("srt", "vtt", "json"):
        after = open_value(save(CHINESE, tmp_path / f"a.{suffix}"))
        assert [s.text for s in after.segments] == [s.text for s in CHINESE.segments]
