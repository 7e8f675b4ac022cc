from dataclasses import replace

import numpy as np
import pytest

from vivavoce.engines.film.waveform import CaptionedWaveform
from vivavoce.engines.options import FilmOptions
from vivavoce.engines.unpack.subtitles import SubtitleTrack
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save
from vivavoce.media.text import Segment, Text


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    transcript = Text.from_segments([Segment("你好。", 0.2, 0.8), Segment("再见。", 1.0, 1.6)], "zh")
    with CaptionedWaveform().open("cpu") as film:
        made = film(Audio(np.zeros(32_000, np.float32), 16_000), transcript, FilmOptions(width=64, height=64, fps=5))
    return open_value(save(made, tmp_path_factory.mktemp("film") / "hello.mp4"))


def test_subtitles_come_out_of_the_file_with_their_times(video):
    with SubtitleTrack().open("cpu") as unpack:
        text = unpack(video, None)
    assert [s.text for s in text.segments] == ["你好。", "再见。"]
    assert [s.start_s for s in text.segments] == pytest.approx([0.2, 1.0], abs=0.01)


def test_a_video_without_subtitles_is_an_error(video):
    with SubtitleTrack().open("cpu") as unpack, pytest.raises(NothingFound, match="no subtitle track"):
        unpack(replace(video, subtitles=None), None)
