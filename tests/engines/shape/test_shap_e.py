"""On a checkpoint with random weights, whose solid is a box: wiring, the upright axis, colours and errors."""

import numpy as np
import pytest

from tiny import draw
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Brush, DrawOptions
from vivavoce.engines.shape.shap_e import engines
from vivavoce.errors import EmptyInput, EngineError, NothingFound, NotReady, UnsupportedLanguage
from vivavoce.media.gateway import open_value, save
from vivavoce.media.text import Text

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
CHAIR = Text("a chair", "en")


def options(**brush):
    return DrawOptions(brush=Brush(**{"seed": 1, "steps": 2, **brush}))


def engine(folder):
    return engines(Checkpoint(alias="shap-e", engine="tiny", folder=str(folder), languages=("en",)))[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return draw.shap_e(tmp_path_factory.mktemp("shap-e"))


@pytest.fixture(scope="module")
def shape(folder):
    with engine(folder).open("cpu") as ability:
        yield ability


@pytest.fixture(scope="module")
def box(shape):
    return shape(CHAIR, options())


def test_a_mesh_is_what_diffusers_makes_with_y_upwards_and_colours_as_they_are_seen(folder, box):
    import diffusers
    import torch

    pipeline = diffusers.ShapEPipeline.from_pretrained(folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    made = pipeline(
        CHAIR.text,
        num_inference_steps=2,
        guidance_scale=15.0,
        output_type="mesh",
        generator=torch.Generator("cpu").manual_seed(1),
    ).images[0]
    x, y, z = box.vertices.T
    np.testing.assert_allclose(np.stack([x, -z, y], axis=1), made.verts.detach().numpy(), atol=1e-6)
    np.testing.assert_array_equal(box.faces, made.faces.numpy())
    linear = made.vertex_channels["R"].detach().numpy().clip(0, 1)
    seen = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(box.colours[:, 0], seen * 255, atol=0.51)


def test_the_box_is_closed_and_its_outside_is_outwards(box):
    trimesh = pytest.importorskip("trimesh")
    solid = trimesh.Trimesh(box.vertices, box.faces, process=False)
    assert np.ptp(box.vertices, axis=0) == pytest.approx([2, 2, 2], abs=0.1)
    assert abs(solid.volume) == pytest.approx(8, rel=0.1)


def test_a_mesh_is_saved_and_read_again(box, tmp_path):
    for name in ("a.glb", "a.ply"):
        again = open_value(save(box, tmp_path / name))
        np.testing.assert_array_equal(again.faces, box.faces)


def test_the_same_seed_gives_the_same_colours_and_another_does_not(shape, box):
    assert shape(CHAIR, options()).digest() == box.digest()
    assert shape(CHAIR, options(seed=2)).digest() != box.digest()


def test_where_there_is_no_surface_the_error_says_so(tmp_path):
    with (
        engine(draw.shap_e(tmp_path / "hollow", solid=False)).open("cpu") as ability,
        pytest.raises(NothingFound, match="no surface"),
    ):
        ability(CHAIR, options())


@pytest.mark.parametrize(
    ("words", "brush", "error", "match"),
    [
        (Text("x" * 100, "en"), {}, EngineError, "reads 77; shorten it"),
        (CHAIR, {"negative": "a table"}, EngineError, "can't leave things out"),
        (Text(" ", "en"), {}, EmptyInput, "nothing to paint"),
        (Text("一把椅子", "zh"), {}, UnsupportedLanguage, "not in zh"),
    ],
)
def test_what_the_model_does_not_take_is_refused(shape, words, brush, error, match):
    with pytest.raises(error, match=match):
        shape(words, options(**brush))


def test_weights_that_are_not_on_disk_are_named_with_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    (missing,) = engines(Checkpoint(alias="shap-e", engine="shap-e", repository="openai/shap-e"))
    with pytest.raises(NotReady, match="viva models pull shap-e"), missing.open("cpu"):
        pass
