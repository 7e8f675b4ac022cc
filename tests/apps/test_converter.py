import numpy as np
import pytest

from vivavoce.apps.converter import Converter, Job
from vivavoce.engines.catalog import Catalog
from vivavoce.engines.contract import State, Trait, port
from vivavoce.engines.options import FilmOptions, Preferences, Voice
from vivavoce.errors import NoRoute, NothingFound, NotReady, RouteFailed, TooLarge, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save
from vivavoce.media.image import Image
from vivavoce.media.limits import Limits
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text
from vivavoce.routes.route import Wishes

ENGLISH = Text("Good morning everybody. The train leaves at nine.", "en")


@pytest.fixture(scope="module")
def converter():
    with Converter() as one:
        yield one


def engines(value):
    return [step.engine for step in value.origin if not step.failure]


def test_a_spoken_text_comes_back_word_for_word_without_being_recognised(converter):
    speech = converter.run([ENGLISH], Job(to=Modality.SPEECH))
    text = converter.run([speech], Job(to=port(Modality.TEXT, Trait.TIMED)))
    assert text.text == ENGLISH.text
    assert engines(text)[-1] == "spoken-words"
    assert text.segments[-1].end_s == pytest.approx(speech.duration_s, abs=0.05)


def test_speech_that_went_through_a_file_is_recognised(converter, tmp_path):
    speech = converter.run([ENGLISH], Job(to=Modality.SPEECH, preferences=Preferences(voice=Voice(rate=0.9))))
    file = save(speech, tmp_path / "a.flac")
    text = converter.run([file], Job(to=Modality.TEXT))
    words = set(text.text.lower().split())
    assert len(words & {"good", "morning", "everybody", "the", "train", "leaves", "at", "nine"}) >= 5
    assert engines(text)[-1] == "pocketsphinx"
    assert engines(text)[0] == engines(speech)[0]  # the file kept its trail


def test_the_language_of_a_text_decides_the_voice(converter):
    chinese = converter.run([Text("你好，世界")], Job(to=Modality.SPEECH))
    assert chinese.transcript.language == "zh"
    assert engines(chinese) == ["espeak"]


def test_a_photograph_without_text_is_described_after_reading_failed(converter):
    ramp = np.linspace(0, 255, 320, dtype=np.uint8)
    picture = Image(np.stack([np.tile(ramp, (240, 1))] * 3, axis=2))
    text = converter.run([picture], Job(to=Modality.TEXT))
    failed = [step for step in text.origin if step.failure]
    assert [step.engine for step in failed] == ["rapidocr"]
    assert engines(text) == ["basic-describer"]


def test_a_named_voice_finds_the_engine_that_has_it(converter):
    wishes = Preferences(voice=Voice(name="en-gb"))
    speech = converter.run([ENGLISH], Job(to=Modality.SPEECH, preferences=wishes))
    assert engines(speech) == ["espeak"]


def test_what_was_made_before_a_failure_is_kept_and_named(converter, tmp_path):
    only = Catalog({name: converter.engines[name] for name in ("langid", "table-summary", "flite", "espeak")})
    from vivavoce.media.table import Table

    table = Table(("城市", "价格"), (("北京", 3), ("上海", 4)))
    with Converter(only) as narrow, pytest.raises(RouteFailed, match="kept in") as error:
        job = Job(to=Modality.SPEECH, to_language="zh", preferences=Preferences(voice=Voice(name="nobody")))
        narrow.run([table], job)
    (kept,) = error.value.artefacts
    assert kept.name == "1-table-summary.txt"
    assert "北京" in kept.read_text()


def test_a_film_is_drawn_in_the_size_asked_for_with_both_kinds_of_subtitles(converter, tmp_path):
    film = Preferences(film=FilmOptions(width=640, height=360))
    video = converter.run([ENGLISH], Job(to=Modality.VIDEO, preferences=film))
    reopened = open_value(save(video, tmp_path / "a.mp4"))
    assert (reopened.width, reopened.height) == (640, 360)
    assert "train leaves" in reopened.subtitles.text
    assert reopened.duration_s == pytest.approx(video.duration_s, abs=0.2)
    assert converter.run([reopened], Job(to=port(Modality.TEXT, Trait.TIMED))).text == reopened.subtitles.text


def test_a_recording_is_decoded_straight_to_what_the_recogniser_hears(converter, tmp_path, monkeypatch):
    speech = converter.run([ENGLISH], Job(to=Modality.SPEECH)).resampled(48_000)
    file = save(Audio(np.repeat(speech.samples, 2, axis=1), 48_000), tmp_path / "a.wav")
    seen = []
    original = Audio.at
    monkeypatch.setattr(
        Audio, "at", lambda self, rate_hz: seen.append((self.rate_hz, self.channels)) or original(self, rate_hz)
    )
    converter.run([file], Job(to=Modality.TEXT))
    assert seen and set(seen) == {(16_000, 1)}


def test_parts_stream_out_as_they_are_made(converter):
    parts = converter.stream([Text("One. Two. Three. Four.", "en")], Job(to=Modality.SPEECH))
    assert next(parts).transcript.text == "One."
    assert len(list(parts)) == 3


def test_what_is_missing_is_named_before_anything_is_done(converter, tmp_path):
    file = save(converter.run([ENGLISH], Job(to=Modality.SPEECH)), tmp_path / "a.wav")
    with pytest.raises(NotReady, match=r"faster-whisper-small \(486 MB, MIT\).*viva models pull faster-whisper-small"):
        converter.run([file], Job(to=Modality.TEXT, language="zh"))
    with pytest.raises(NoRoute):
        converter.run([file], Job(to=Modality.TEXT, language="zh", wishes=Wishes(offline=True)))


def test_a_bare_modality_can_be_planned_and_not_run(converter):
    assert converter.plan([Audio], Job(to=Image)).hops
    assert converter.plan(["audio", "image"], Job(to="speech")).lacks
    with pytest.raises(UsageError, match="bare modality"):
        converter.run([Modality.SPEECH], Job(to=Modality.TEXT))
    with pytest.raises(UsageError, match="smell"):
        converter.plan(["smell"], Job(to="text"))


def test_limits_of_the_converter_hold_for_files(tmp_path):
    file = save(Audio(np.zeros((16_000, 1), np.float32), 16_000), tmp_path / "a.wav")
    with Converter(limits=Limits(max_duration_s=0.5)) as strict, pytest.raises(TooLarge):
        strict.run([file], Job(to=Modality.TEXT))


def test_silence_says_so_and_keeps_nothing(converter):
    with pytest.raises(NothingFound, match="no speech"):
        converter.run([Audio(np.zeros((16_000, 1), np.float32), 16_000)], Job(to=Modality.TEXT))


def test_identical_state_needs_no_engine(converter):
    assert converter.run([ENGLISH], Job(to=State(Modality.TEXT))) is ENGLISH
