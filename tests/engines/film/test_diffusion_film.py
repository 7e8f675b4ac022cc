"""On checkpoints with random weights: what is filmed means nothing; wiring, frames, rates and errors are tested."""

from dataclasses import replace

import numpy as np
import pytest

from tiny import draw
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.film.diffusion import MODEL_TYPES, VideoDiffusion, engines, families
from vivavoce.engines.film.drawn import Canvas
from vivavoce.engines.options import FilmOptions
from vivavoce.errors import EmptyInput, EngineError, NotReady, UnsupportedLanguage
from vivavoce.media.gateway import open_value, save
from vivavoce.media.text import Text

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
KINDS = {"ltx": "LTXPipeline", "wan": "WanPipeline", "cogvideox": "CogVideoXPipeline"}
FOX = Text("a fox runs", "en")
SMALL = FilmOptions(width=64, height=64)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    found = {}

    def find(name):
        if name not in found:
            folder = getattr(draw, name)(tmp_path_factory.mktemp(name))
            found[name] = Checkpoint(alias=name, engine="tiny", folder=str(folder), languages=("en",))
        return found[name]

    return find


@pytest.mark.parametrize("name", KINDS)
def test_a_film_is_what_diffusers_makes_with_the_same_weights_and_can_be_saved(name, checkpoint, tmp_path):
    import diffusers
    import torch

    (engine,) = engines(checkpoint(name))
    with replace(engine, frames=9, steps=2).open("cpu") as film:
        torch.manual_seed(3)
        video = film(FOX, SMALL)
    family = families()[KINDS[name]]
    pipeline = getattr(diffusers, KINDS[name]).from_pretrained(checkpoint(name).folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    torch.manual_seed(3)
    rate = {"frame_rate": family.fps} if name == "ltx" else {}
    wanted = pipeline(
        FOX.text, width=64, height=64, num_frames=9, num_inference_steps=2, output_type="np", **rate,
        guidance_scale=family.guidance, max_sequence_length=family.tokens,
    ).frames[0]  # fmt: skip
    frames = [frame.pixels for frame in video.source.frames()]
    assert len(frames) == 9 and np.stack(frames).std() > 5
    np.testing.assert_array_equal(np.stack(frames), np.rint(wanted * 255).astype(np.uint8))
    assert video.fps == family.fps and not video.audible
    assert video.duration_s == pytest.approx(9 / video.fps)
    again = open_value(save(video, tmp_path / "film.mp4"))
    assert (again.width, again.height, again.fps) == (64, 64, video.fps)
    assert again.duration_s == pytest.approx(video.duration_s, abs=0.05)


@pytest.mark.parametrize("name", families())
def test_the_number_of_frames_keeps_to_the_rule_of_the_model_and_its_length(name):
    family = families()[name]
    assert family.frame_count(family.fps, None) == family.frames
    for wanted in (1, 7, 10, 50):
        count = family.frame_count(family.fps, wanted)
        assert count % family.every == 1 and abs(count - wanted) <= family.every
    if family.any_rate:
        slow = family.frame_count(10, None)
        assert slow / 10 == pytest.approx(family.frames / family.fps, rel=0.1)


@pytest.mark.parametrize("name", families())
@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (64, 64), (8192, 32)])
def test_the_size_that_is_filmed_suits_the_model(name, size):
    family = families()[name]
    width, height = family.size(Canvas(*size))
    assert width % family.grid == height % family.grid == 0
    assert width * height <= family.width * family.height * 1.35 or min(size) < family.grid * 4
    if min(size) > 200:
        assert width / height == pytest.approx(size[0] / size[1], rel=0.15)


def test_a_film_fills_the_size_that_was_asked_for(checkpoint):
    with VideoDiffusion(model=checkpoint("wan"), frames=5, steps=1).open("cpu") as film:
        video = film(FOX, FilmOptions(width=101, height=51))
    assert (video.width, video.height) == (100, 50)
    assert {frame.pixels.shape for frame in video.source.frames()} == {(50, 100, 3)}
    first, second = video.source.frames_at([0.0, 4 / video.fps])
    assert (first.pixels != second.pixels).any()
    assert video.source.sound() is None
    assert len(list(video.source.frames_at([99.0]))) == 1


@pytest.mark.parametrize("name", families())
def test_a_model_films_at_its_own_rate_unless_another_is_asked_for_and_it_can(name):
    family = families()[name]
    assert family.rate(FilmOptions()) == family.fps
    assert family.rate(FilmOptions(fps=12)) == (12 if family.any_rate else family.fps)


def test_prompts_that_are_too_long_or_empty_or_in_another_language_are_refused(checkpoint):
    with VideoDiffusion(model=checkpoint("cogvideox"), frames=5, steps=1).open("cpu") as film:
        with pytest.raises(EngineError, match="reads 226; shorten it"):
            film(Text("x" * 300, "en"), SMALL)
        with pytest.raises(EmptyInput, match="nothing to film"):
            film(Text(" \n", "en"), SMALL)
        with pytest.raises(UnsupportedLanguage, match="reads prompts in en, not in zh"):
            film(Text("狐狸在跑", "zh"), SMALL)


def test_an_unknown_pipeline_is_refused(tmp_path):
    (tmp_path / "model_index.json").write_text('{"_class_name": "MochiPipeline"}')
    (engine,) = engines(Checkpoint(alias="mochi", engine="tiny", folder=str(tmp_path)))
    with pytest.raises(EngineError, match="MochiPipeline.*choose a model of LTXPipeline"), engine.open("cpu"):
        pass


def test_weights_that_are_not_on_disk_are_named_with_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    (engine,) = engines(Checkpoint(alias="wan", engine="video-diffusion", repository="somebody/wan"))
    with pytest.raises(NotReady, match="viva models pull wan"), engine.open("cpu"):
        pass
    assert MODEL_TYPES == tuple(KINDS.values())
