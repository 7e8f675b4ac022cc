import os
import re
import subprocess
import sys
from dataclasses import fields

import pytest

from tiny import BUILDERS
from vivavoce.engines.catalog import BACK_ENDS, catalog, engines_named, lack_of
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability
from vivavoce.errors import EngineError, NotReady, UsageError

CARDS = [engine.card for engine in catalog().engines.values()]


@pytest.mark.parametrize("engine", catalog().engines.values(), ids=lambda engine: engine.card.name)
def test_an_engine_opens_or_says_what_it_lacks(engine):
    lack = lack_of(engine.card)
    if lack is None:
        with engine.open("cpu") as ability:
            assert callable(ability)
    else:
        with pytest.raises(NotReady) as error, engine.open("cpu"):
            pass
        assert lack.command in str(error.value)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_is_complete(card):
    assert card.name == card.name.lower() and " " not in card.name
    assert card.summary and card.licence and card.takes
    assert 0 < card.cost.quality <= 1
    assert card.cost.fixed_s >= 0 and card.cost.per_unit_s >= 0 and card.cost.memory_gb >= 0
    assert card.extra is None or card.module
    assert card.tier == "hub" or card.weights is None
    assert not card.matched or len(card.takes) == 2


def tiny(key, folder):
    return Checkpoint(alias="tiny", engine=key, folder=str(folder), languages=("en", "zh"))


@pytest.mark.parametrize("key", BACK_ENDS)
def test_a_back_end_opens_a_checkpoint_of_random_weights(key, tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path / "home"))  # conversions are kept there
    found = BACK_ENDS[key].engines(tiny(key, BUILDERS[key](tmp_path / "model")))
    assert found
    for engine in found:
        assert lack_of(engine.card) is None
        with engine.open("cpu") as ability:
            assert callable(ability)


def test_names_are_unique():
    assert len({card.name for card in CARDS}) == len(CARDS)


@pytest.mark.parametrize("engine", catalog().engines.values(), ids=lambda engine: engine.card.name)
def test_settings_are_data(engine):
    assert hash(engine) == hash(type(engine)(**{field.name: getattr(engine, field.name) for field in fields(engine)}))


def test_what_is_ready_comes_before_what_is_better():
    abled = catalog().able(Ability.TRANSCRIBE)
    ready = [lack_of(engine.card) is None for engine in abled]
    assert ready == sorted(ready, reverse=True)
    assert "pocketsphinx" in [engine.card.name for engine in abled if lack_of(engine.card) is None]


def test_an_unknown_name_is_wrong_usage():
    with pytest.raises(UsageError, match="no engine “nobody”"):
        engines_named("nobody")


def test_a_name_that_articles_made_up_gets_the_nearest_model():
    with pytest.raises(UsageError, match="never published.*UsefulSensors/moonshine-base"):
        engines_named("google/speech_to_text_v2")


SAME_FOLDER = {"whisper": "whisper-ct2"}  # CTranslate2 takes what both run


@pytest.mark.parametrize("key", BACK_ENDS)
def test_a_folder_is_run_by_the_back_end_of_its_kind(key, tmp_path):
    folder = BUILDERS[key](tmp_path / "My Model")
    found = engines_named(str(folder))
    runs = SAME_FOLDER.get(key, key)
    assert {type(engine) for engine in found} == {
        type(engine) for engine in BACK_ENDS[runs].engines(tiny(runs, folder))
    }
    assert found[0].card.weights is None


def test_a_folder_called_as_a_published_model_does_not_take_its_place(tmp_path):
    found = engines_named(str(BUILDERS["blip"](tmp_path / "blip-vqa")))
    assert found[0].card.name == "local-blip-vqa"


def test_a_name_longer_than_a_path_may_be_is_wrong_usage():
    with pytest.raises(UsageError, match="no engine"):
        engines_named("a" * 5000)


@pytest.mark.parametrize("content", [{}, {"config.json": "{"}, {"config.json": "[]"}, {"model_index.json": "{}"}])
def test_a_folder_without_a_known_model_is_said_to_be_so(tmp_path, content):
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(EngineError, match=re.escape(str(tmp_path))):
        engines_named(str(tmp_path))


PLUGIN = """
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from vivavoce.engines.contract import Ability, Card, port
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

WORDS = {"good": "好", "morning": "早上"}


@dataclass(frozen=True)
class WordForWord:
    card: ClassVar[Card] = Card(
        name="word-for-word",
        ability=Ability.TRANSLATE,
        takes=(port(Modality.TEXT),),
        gives=port(Modality.TEXT),
        summary="looks words up",
        licence="MIT",
        languages=("en",),
        into=("zh",),
    )

    @contextmanager
    def open(self, device):
        yield lambda text, language: Text("".join(WORDS.get(w, w) for w in text.text.lower().split()), language)


def engines():
    return [WordForWord()]
"""


def test_a_package_outside_adds_an_engine_that_routes_cross(tmp_path):
    """A distribution with an entry point, as pip would install it."""
    (tmp_path / "word_for_word.py").write_text(PLUGIN)
    info = tmp_path / "word_for_word-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: word-for-word\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[vivavoce.engines]\nword-for-word = word_for_word:engines\n")
    code = (
        "import vivavoce as vv; sound = vv.convert(vv.Text('Morning good', 'en'), to='speech', to_language='zh');"
        "print([step.engine for step in sound.origin], sound.transcript.text, sound.transcript.language)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['word-for-word', 'espeak'] 早上好 zh", done.stderr
