"""On checkpoints with random weights: what is painted means nothing; wiring, seeds and errors are tested."""

import json
import shutil
import threading
from dataclasses import replace

import numpy as np
import PIL.Image
import pytest

from vivavoce.engines.contract import Ability
from vivavoce.engines.draw import easel, studio
from vivavoce.engines.draw.diffusion import MODEL_TYPES, DiffusionPainter, DiffusionRepainter, engines
from vivavoce.engines.draw.memory import Savers
from vivavoce.engines.options import Brush, DrawOptions
from vivavoce.errors import EngineError, NotReady, OutOfMemory, UnsupportedLanguage, UsageError
from vivavoce.media.image import Image
from vivavoce.media.text import Text

# The schedulers of diffusers turn tensors into arrays in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

FAMILIES = {
    "stable_diffusion": "StableDiffusion",
    "latent_consistency": "LatentConsistencyModel",
    "stable_diffusion_xl": "StableDiffusionXL",
    "stable_diffusion_3": "StableDiffusion3",
    "flux": "Flux",
    "qwen_image": "QwenImage",
}
FOX = Text("a red fox", "en")
SIDE = 64
PHOTO = Image(np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8))
MASK = Image(np.kron(np.eye(2, dtype=np.uint8), np.full((SIDE // 2, SIDE // 2), 255, np.uint8))[..., None].repeat(3, 2))


def options(width=SIDE, height=SIDE, **brush):
    return DrawOptions(width=width, height=height, brush=Brush(**{"seed": 7, "steps": 2, "safety": False, **brush}))


@pytest.fixture(scope="module")
def opened(checkpoint):
    """Return the painter and the repainter of a tiny checkpoint, kept open for the whole module."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        found = {}

        def find(name, **settings):
            key = (name, *sorted(settings.items()))
            if key not in found:
                found[key] = tuple(stack.enter_context(e.open("cpu")) for e in engines(checkpoint(name, **settings)))
            return found[key]

        yield find


def plain(checkpoint, name, suffix, **settings):
    """Call diffusers itself on the same weights."""
    import diffusers
    import torch

    if (name, suffix) == ("latent_consistency", "InpaintPipeline"):
        kind = diffusers.StableDiffusionInpaintPipeline
    else:
        kind = getattr(diffusers, FAMILIES[name] + suffix)
    pipeline = kind.from_pretrained(checkpoint(name).folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    settings["generator"] = torch.Generator("cpu").manual_seed(7)
    pipeline.safety_checker = None
    return np.asarray(pipeline(FOX.text, num_inference_steps=settings.pop("steps", 2), **settings).images[0])


def guided(name):
    words = {"negative_prompt": "a cat"} if name not in ("latent_consistency", "flux") else {}
    return {**words, ("true_cfg_scale" if name == "qwen_image" else "guidance_scale"): 6.0}


def brush(name):
    return {"guidance": 6.0, **({"negative": "a cat"} if "negative_prompt" in guided(name) else {})}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_picture_is_what_diffusers_paints_with_the_same_weights(opened, checkpoint, name):
    (picture,) = opened(name)[0](FOX, options(**brush(name)))
    wanted = plain(checkpoint, name, "Pipeline", width=SIDE, height=SIDE, **guided(name))
    assert wanted.std() > 5
    np.testing.assert_array_equal(picture.pixels, wanted)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_changed_picture_is_what_diffusers_makes_of_it(opened, checkpoint, name):
    (picture,) = opened(name)[1](PHOTO, FOX, options(strength=0.5, steps=4, **brush(name)))
    size = {"width": SIDE, "height": SIDE} if name in ("flux", "qwen_image") else {}
    settings = {"image": PHOTO.pillow(), "strength": 0.5, "steps": 4, **size, **guided(name)}
    wanted = plain(checkpoint, name, "Img2ImgPipeline", **settings)
    np.testing.assert_array_equal(picture.pixels, wanted)


@pytest.mark.parametrize("name", FAMILIES)
def test_inside_a_mask_is_what_diffusers_paints_and_outside_nothing_changes(opened, checkpoint, name):
    (picture,) = opened(name)[1](PHOTO, FOX, options(strength=1.0, **brush(name)), MASK)
    pictures = {"image": PHOTO.pillow(), "mask_image": PIL.Image.fromarray(MASK.pixels).convert("L")}
    size = {"width": SIDE, "height": SIDE}
    wanted = plain(checkpoint, name, "InpaintPipeline", **pictures, **size, strength=1.0, **guided(name))
    white = MASK.pixels[..., 0] > 0
    np.testing.assert_array_equal(picture.pixels[white], wanted[white])
    np.testing.assert_array_equal(picture.pixels[~white], PHOTO.pixels[~white])


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("task", ["draw", "redraw", "mask"])
def test_each_picture_has_its_own_seed_alone_or_in_a_batch(opened, name, task, monkeypatch):
    draw, redraw = opened(name)

    def paint(**settings):
        if task == "draw":
            return [picture.pixels.astype(int) for picture in draw(FOX, options(**settings))]
        mask = MASK if task == "mask" else None
        return [picture.pixels.astype(int) for picture in redraw(PHOTO, FOX, options(**settings), mask)]

    alone = [paint(seed=7 + number)[0] for number in range(3)]
    one_by_one = paint(count=3)
    monkeypatch.setattr(easel, "AT_ONCE", {"cpu": 3})
    together = paint(count=3)
    assert np.abs(alone[0] - alone[1]).mean() > 0.5
    for first, second, third in zip(alone, one_by_one, together, strict=True):
        np.testing.assert_array_equal(first, second)
        assert np.abs(first - third).max() <= 2  # a batch adds up in another order


def test_without_a_seed_pictures_differ(opened):
    draw = opened("stable_diffusion")[0]
    first, second = (next(draw(FOX, options(seed=None))).pixels for _ in range(2))
    assert (first != second).any()


@pytest.mark.parametrize(("name", "settings"), [("flux", {}), ("latent_consistency", {})])
def test_a_negative_prompt_is_refused_where_it_would_have_no_effect(opened, name, settings):
    with pytest.raises(EngineError, match="can't leave things out"):
        opened(name)[0](FOX, options(negative="a cat"))


def test_turbo_takes_a_negative_prompt_only_with_guidance(opened):
    draw = opened("stable_diffusion_xl", turbo=True)[0]
    with pytest.raises(EngineError, match="can't leave things out"):
        draw(FOX, options(negative="a cat"))
    assert next(draw(FOX, options(negative="a cat", guidance=2.0)))


@pytest.mark.parametrize(
    ("name", "settings", "steps", "guidance"),
    [
        ("stable_diffusion", {}, 30, 7.5),
        ("latent_consistency", {}, 4, 8.5),
        ("stable_diffusion_xl", {}, 30, 5.0),
        ("stable_diffusion_xl", {"turbo": True}, 2, 0.0),
        ("stable_diffusion_3", {}, 28, 4.5),
        ("flux", {}, 28, 3.5),
        ("flux", {"schnell": True}, 4, 0.0),
        ("qwen_image", {}, 50, 4.0),
    ],
)
def test_each_family_has_its_own_steps_and_guidance(checkpoint, name, settings, steps, guidance):
    with studio.studio(checkpoint(name, **settings).path(), "cpu") as held:
        assert (held.steps(Brush()), held.guidance(Brush())) == (steps, guidance)
        assert (held.steps(Brush(steps=3)), held.guidance(Brush(guidance=0.0))) == (3, 0.0)


@pytest.mark.parametrize(
    ("name", "limit"), [("stable_diffusion", 77), ("stable_diffusion_3", 256), ("qwen_image", 512)]
)
def test_a_prompt_longer_than_the_model_reads_is_refused_with_the_limit(opened, name, limit):
    draw = opened(name)[0]
    words = Text("x" * (limit - 3), "en")  # a token each, and those that mark the ends
    assert next(draw(words, options(steps=1)))
    with pytest.raises(EngineError, match=rf"tokens and [a-z0-9-]+ reads {limit}; shorten it"):
        draw(Text("x" * (limit + 1), "en"), options(steps=1))
    with pytest.raises(EngineError, match="shorten it"):
        draw(FOX, options(steps=1, negative="x" * (limit + 1)))


def test_without_its_largest_text_encoder_stable_diffusion_3_reads_less(opened):
    draw = opened("stable_diffusion_3", largest=False)[0]
    assert next(draw(FOX, options(steps=1)))
    with pytest.raises(EngineError, match="reads 77"):
        draw(Text("x" * 100, "en"), options(steps=1))


@pytest.mark.parametrize(
    "prompt", [Text("一只红色的狐狸", "zh"), Text("一只红色的狐狸"), Text("ein roter Fuchs", "de")]
)
def test_a_prompt_in_a_language_that_the_model_does_not_read_is_refused(opened, prompt):
    with pytest.raises(UnsupportedLanguage, match="reads prompts in en, not in (zh|de).*translator"):
        opened("stable_diffusion")[0](prompt, options())


def test_a_chinese_prompt_reaches_a_model_that_reads_chinese_as_it_is(checkpoint, opened):
    model = checkpoint("qwen_image", languages=("en", "zh"))
    with DiffusionPainter(model=model).open("cpu") as draw:
        (chinese,) = draw(Text("一只红色的狐狸", "zh"), options())
    (other,) = opened("qwen_image")[0](FOX, options())
    assert (chinese.pixels != other.pixels).any()


def test_a_style_changes_the_picture_and_its_words_count_as_prompt(opened):
    draw = opened("stable_diffusion_3")[0]
    first, second = (next(draw(FOX, options(style=style))).pixels for style in ("photo", "ink-wash"))
    assert (first != second).any()
    with pytest.raises(UsageError, match="unknown style “cubist”; choose one of photo"):
        draw(FOX, options(style="cubist"))
    with pytest.raises(EngineError, match="shorten it"):
        draw(Text("x" * 240, "en"), options(style="photo"))


def test_a_family_with_a_safety_checker_does_not_paint_without_it_unless_told_to(opened):
    draw = opened("stable_diffusion", checker=False)[0]
    with pytest.raises(EngineError, match=r"without its safety checker.*safety=False"):
        draw(FOX, options(safety=True))
    assert next(draw(FOX, options(safety=False)))


def test_what_the_safety_checker_flags_is_an_error_and_never_a_black_picture(opened):
    clean = next(opened("stable_diffusion")[0](FOX, options(safety=True))).pixels
    np.testing.assert_array_equal(clean, next(opened("stable_diffusion")[0](FOX, options())).pixels)
    draw = opened("stable_diffusion", flags=True)[0]
    with pytest.raises(EngineError, match="safety checker of stable-diffusion held back"):
        next(draw(FOX, options(safety=True)))
    np.testing.assert_array_equal(clean, next(draw(FOX, options(safety=False))).pixels)


def test_of_several_pictures_only_the_flagged_ones_are_left_out(opened, monkeypatch):
    def some(self, sketch, seeds, note):
        return [None if seed == 8 else np.full((SIDE, SIDE, 3), seed, np.uint8) for seed in seeds]

    monkeypatch.setattr(studio.Studio, "paint", some)
    painted = list(opened("stable_diffusion")[0](FOX, options(count=3, safety=True)))
    assert [picture.pixels[0, 0, 0] for picture in painted] == [7, 9]


@pytest.mark.parametrize(("width", "height"), [(100, 70), (64, 129)])
def test_a_picture_has_the_size_that_was_asked_for_whatever_the_model_needs(opened, width, height):
    draw, redraw = opened("stable_diffusion")
    (picture,) = draw(FOX, options(width, height))
    (changed,) = redraw(PHOTO, FOX, options(width, height))
    assert (picture.width, picture.height) == (changed.width, changed.height) == (width, height)


def test_without_a_size_the_model_paints_in_its_own_and_keeps_the_shape_of_a_photograph(opened):
    draw, redraw = opened("stable_diffusion")
    settings = DrawOptions(brush=options().brush)
    (picture,) = draw(FOX, settings)
    assert (picture.width, picture.height) == (64, 64)
    wide = Image(np.zeros((20, 80, 3), np.uint8))
    (changed,) = redraw(wide, FOX, settings)
    assert changed.width / changed.height == pytest.approx(2, abs=0.1)  # no side is under 64 pixels
    (inside,) = redraw(wide, FOX, settings, Image(np.full((20, 80, 3), 255, np.uint8)))
    assert (inside.width, inside.height) == (80, 20)


def test_a_size_too_small_to_paint_is_refused(opened):
    with pytest.raises(EngineError, match="from 64 pixels a side on, got 63 × 64"):
        opened("stable_diffusion")[0](FOX, options(63, 64))


def test_a_mask_must_fit_and_have_a_white_part(opened):
    redraw = opened("stable_diffusion")[1]
    with pytest.raises(UsageError, match="mask has 10 × 64 pixels and the picture 64 × 64"):
        redraw(PHOTO, FOX, options(), Image(np.full((64, 10, 3), 255, np.uint8)))
    with pytest.raises(UsageError, match="no white part"):
        redraw(PHOTO, FOX, options(), Image(np.full((64, 64, 3), 100, np.uint8)))


@pytest.mark.parametrize("name", ["stable_diffusion", "latent_consistency", "flux"])
def test_a_weak_change_takes_at_least_one_step(opened, name):
    assert next(opened(name)[1](PHOTO, FOX, options(strength=0.1, steps=2)))
    with pytest.raises(UsageError, match="a strength of 0 changes nothing"):
        opened(name)[1](PHOTO, FOX, options(strength=0))


def test_settings_that_a_pipeline_refuses_are_an_error_of_the_engine(opened):
    for name in ("latent_consistency", "stable_diffusion"):
        with pytest.raises(EngineError, match="refuses these settings"):
            next(opened(name)[0](FOX, options(steps=1000)))


def test_closing_stops_between_two_steps_even_from_another_thread(opened):
    draw = opened("stable_diffusion")[0]
    painting = draw(FOX, options(steps=500))
    closing = threading.Thread(target=lambda: (wait_for(lambda: painting.share > 0), painting.close()), daemon=True)
    closing.start()
    assert list(painting) == []
    assert 0 < painting.share < 1
    assert next(draw(FOX, options()))  # the model is free again


def wait_for(condition):
    import time

    while not condition():
        time.sleep(0.001)


def test_share_tells_how_far_the_work_is(opened):
    painting = opened("stable_diffusion")[0](FOX, options(steps=3, count=2))
    shares = [painting.share] + [painting.share for _ in painting]
    assert shares == [0, 0.5, 1]


def test_where_memory_runs_out_fewer_pictures_are_painted_at_once_and_then_an_error(opened, monkeypatch):
    sizes = []

    def paint(self, sketch, seeds, note):
        sizes.append(len(seeds))
        if len(seeds) > limit:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return [np.full((SIDE, SIDE, 3), seed, np.uint8) for seed in seeds]

    monkeypatch.setattr(studio.Studio, "paint", paint)
    monkeypatch.setattr(easel, "AT_ONCE", {"cpu": 4})
    limit = 1
    painted = list(opened("stable_diffusion")[0](FOX, options(count=4)))
    assert [picture.pixels[0, 0, 0] for picture in painted] == [7, 8, 9, 10]
    assert sizes == [4, 2, 1, 1, 1, 1]
    limit = 0
    with pytest.raises(OutOfMemory):
        next(opened("stable_diffusion")[0](FOX, options()))


def test_where_little_is_free_a_picture_is_decoded_in_tiles(opened, checkpoint, monkeypatch):
    asked = []
    monkeypatch.setattr(studio, "free_bytes", lambda device: 1000)
    monkeypatch.setattr(studio, "_save", lambda pipeline, chosen: asked.append(chosen))
    assert next(opened("stable_diffusion")[0](FOX, options()))
    assert asked == [Savers(tiles=True, slices=True)]
    monkeypatch.undo()
    monkeypatch.setattr(studio, "free_bytes", lambda device: 1000)
    with DiffusionPainter(model=checkpoint("stable_diffusion_3")).open("cpu") as draw:
        assert next(draw(FOX, options()))


def test_both_abilities_share_the_weights(checkpoint, monkeypatch):
    opened = []
    real = studio.studio
    monkeypatch.setattr(
        "vivavoce.engines.draw.diffusion.studio", lambda *given: (opened.append(given), real(*given))[1]
    )
    painter, repainter = engines(replace(checkpoint("flux"), alias="twice"))
    with painter.open("cpu"), repainter.open("cpu"):
        assert len(opened) == 1


def copy_of(checkpoint, folder):
    shutil.copytree(checkpoint.folder, folder)
    return folder, DiffusionPainter(model=type(checkpoint)(alias="copy", engine="tiny", folder=str(folder)))


def test_a_pipeline_that_is_not_known_or_brings_code_is_refused(checkpoint, tmp_path):
    folder, painter = copy_of(checkpoint("flux"), tmp_path / "copy")
    index = json.loads((folder / "model_index.json").read_text())
    for name in ("KandinskyPipeline", ["pipeline", "MyPipeline"], None):
        (folder / "model_index.json").write_text(json.dumps({**index, "_class_name": name}))
        with (
            pytest.raises(EngineError, match="is not known here; choose a model of StableDiffusionPipeline"),
            painter.open("cpu"),
        ):
            pass
    (folder / "model_index.json").write_text(json.dumps({**index, "transformer": ["mine", "MyTransformer"]}))
    (folder / "transformer" / "mine.py").write_text("raise SystemExit")
    with pytest.raises(EngineError, match="can be loaded"), painter.open("cpu"):
        pass
    (folder / "model_index.json").unlink()
    with pytest.raises(EngineError, match="holds no diffusion pipeline"), painter.open("cpu"):
        pass


def test_pickled_weights_are_never_loaded(checkpoint, tmp_path):
    folder, painter = copy_of(checkpoint("stable_diffusion", checker=False), tmp_path / "copy")
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(EngineError, match="can be loaded"), painter.open("cpu"):
        pass


def test_weights_that_come_as_float16_only_are_found(checkpoint, tmp_path):
    import diffusers
    import torch

    model = checkpoint("stable_diffusion", checker=False)
    pipeline = diffusers.StableDiffusionPipeline.from_pretrained(model.folder, dtype=torch.float16)
    pipeline.save_pretrained(tmp_path / "half", variant="fp16")
    half = type(model)(alias="half", engine="tiny", folder=str(tmp_path / "half"))
    with DiffusionPainter(model=half).open("cpu") as draw:
        assert next(draw(FOX, options())).pixels.std() > 5


def test_weights_that_are_not_on_disk_are_named_with_the_command(monkeypatch, tmp_path, checkpoint):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    model = type(checkpoint("flux"))(alias="sd15", engine="diffusion", repository="somebody/sd")
    for engine in engines(model):
        with pytest.raises(NotReady, match="viva models pull sd15"), engine.open("cpu"):
            pass


def test_cards_name_both_abilities_and_a_cost_that_does_not_grow_with_the_prompt(checkpoint):
    draw, redraw = (engine.card for engine in engines(checkpoint("flux")))
    assert (draw.name, redraw.name) == ("flux", "flux/redraw")
    assert (draw.ability, redraw.ability) == (Ability.DRAW, Ability.REDRAW)
    assert draw.cost.per_unit_s == 0 and draw.cost.fixed_s > 0
    assert "FluxPipeline" in MODEL_TYPES and DiffusionRepainter(model=checkpoint("flux")).card == redraw
