"""On the words of a painter that is not there, and on a stand-in that paints one colour a seed."""

import re
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest

from tiny import draw as tiny
from vivavoce.engines.catalog import Catalog, catalog
from vivavoce.engines.contract import Ability, Card, Cost, Weights, port
from vivavoce.media.gateway import open_value, save
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality

SIDE = 8
ASKED = []


@dataclass(frozen=True)
class OneColour:
    """A painter whose pictures are of the grey that their seed says."""

    card: Card

    @contextmanager
    def open(self, device):
        def paint(*given):
            *inputs, text, options = [value for value in given if not isinstance(value, Image) or value is given[0]]
            ASKED.append((text.text, options, given))
            for number in range(options.brush.count):
                yield Image(np.full((SIDE, SIDE, 3), options.brush.seed + number, np.uint8))

        yield paint


def weights(size_mb):
    return Weights(repository=f"a/{size_mb}", revision="main", size_mb=size_mb, licence="MIT")


def painter(name, ability, *takes, **settings):
    ports = tuple(port(modality) for modality in takes)
    card = Card(
        name=name, ability=ability, takes=ports, gives=port(Modality.IMAGE), summary="", licence="MIT", **settings
    )
    return OneColour(card)


HUB = {"tier": "hub", "extra": "hub", "module": "json"}
PAINTERS = [
    painter("grey", Ability.DRAW, Modality.TEXT, languages=("en",), **HUB),
    painter("grey/redraw", Ability.REDRAW, Modality.IMAGE, Modality.TEXT, languages=("en",), **HUB),
]


@pytest.fixture
def painters(monkeypatch):
    ASKED.clear()
    embedded = {name: engine for name, engine in catalog().engines.items() if engine.card.tier == "embedded"}
    known = Catalog(embedded).adding(PAINTERS)
    monkeypatch.setattr("vivavoce.apps.converter.catalog", lambda: known)


@pytest.fixture
def photo(tmp_path):
    return save(Image(np.zeros((SIDE, SIDE, 3), np.uint8)), tmp_path / "photo.png")


def test_without_a_painter_the_words_are_set_on_a_card_and_the_way_to_one_is_named(viva, monkeypatch, tmp_path):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    done = viva("draw", "a red fox", "fox.png")
    assert done.code == 0, done.err
    assert len(done.err.splitlines()) == 1 and "set on a card" in done.err and "run: " in done.err
    picture = open_value("fox.png")
    assert (picture.width, picture.height) == (1280, 720)
    assert [step.engine for step in picture.origin] == ["typographic-card"]


def test_a_painter_is_told_all_that_was_asked_for(viva, painters):
    done = viva(
        *(
            "draw",
            "a red fox",
            "fox.png",
            "--negative",
            "a cat",
            "--style",
            "photo",
            "--steps",
            "7",
            "--guidance",
            "2.5",
        ),
        *("--seed", "41", "--size", "96x64", "--no-safety-checker"),
    )
    assert done.code == 0, done.err
    words, options, _ = ASKED[0]
    brush = options.brush
    assert (words, options.width, options.height) == ("a red fox", 96, 64)
    assert (brush.negative, brush.style, brush.steps, brush.guidance) == ("a cat", "photo", 7, 2.5)
    assert (brush.seed, brush.count, brush.safety) == (41, 1, False)
    assert open_value("fox.png").pixels[0, 0, 0] == 41
    assert done.err.strip() == "painted by grey with --seed 41"


def test_several_pictures_are_numbered_and_each_has_its_origin(viva, painters, tmp_path):
    assert viva("draw", "a red fox", "fox.png", "--count", "3", "--seed", "5").code == 0
    assert sorted(path.name for path in tmp_path.glob("fox*")) == ["fox-1.png", "fox-2.png", "fox-3.png"]
    for number in (1, 2, 3):
        picture = open_value(f"fox-{number}.png")
        assert picture.pixels[0, 0, 0] == 4 + number
        assert [step.engine for step in picture.origin] == ["grey"]
    assert viva("draw", "a red fox", "fox.png", "--count", "3").code == 1  # fox-1.png is there


def test_without_a_seed_one_is_chosen_and_told(viva, painters, monkeypatch):
    monkeypatch.setattr("vivavoce.cli.draw.SEEDS", 1)
    assert "--seed 0" in viva("draw", "a red fox", "fox.png").err


