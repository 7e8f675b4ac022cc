"""Telling formats apart by their first bytes."""

import pytest

from vivavoce.errors import UnsupportedFormat, UsageError
from vivavoce.media.formats import Sniffed, modality_of_suffix, sniff
from vivavoce.media.modality import Modality, parse_modality


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"fLaC\0\0\0\x22", "flac"),
        (b"OggS\0\x02", "ogg"),
        (b"ID3\x04\0\0\0\0\x0f\x76", "mp3"),
        (b"\xff\xfb\x90\x64\0", "mp3"),
        (b"\xff\xf3\x40\xc4\0", "mp3"),
        (b"\xff\xfd\x44\0\0", "mp3"),
        (b"\xff\xf1\x50\x80\0", "aac"),
        (b"\0\0\0\x20ftypM4A ", "mp4"),
        (b"\0\0\x10\0moov", "mp4"),
        (b"RF64\xff\xff\xff\xffWAVE", "wav"),
        (b"FORM\0\0\x10\0AIFF", "aiff"),
        (b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "BMP"),
        (b"\xff\xfeh\0i\0", "text"),
        (b"ID3 tags", "text"),
        (b"BMW", "text"),
        (b"xxxxftypo", "text"),
        (b"\xff\xff\xff\xff", "text"),
        (b"a", "text"),
    ],
)
def test_first_bytes_tell_the_format(head, name):
    assert sniff(head).name == name


def test_a_still_photo_in_a_film_container_is_refused():
    for brand in (b"heic", b"mif1", b"avif"):
        with pytest.raises(UnsupportedFormat, match="export it as JPEG"):
            sniff(b"\0\0\0\x1cftyp" + brand)


def test_families_are_told():
    assert sniff(b"PK\x03\x04") == Sniffed("xlsx", "xlsx")
    assert sniff(b"GIF89a").family == "image"


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("a.MP3", "speech"),
        ("b.c.srt", "text"),
        ("a.csv", "table"),
        ("a.json", "text"),
        ("x.jpeg", "image"),
        ("x.mkv", "video"),
    ],
)
def test_the_ending_of_a_target_tells_its_modality(name, modality):
    assert modality_of_suffix(name) == modality


@pytest.mark.parametrize("name", ["", "mp3", "a.", "a.doc", "a.mp3 "])
def test_other_endings_are_refused(name):
    with pytest.raises(UsageError, match="end it in one of"):
        modality_of_suffix(name)


@pytest.mark.parametrize(
    ("word", "modality"),
    [("speech", Modality.SPEECH), (" Audio ", Modality.SPEECH), ("photo", Modality.IMAGE), ("TABLE", Modality.TABLE)],
)
def test_modalities_have_names_and_aliases(word, modality):
    assert parse_modality(word) is modality


def test_an_unknown_modality_lists_the_known_ones():
    with pytest.raises(UsageError, match="modality “smell”; choose one of text, speech, image, video, table"):
        parse_modality("smell")
