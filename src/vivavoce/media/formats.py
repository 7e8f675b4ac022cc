"""The formats that can be read and written, and how content is told apart: by its first bytes, never by its name."""

from dataclasses import dataclass

from vivavoce.errors import UnsupportedFormat, UsageError
from vivavoce.media.modality import Modality


@dataclass(frozen=True)
class AudioFormat:
    """How a sound file is written: muxer, codec, sample format, and the only rates the codec takes, if any."""

    muxer: str
    codec: str
    sample_format: str
    rates_hz: tuple[int, ...] = ()
    bit_rate: int | None = None


OPUS_RATES_HZ = (8_000, 12_000, 16_000, 24_000, 48_000)
MP3_RATES_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
AAC_RATES_HZ = (*MP3_RATES_HZ, 64_000, 88_200, 96_000)

AUDIO_FORMATS = {
    "wav": AudioFormat("wav", "pcm_s16le", "s16"),
    "flac": AudioFormat("flac", "flac", "s16"),
    "mp3": AudioFormat("mp3", "libmp3lame", "fltp", MP3_RATES_HZ, 128_000),
    "ogg": AudioFormat("ogg", "libopus", "flt", OPUS_RATES_HZ, 64_000),
    "opus": AudioFormat("ogg", "libopus", "flt", OPUS_RATES_HZ, 64_000),
    "m4a": AudioFormat("ipod", "aac", "fltp", AAC_RATES_HZ, 96_000),
    "weba": AudioFormat("webm", "libopus", "flt", OPUS_RATES_HZ, 64_000),
}


@dataclass(frozen=True)
class VideoFormat:
    """How a video file is written: FFmpeg muxer, picture, sound and subtitle codecs."""

    muxer: str
    picture_codec: str
    sound: str
    subtitle_codec: str


VIDEO_FORMATS = {
    "mp4": VideoFormat("mp4", "libx264", "m4a", "mov_text"),
    "m4v": VideoFormat("mp4", "libx264", "m4a", "mov_text"),
    "mov": VideoFormat("mov", "libx264", "m4a", "mov_text"),
    "mkv": VideoFormat("matroska", "libx264", "m4a", "subrip"),
    "webm": VideoFormat("webm", "libvpx-vp9", "weba", "webvtt"),
}

IMAGE_FORMATS = {
    "png": "PNG",
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "webp": "WEBP",
    "gif": "GIF",
    "bmp": "BMP",
    "tif": "TIFF",
    "tiff": "TIFF",
}
TEXT_FORMATS = ("txt", "md", "srt", "vtt", "json")
TABLE_FORMATS = ("csv", "tsv", "json")
MESH_FORMATS = ("glb", "ply")

SUFFIXES: dict[str, Modality] = {
    **dict.fromkeys(TABLE_FORMATS, Modality.TABLE),
    **dict.fromkeys(TEXT_FORMATS, Modality.TEXT),  # .json is a transcript unless a table is asked for
    **dict.fromkeys(AUDIO_FORMATS, Modality.SPEECH),
    **dict.fromkeys(IMAGE_FORMATS, Modality.IMAGE),
    **dict.fromkeys(VIDEO_FORMATS, Modality.VIDEO),
    **dict.fromkeys(MESH_FORMATS, Modality.MESH),
}


def modality_of_suffix(name: str) -> Modality:
    """Return what a target called `name` should hold; raise UsageError if its ending says nothing."""
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix not in SUFFIXES:
        raise UsageError(
            "can't tell from the name “{name}” what to write; end it in one of {known}",
            name=name,
            known=" ".join(f".{known}" for known in SUFFIXES),
        )
    return SUFFIXES[suffix]


# Decoders that content from anywhere may reach; rarer ones are where the holes in media libraries are found.
SOUND_DECODERS = frozenset(
    "pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_u8 pcm_s8 pcm_f32le pcm_f32be pcm_f64le "
    "pcm_f64be pcm_alaw pcm_mulaw adpcm_ms adpcm_ima_wav adpcm_ima_qt flac alac mp3 mp3float mp2 mp2float aac ac3 "
    "eac3 vorbis opus libopus amrnb amrwb".split()
)
PICTURE_DECODERS = frozenset(
    "h264 hevc vp8 vp9 libvpx libvpx-vp9 av1 libdav1d mpeg1video mpeg2video mpeg4 mjpeg h263 theora prores".split()
)
SUBTITLE_DECODERS = frozenset("mov_text subrip srt webvtt ass ssa".split())
DECODERS = SOUND_DECODERS | PICTURE_DECODERS | SUBTITLE_DECODERS


@dataclass(frozen=True)
class Sniffed:
    """What the first bytes say: `family` is "av", "image", "mesh", "xlsx" or "text"; `name` the reader of it."""

    family: str
    name: str


