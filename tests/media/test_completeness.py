"""Files cut short: an error that says so, or, where nothing tells the length, what there is of the content."""

import struct

import pytest

from media.makers import TRANSCRIPT, content_of, film, melody, picture, wav, xlsx
from vivavoce.errors import CorruptMedia, VivavoceError
from vivavoce.media.gateway import open_value, save
from vivavoce.media.table import Table

SHARES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.999)
SOUND = ("wav", "flac", "mp3", "ogg", "opus", "m4a", "weba")
PICTURES = ("png", "jpg", "webp", "gif", "bmp", "tiff")
FILMS = ("mp4", "mov", "mkv", "webm")
ROWS = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 300))


def cut(content, share):
    return content[: max(1, int(len(content) * share))]


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("suffix", SOUND)
def test_cut_sound_is_damaged_or_nearly_whole(suffix, share, tmp_path):
    whole = content_of(melody(3.0), suffix, tmp_path)
    try:
        value = open_value(cut(whole, share))
    except CorruptMedia as error:
        assert "cut short" in str(error) or "damaged" in str(error)
    else:
        assert suffix == "mp3"  # its note of the length is not exact
        assert value.duration_s > 0.75 * 3.0


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("suffix", FILMS)
def test_cut_video_is_damaged(suffix, share, tmp_path):
    whole = content_of(film(60, audio=melody(2.4)), suffix, tmp_path)
    with pytest.raises(CorruptMedia, match="cut short|damaged"):
        open_value(cut(whole, share))


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("suffix", PICTURES)
def test_cut_pictures_are_damaged(suffix, share, tmp_path):
    whole = content_of(picture(200, 150), suffix, tmp_path)
    try:
        value = open_value(cut(whole, share))
    except VivavoceError as error:
        assert type(error) is CorruptMedia or share < 0.1  # too little is left to tell the format
    else:
        assert value.digest() == open_value(whole).digest()  # only the mark of the end is missing


@pytest.mark.parametrize("share", SHARES)
def test_a_cut_workbook_is_damaged(share):
    with pytest.raises(CorruptMedia, match="xlsx content is damaged"):
        open_value(cut(xlsx(ROWS), share))


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("suffix", ["srt", "vtt", "json", "csv"])
def test_cut_text_is_shorter_or_damaged_but_never_a_surprise(suffix, share, tmp_path):
    value = Table(("name", "price"), (("tea", 1.5), ("咖啡", 2))) if suffix == "csv" else TRANSCRIPT
    path = tmp_path / f"cut.{suffix}"
    path.write_bytes(cut(content_of(value, suffix, tmp_path), share))
    try:
        opened = open_value(path)
    except VivavoceError as error:
        assert len(str(error)) > 30
    else:
        assert suffix != "json" or share > 0.99  # the last line end
        assert isinstance(opened, type(value))


@pytest.mark.parametrize("suffix", ["wav", "mp3", "m4a", "weba", "mp4", "mkv"])
def test_padding_after_the_end_does_no_harm(suffix, tmp_path):
    whole = content_of(film(10) if suffix in FILMS else melody(0.4), suffix, tmp_path)
    assert open_value(whole + b"\0" * 100).modality is open_value(whole).modality


def test_a_recording_that_never_learned_its_length_opens(tmp_path):
    matroska = bytearray(content_of(melody(1.0), "weba", tmp_path))
    segment = matroska.index(b"\x18\x53\x80\x67")
    matroska[segment + 4 : segment + 12] = b"\x01" + b"\xff" * 7  # "until the end", as browsers record
    assert open_value(bytes(matroska)).duration_s == pytest.approx(1.0, abs=0.02)
    assert open_value(bytes(matroska[: len(matroska) // 2 + 200])).duration_s > 0.2
    endless = wav(b"\0\x10" * 8_000)
    endless = endless[:4] + struct.pack("<I", 0x7FFF_FFFF) + endless[8:]
    assert open_value(endless).duration_s == 1.0


def test_the_message_gives_both_lengths(tmp_path):
    whole = content_of(melody(1.0), "wav", tmp_path)
    with pytest.raises(CorruptMedia, match=r"it should have 32,\d\d\d bytes and has 1,000; get it again"):
        open_value(whole[:1_000])


def test_mp3_without_a_note_of_its_length_opens_as_far_as_it_goes(tmp_path):
    whole = content_of(melody(3.0), "mp3", tmp_path)
    second_frame = whole.index(whole[whole.index(b"\xff\xf3") :][:2], whole.index(b"Info") + 150)
    assert open_value(whole[second_frame : len(whole) // 2]).duration_s > 1.0


def test_saving_and_reading_agree_on_what_is_whole(tmp_path):
    for suffix in FILMS:
        assert open_value(save(film(3), tmp_path / f"a.{suffix}")).duration_s > 0
