"""Routes over the whole catalog, and one run for real on engines of random weights: wiring, not meaning."""

import json

import pytest

import vivavoce as vv
from tiny import language
from vivavoce.engines.catalog import catalog, lack_of
from vivavoce.engines.contract import Ability, State, Trait, port
from vivavoce.media.modality import Modality
from vivavoce.routes.plan import plan
from vivavoce.routes.route import Wishes

CARDS = catalog().cards
LACKS = {card.name: lack for card in CARDS if (lack := lack_of(card))}


def abilities(sources, goal, **wishes):
    return [hop.card.ability for hop in plan(sources, goal, CARDS, Wishes(**wishes), LACKS).hops]


def test_a_chinese_voice_becomes_an_english_one_by_way_of_both_texts():
    steps = abilities([State(Modality.SPEECH, "zh")], State(Modality.SPEECH, "en"))
    assert steps == [Ability.TRANSCRIBE, Ability.TRANSLATE, Ability.SPEAK]


def test_a_spoken_question_about_a_photograph_gets_a_spoken_answer():
    steps = abilities([State(Modality.SPEECH, "en"), State(Modality.IMAGE)], State(Modality.SPEECH))
    assert steps == [Ability.TRANSCRIBE, Ability.ANSWER, Ability.SPEAK]


@pytest.mark.parametrize("goal", [Modality.SPEECH, Modality.TEXT])
def test_a_typed_question_about_a_photograph_is_answered_too(goal):
    steps = abilities([State(Modality.IMAGE), State(Modality.TEXT, "en")], State(goal))
    assert steps[0] is Ability.ANSWER and Ability.ALIGN not in steps


def test_a_small_download_is_proposed_before_a_server_to_be_set_up(monkeypatch):
    monkeypatch.delenv("VIVAVOCE_LLM_URL", raising=False)
    route = plan([State(Modality.TEXT, "zh")], State(Modality.TEXT, "en"), CARDS, Wishes(), LACKS)
    assert [hop.card.name for hop in route.hops] == ["opus-zh-en"]


def test_a_server_that_may_be_elsewhere_is_left_out_offline():
    lacks = {name: lack for name, lack in LACKS.items() if lack.kind != "variable"}  # as if it were set
    wishes = Wishes(via=("openai-endpoint/translate",))
    route = plan([State(Modality.TEXT, "zh")], State(Modality.TEXT, "en"), CARDS, wishes, lacks)
    assert [hop.card.name for hop in route.hops] == ["openai-endpoint/translate"]
    with pytest.raises(vv.VivavoceError, match="--offline"):
        plan(
            [State(Modality.TEXT, "zh")], State(Modality.TEXT, "en"), CARDS, Wishes(via=wishes.via, offline=True), lacks
        )


@pytest.mark.parametrize(
    "source", [Modality.TEXT, Modality.SPEECH, Modality.IMAGE, port(Modality.VIDEO, Trait.AUDIBLE)]
)
def test_what_runs_offline_is_planned_before_what_must_be_fetched(source):
    start = source if isinstance(source, State) else State(source)
    for goal in (Modality.TEXT, Modality.SPEECH, Modality.IMAGE, Modality.VIDEO, Modality.TABLE):
        if goal is not start.modality:
            assert plan([start], State(goal), CARDS, Wishes(), LACKS).lacks == {}


def into_english(folder):
    """Let a translator of English say that it is one of Chinese."""
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "source_lang": "zh", "target_lang": "en"}))
    return folder


@pytest.mark.data
def test_a_mandarin_recording_is_heard_translated_and_spoken(data, tiny_whisper, tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path / "home"))
    recording = sorted((data / "aishell").glob("*.opus"))[0]
    with vv.Converter() as converter:
        ear = converter.engine_name(str(tiny_whisper), Ability.TRANSCRIBE)
        marian = converter.engine_name(str(into_english(language.marian(tmp_path / "marian"))), Ability.TRANSLATE)
        job = vv.Job(to="speech", language="zh", to_language="en", wishes=vv.Wishes(via=(ear, marian, "espeak")))
        spoken = converter.run([recording], job)
    assert [step.engine for step in spoken.origin if not step.failure] == [ear, marian, "espeak"]
    assert spoken.transcript.language == "en" and spoken.duration_s > 0
