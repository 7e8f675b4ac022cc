"""Subtitle tracks inside video files: FFmpeg has no text encoder that PyAV could drive, so packets are made by hand."""

import html
import re
import tomllib
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from vivavoce.media.container_files import start_s
from vivavoce.media.formats import SUBTITLE_DECODERS
from vivavoce.media.subtitles import cues, one_line_each
from vivavoce.media.text import Segment, Text

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer, OutputContainer
    from av.stream import Stream

MILLISECONDS = Fraction(1, 1000)
SHORTEST_CUE_S = 0.1
ASS_FIELDS = 8  # ReadOrder, Layer, Style, Name, MarginL, MarginR, MarginV, Effect; then the text
MAX_CUES = 200_000


def read_embedded(container: "InputContainer") -> Text | None:
    """Read the first track of text subtitles, None if there is none; leave the container at its start."""
    track = next((s for s in container.streams.subtitles if _codec(s) in SUBTITLE_DECODERS), None)
    if track is None:
        return None
    from av.stream import Discard

    kept = [(stream, stream.discard) for stream in container.streams if stream.index != track.index]
    for stream, _ in kept:
        stream.discard = Discard.all  # a film of gigabytes need not be read for its subtitles
    container.seek(0)
    segments: list[Segment] = []
    zero_s = start_s(container)
    for packet in container.demux(track):
        line = _line(bytes(packet), _codec(track))
        if packet.pts is not None and line and len(segments) < MAX_CUES:
            begins_s = max(0.0, float(packet.pts * packet.time_base) - zero_s)
            lasts_s = max(0.0, float((packet.duration or 0) * packet.time_base))
            segments.append(Segment(line, begins_s, begins_s + lasts_s))
    for stream, discard in kept:
        stream.discard = discard
    container.seek(0)
    language = _two_letters().get(track.language or "")
    return Text.from_segments(segments, language) if segments else None


def _codec(track: "Stream") -> str:
    context = track.codec_context
    return context.name if context is not None else "unknown"


def _line(body: bytes, codec: str) -> str:
    """Return the text of a packet without its mark-up, on one line."""
    if codec == "mov_text":  # two bytes of length, the text, then boxes of style
        body = body[2 : 2 + int.from_bytes(body[:2], "big")]
    line = body.decode("utf-8", "replace").replace("\x00", "")
    if codec in ("ass", "ssa"):
        line = re.sub(r"\{[^{}]*\}", "", line.split(",", ASS_FIELDS)[-1]).replace("\\N", " ").replace("\\n", " ")
    elif codec != "mov_text":
        line = html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", line))
    return " ".join(line.split())


def add_subtitles(container: "OutputContainer", subtitles: Text | None, codec: str) -> "list[Packet[Stream]]":
    """Add a subtitle track and return its packets in order; none for a text without times."""
    if subtitles is None or not subtitles.segments:
        return []
    stream = container.add_mux_stream(codec)
    stream.metadata["language"] = _three_letters(container.format.name).get(subtitles.language or "", "und")
    stream.time_base = MILLISECONDS
    packets, free_from_s = [], 0.0
    for cue in sorted(cues(subtitles), key=lambda cue: cue.start_s):
        text = one_line_each(cue.text)
        if text:
            begins_s = max(cue.start_s, free_from_s)
            free_from_s = max(cue.end_s, begins_s + SHORTEST_CUE_S)
            packets.append(_packet(stream, text, begins_s, free_from_s, codec))
    return packets


def _packet(stream: "Stream", text: str, begins_s: float, ends_s: float, codec: str) -> "Packet[Stream]":
    from av import Packet

    if codec != "mov_text":
        text = html.escape(text, quote=False)
    body = text.encode()[:0xFFFF].decode("utf-8", "ignore").encode()
    packet: Packet[Stream] = Packet(len(body).to_bytes(2, "big") + body if codec == "mov_text" else body)
    packet.stream, packet.time_base = stream, MILLISECONDS
    packet.pts = packet.dts = round(begins_s * 1000)
    packet.duration = round((ends_s - begins_s) * 1000)
    return packet


@cache
def _table(name: str) -> dict[str, str]:
    content = resources.files("vivavoce.media").joinpath("languages.toml").read_text("utf-8")
    return {str(two): str(three) for two, three in tomllib.loads(content)[name].items()}


def _three_letters(muxer: str) -> dict[str, str]:
    """Map ISO 639-1 codes to those that a container knows; QuickTime has a list of its own."""
    return _table("terminology") | (_table("quicktime") if muxer == "mov" else {})


@cache
def _two_letters() -> dict[str, str]:
    tables = ("terminology", "bibliography", "quicktime")
    return {three: two for name in tables for two, three in _table(name).items()}