# A demuxer is always named to FFmpeg, so that it never guesses a playlist format (HLS, concat, DASH), which would
# open other files and addresses.
MAGIC: tuple[tuple[int, bytes, Sniffed], ...] = (
    (0, b"fLaC", Sniffed("av", "flac")),
    (0, b"OggS\x00", Sniffed("av", "ogg")),
    (0, b"\x1a\x45\xdf\xa3", Sniffed("av", "matroska")),
    (0, b"\x00\x00\x01\xba", Sniffed("av", "mpeg")),
    (0, b"\x89PNG\r\n\x1a\n", Sniffed("image", "PNG")),
    (0, b"\xff\xd8\xff", Sniffed("image", "JPEG")),
    (0, b"GIF87a", Sniffed("image", "GIF")),
    (0, b"GIF89a", Sniffed("image", "GIF")),
    (0, b"II*\x00", Sniffed("image", "TIFF")),
    (0, b"MM\x00*", Sniffed("image", "TIFF")),
    (0, b"PK\x03\x04", Sniffed("xlsx", "xlsx")),
    (0, b"glTF", Sniffed("mesh", "glb")),
    (0, b"ply\nformat ", Sniffed("mesh", "ply")),
    (0, b"ply\r\nformat ", Sniffed("mesh", "ply")),
)
CHUNKED = {
    (b"RIFF", b"WAVE"): Sniffed("av", "wav"),
    (b"RF64", b"WAVE"): Sniffed("av", "wav"),
    (b"RIFF", b"AVI "): Sniffed("av", "avi"),
    (b"RIFF", b"WEBP"): Sniffed("image", "WEBP"),
    (b"FORM", b"AIFF"): Sniffed("av", "aiff"),
    (b"FORM", b"AIFC"): Sniffed("av", "aiff"),
}
MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
BMP_HEADER_BYTES = (12, 40, 52, 56, 64, 108, 124)
UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def sniff(head: bytes) -> Sniffed:
    """Tell the format from the first bytes (a kilobyte or so); raise UnsupportedFormat for any that is not listed."""
    found = _by_magic(head) or _by_structure(head)
    if found:
        return found
    _refuse_known(head)
    if b"\x00" in head and not head.startswith(UNICODE_MARKS):
        raise UnsupportedFormat(
            "the content is in no known format (it begins with the bytes {head}); save it in a common one",
            head=head[:8].hex(" "),
        )
    return Sniffed("text", "text")


def _by_magic(head: bytes) -> Sniffed | None:
    for offset, magic, found in MAGIC:
        if head.startswith(magic, offset):
            return found
    return CHUNKED.get((head[:4], head[8:12]))


def _by_structure(head: bytes) -> Sniffed | None:
    """Know formats whose first letters could also begin a text ("BM", "ID3") by what must follow them."""
    if head[4:8] in MP4_BOXES and 0 in head[:3]:
        if head[4:8] == b"ftyp" and head[8:12] in STILL_BRANDS:
            raise UnsupportedFormat("this is a HEIC or AVIF photo, which can't be read; export it as JPEG or PNG")
        return Sniffed("av", "mp4")
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in BMP_HEADER_BYTES:
        return Sniffed("image", "BMP")
    if head[:3] == b"ID3" and len(head) > 9 and head[3] in (2, 3, 4) and max(head[6:10]) < 0x80:
        return Sniffed("av", "mp3")
    if _mpeg_audio_frame(head):
        return Sniffed("av", "mp3")
    if head[:2] in (b"\xff\xf1", b"\xff\xf9"):  # ADTS
        return Sniffed("av", "aac")
    return None


def _mpeg_audio_frame(head: bytes) -> bool:
    """Say whether a frame of MPEG audio, layer III or II, begins here, with no forbidden version or rate."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    return version != 1 and layer in (1, 2) and head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3


def _refuse_known(head: bytes) -> None:
    """Raise UnsupportedFormat, with the remedy, for well-known formats that are not on the list."""
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith((b"#EXTM3U", b"ffconcat ", b"[playlist]")) or b"<MPD" in start[:1024]:
        raise UnsupportedFormat("this is a playlist, not a recording; give the recordings it lists")
    if start.startswith(b"%PDF"):
        raise UnsupportedFormat("this is a PDF, which can't be read; print its pages to images first")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UnsupportedFormat("this is an old or password-protected Office file; save it as .xlsx without a password")
    if head.startswith(b"\x7fELF") or (head.startswith(b"MZ") and b"\x00" in head):
        raise UnsupportedFormat("this is a program, not media; check the file")
    if head.startswith((b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"Rar!\x1a", b"PK\x05\x06", b"BZh9", b"\xfd7zXZ")):
        raise UnsupportedFormat("this is an archive; unpack it and give the files in it")
