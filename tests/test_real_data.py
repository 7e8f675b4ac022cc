"""Recordings, photographs and videos as people have them go through with nothing done by hand."""

import pytest

import vivavoce as vv

pytestmark = pytest.mark.data

SPEECH = {
    "librispeech/*.opus": "en",
    "asr/en/**/*.opus": "en",
    "speechocean762/**/*.opus": "en",
    "fsdd/*.opus": "en",
    "ravdess/*.opus": "en",
    "wavefake/**/*.opus": "en",
}


def first(data, pattern, count=1):
    files = sorted(data.glob(pattern))[:count]
    if not files:
        pytest.skip(f"no {pattern} in the data folder")
    return files


@pytest.mark.parametrize("pattern", SPEECH)
def test_english_recordings_are_written_down_with_times_inside_them(data, pattern):
    (file,) = first(data, pattern)
    audio = vv.open(file)
    text = vv.transcribe(file, language=SPEECH[pattern])
    assert text.text
    assert all(0 <= s.start_s <= s.end_s <= audio.duration_s + 0.05 for s in text.segments)


def test_mandarin_recordings_name_the_model_to_pull(data):
    (file,) = first(data, "aishell/*.opus")
    with pytest.raises(vv.VivavoceError, match="viva models pull faster-whisper-small"):
        vv.transcribe(file, language="zh")


@pytest.mark.parametrize("number", range(3))
def test_photographs_are_described_in_both_languages(data, number):
    file = first(data, "coco/*.jpg", 3)[number]
    english, chinese = vv.describe(file, language="en"), vv.describe(file, language="zh")
    image = vv.open(file)
    for text in (english, chinese):
        assert str(image.width) in text.text and str(image.height) in text.text


@pytest.mark.parametrize("number", range(3))
def test_videos_give_subtitles_sound_pictures_and_tables(data, number, tmp_path):
    file = first(data, "grid/*.mpg", 3)[number]
    video = vv.open(file)
    assert vv.convert(file, to="speech").duration_s == pytest.approx(video.duration_s, abs=0.3)
    assert vv.convert(file, to="image").width == 1280
    assert vv.convert(file, to="table").rows
    saved = vv.save(vv.convert(file, to="text"), tmp_path / "words.srt")
    assert "-->" in saved.read_text()
