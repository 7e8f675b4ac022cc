"""Row 6 of the threats: content that names other files or addresses opens none of them."""

import struct
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import av
import pytest

from media.makers import content_of, film, melody
from vivavoce.errors import CorruptMedia, UnsupportedFormat, VivavoceError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save
from vivavoce.media.text import Text


@pytest.fixture
def canary(tmp_path):
    """Return an address that counts its visitors, a local recording that must not be read, and the count."""
    hits = []

    class Visited(BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802  # the name is the library's
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    secret = save(melody(1.0), tmp_path / "secret.wav")
    with HTTPServer(("127.0.0.1", 0), Visited) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/canary.wav", secret, hits
        server.shutdown()
        thread.join()


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:1.0,\n{entry}\n#EXT-X-ENDLIST\n",
    "hls after a mark": "\ufeff#EXTM3U\n#EXTINF:1.0,\n{entry}\n",
    "concat": "ffconcat version 1.0\nfile '{entry}'\n",
    "pls": "[playlist]\nFile1={entry}\nNumberOfEntries=1\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet>'
    "<Representation><BaseURL>{entry}</BaseURL></Representation></AdaptationSet></Period></MPD>\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("name", ["list.mp4", "list.wav", "list.m3u8", "list.txt"])
def test_playlists_are_refused_whatever_their_name(kind, name, canary, tmp_path):
    address, secret, hits = canary
    for entry in (
        address,
        str(secret),
        f"file://{secret}",
        f"concat:{secret}|{secret}",
        f"subfile,,start,0,end,0,,:{secret}",
    ):
        path = tmp_path / name
        path.write_text(PLAYLISTS[kind].format(entry=entry))
        for source in (path, path.read_bytes()):
            with pytest.raises(UnsupportedFormat, match="playlist"):
                open_value(source)
    assert hits == []


@pytest.mark.parametrize(
    "disguise",
    [
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"ID3\x04\0\0\0\0\0\0",
        b"fLaC",
        b"\x1a\x45\xdf\xa3",
    ],
)
def test_a_playlist_behind_the_first_bytes_of_another_format_is_not_followed(disguise, canary):
    address, _, hits = canary
    with pytest.raises(VivavoceError):
        open_value(disguise + b"\n" + PLAYLISTS["hls"].format(entry=address).encode())
    assert hits == []


def test_a_list_without_a_playlist_header_is_only_text(canary):
    address, secret, hits = canary
    value = open_value(f"file '{secret}'\nfile '{address}'\n".encode())
    assert isinstance(value, Text)
    assert hits == []


def box(kind, *bodies):
    content = b"".join(bodies)
    return struct.pack(">I", 8 + len(content)) + kind + content


def referring(content, url):
    """Return an MP4 whose sound track says that its samples lie at `url` instead of in the file itself."""
    at = content.index(b"dref")
    old_size = struct.unpack(">I", content[at - 4 : at])[0]
    entry = box(b"url ", b"\0\0\0\0", url.encode() + b"\0")
    new = box(b"dref", b"\0\0\0\0\0\0\0\x01", entry)
    grown = len(new) - old_size
    changed = bytearray(content[: at - 4] + new + content[at - 4 + old_size :])
    for parent in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        where = content.rindex(parent, 0, at) - 4
        changed[where : where + 4] = struct.pack(">I", struct.unpack(">I", content[where : where + 4])[0] + grown)
    return bytes(changed)


@pytest.mark.parametrize("suffix", ["m4a", "mov"])
def test_external_data_of_a_quicktime_file_is_not_fetched(suffix, canary, tmp_path):
    address, secret, hits = canary
    value = melody(1.0) if suffix == "m4a" else film(25, audio=melody(1.0))
    content = content_of(value, suffix, tmp_path)
    assert len(referring(content, "x")) != len(content)
    for url in (address, f"file://{secret}", str(secret)):
        try:
            opened = open_value(referring(content, url))
            sound = opened if isinstance(opened, Audio) else opened.source.sound()
        except CorruptMedia:
            continue
        assert sound is None or sound.duration_s < 1.1  # what lies in the file itself, if anything
    assert hits == []


def test_the_canary_does_count_the_visits_of_a_careless_reader(canary, tmp_path):
    address, _, hits = canary
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(PLAYLISTS["hls"].format(entry=address))
    careless = {"allowed_extensions": "ALL", "extension_picky": "0", "protocol_whitelist": "file,http,tcp"}
    with suppress(av.error.FFmpegError), av.open(str(playlist), container_options=careless):
        pass
    assert hits


def test_an_address_is_no_path():
    with pytest.raises(VivavoceError, match="is an address, not a file; download it"):
        open_value("http://127.0.0.1/a.wav")