def test_a_picture_is_changed_and_with_a_mask_only_in_its_white_part(viva, painters, photo, tmp_path):
    done = viva("draw", "a cat", "cat.png", "--from", photo, "--strength", "0.3", "--seed", "9")
    assert done.code == 0, done.err
    assert ASKED[-1][1].brush.strength == 0.3 and len(ASKED[-1][2]) == 3
    assert [step.engine for step in open_value("cat.png").origin] == ["grey/redraw"]
    mask = save(Image(np.full((SIDE, SIDE, 3), 255, np.uint8)), tmp_path / "mask.png")
    done = viva("draw", "a cat", "inside.png", "--from", photo, "--mask", mask, "--engine", "grey", "--seed", "9")
    assert done.code == 0, done.err
    assert len(ASKED[-1][2]) == 4 and ASKED[-1][2][3].pixels.min() == 255
    assert [step.engine for step in open_value("inside.png").origin] == ["grey/redraw"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--mask", "photo.png"), 2, "add --from"),
        (("--engine", "espeak"), 2, "the engine espeak can't draw"),
        (("--engine", "nobody"), 2, "there is no engine “nobody”"),
        (("--from", "words.txt"), 2, "not a picture"),
        (("--from", "nothing.png"), 1, "there is no file"),
        (("--count", "0"), 2, "not allowed"),
        (("--size", "big"), 2, "no size such as"),
        (("--style", "cubist", "--language", "de"), 1, "no engine leads|no route|keeps to"),
    ],
)
def test_wrong_usage_is_one_line(viva, painters, photo, tmp_path, arguments, code, words):
    (tmp_path / "words.txt").write_text("A few words, and no picture at all.")
    done = viva("draw", "a red fox", "fox.png", *arguments)
    assert (done.code, len(done.err.splitlines())) == (code, 1), done.err
    assert re.search(words, done.err), done.err


def test_several_pictures_do_not_fit_into_a_stream(viva, painters):
    done = viva("draw", "a red fox", "-", "--count", "2")
    assert done.code == 2 and "only one picture" in done.err


def test_without_a_painter_no_picture_can_be_changed(viva, monkeypatch, tmp_path, photo):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    done = viva("draw", "a cat", "cat.png", "--from", photo)
    assert done.code == 1 and "no engine here can change a picture; run: " in done.err


@pytest.fixture
def absent(monkeypatch, tmp_path):
    """Offer two painters whose weights are not on disk; return the repositories that are fetched."""
    offered = [
        painter("large", Ability.DRAW, Modality.TEXT, weights=weights(9000), cost=Cost(memory_gb=12), **HUB),
        painter("small", Ability.DRAW, Modality.TEXT, weights=weights(900), cost=Cost(memory_gb=2), **HUB),
        painter("small/redraw", Ability.REDRAW, Modality.IMAGE, Modality.TEXT, weights=weights(900), **HUB),
    ]
    embedded = {name: engine for name, engine in catalog().engines.items() if engine.card.tier == "embedded"}
    known = Catalog(embedded).adding(offered)
    monkeypatch.setattr("vivavoce.apps.converter.catalog", lambda: known)
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path / "hub")
    fetched = []
    for module in ("vivavoce.apps.converter", "vivavoce.cli.draw"):
        monkeypatch.setattr(f"{module}.pull", lambda wanted: fetched.append(wanted.repository))
    return fetched


def test_the_smallest_painter_is_fetched_when_asked_for_and_not_otherwise(viva, absent):
    done = viva("draw", "a red fox", "card.png")
    assert done.code == 0 and "run: viva models pull small" in done.err and absent == []
    done = viva("draw", "a red fox", "fox.png", "--pull", "--seed", "1")
    assert done.code == 0, done.err
    assert absent == ["a/900"] and [step.engine for step in open_value("fox.png").origin] == ["small"]
    assert viva("draw", "a red fox", "big.png", "--pull", "--engine", "large", "--seed", "1").code == 0
    assert absent == ["a/900", "a/9000"]


def test_a_painter_for_a_mask_is_fetched_too(viva, absent, photo, tmp_path):
    mask = save(Image(np.full((SIDE, SIDE, 3), 255, np.uint8)), tmp_path / "mask.png")
    done = viva("draw", "a cat", "cat.png", "--from", photo, "--mask", mask, "--pull", "--seed", "1")
    assert done.code == 0, done.err
    assert absent == ["a/900"]


def test_the_goal_decides_between_painters(viva, monkeypatch):
    embedded = {name: engine for name, engine in catalog().engines.items() if engine.card.tier == "embedded"}
    offered = [
        painter("good", Ability.DRAW, Modality.TEXT, cost=Cost(memory_gb=9, quality=0.9), **HUB),
        painter("light", Ability.DRAW, Modality.TEXT, cost=Cost(memory_gb=1, quality=0.7), **HUB),
    ]
    monkeypatch.setattr("vivavoce.apps.converter.catalog", lambda: Catalog(embedded).adding(offered))
    assert "painted by good" in viva("draw", "a red fox", "good.png", "--seed", "1").err
    assert "painted by light" in viva("draw", "a red fox", "light.png", "--seed", "1", "--goal", "small").err


@pytest.mark.parametrize("limit", [("--offline",), ("--licence", "Apache-2.0"), ("--max-memory", "1")])
def test_no_painter_is_taken_that_does_not_keep_to_the_limits(viva, absent, limit):
    done = viva("draw", "a red fox", "fox.png", "--pull", *limit)
    assert done.code == 0, done.err
    assert absent == [] and [step.engine for step in open_value("fox.png").origin] == ["typographic-card"]
    assert viva("draw", "a red fox", "big.png", "--engine", "large", "--pull", *limit).code == 1


def test_a_painter_may_be_a_folder(viva, tmp_path_factory):
    folder = tiny.stable_diffusion(tmp_path_factory.mktemp("painter"))
    done = viva("draw", "a red fox", "fox.png", "--engine", folder, "--steps", "1", "--size", "64x64", "--seed", "1")
    assert done.code == 0, done.err
    assert open_value("fox.png").width == 64
