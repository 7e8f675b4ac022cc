"""Voice and photograph to spoken answer, on real inputs and random weights: the wiring is what counts."""

from dataclasses import replace

import pytest

from tiny import omni, see
from vivavoce.apps.converter import Converter, Job
from vivavoce.engines.catalog import Catalog, catalog
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability
from vivavoce.engines.omni import qwen_omni
from vivavoce.engines.see import llava, qwen_vl
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text
from vivavoce.routes.route import Wishes

KINDS = {"llava": (see.llava, llava), "qwen2_5_vl": (see.qwen2_5_vl, qwen_vl), "omni": (omni.qwen2_5_omni, qwen_omni)}
SHORT = {"max_tokens": 60, "codes_a_character": 1, "codes_besides": 5}  # an answer this long has letters to speak


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def converter(kind, tmp_path_factory):
    """Return a converter whose only models of hub size are the tiny ones."""
    build, back_end = KINDS[kind]
    folder = build(tmp_path_factory.mktemp(kind))
    model = Checkpoint(alias="tiny", engine=kind, folder=str(folder), languages=("en",), into=("en",))
    tiny = [_short(engine) for engine in back_end.engines(model)]
    held = {name: engine for name, engine in catalog().engines.items() if engine.card.tier == "embedded"}
    with Converter(Catalog(held).adding(tiny), device="cpu") as made:
        yield made


def _short(engine):
    return replace(engine, **{name: value for name, value in SHORT.items() if hasattr(engine, name)})


def abilities(route):
    return [hop.card.ability for hop in route.hops]


def test_voice_and_photograph_go_by_hearing_answering_and_speaking(converter):
    route = converter.plan([Modality.SPEECH, Modality.IMAGE], Job(to=Modality.SPEECH, language="en"))
    assert abilities(route) == [Ability.TRANSCRIBE, Ability.ANSWER, Ability.SPEAK]
    assert route.hops[1].card.name == "tiny"


def test_voice_and_film_go_by_the_edge_that_looks_at_films(converter):
    route = converter.plan([Modality.SPEECH, Modality.VIDEO], Job(to=Modality.TEXT, language="en"))
    assert "tiny/video" in [hop.card.name for hop in route.hops]


@pytest.mark.data
def test_a_real_question_about_a_real_photograph_is_answered_aloud(converter, kind, data):
    question = sorted((data / "librispeech").glob("*.opus"))[0]
    photograph = sorted((data / "coco").glob("*.jpg"))[0]
    via = ("tiny/transcribe", "tiny", "tiny/speak") if kind == "omni" else ("tiny",)
    job = Job(to=Modality.SPEECH, language="en", wishes=Wishes(via=via))
    spoken = converter.run([question, photograph], job)
    assert isinstance(spoken, Audio)
    assert spoken.duration_s > 0
    names = [step.engine for step in spoken.origin]
    assert len(names) == 3
    assert names[1] == "tiny"
    assert spoken.transcript


@pytest.mark.data
def test_a_photograph_is_described_aloud(converter, data):
    photograph = sorted((data / "coco").glob("*.jpg"))[1]
    job = Job(to=Modality.TEXT, to_language="en", wishes=Wishes(via=("tiny/describe",)))
    text = converter.run([photograph], job)
    assert isinstance(text, Text)
    assert text.language == "en"
    assert text.origin[-1].engine == "tiny/describe"
