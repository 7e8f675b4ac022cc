import pytest

from vivavoce.engines.contract import Ability, Card, Cost, Lack, State, Trait, Weights, port
from vivavoce.errors import NoRoute, UsageError
from vivavoce.media.modality import Modality
from vivavoce.routes.plan import plan
from vivavoce.routes.route import Wishes

TEXT, SPEECH, IMAGE, VIDEO = Modality.TEXT, Modality.SPEECH, Modality.IMAGE, Modality.VIDEO
TABLE = Modality.TABLE
FILM = port(VIDEO, Trait.AUDIBLE, Trait.SUBTITLED)


def card(name, ability, takes, gives, **settings):
    return Card(name=name, ability=ability, takes=takes, gives=gives, summary="", licence="MIT", **settings)


SMALL_EAR = card(
    "small-ear",
    Ability.TRANSCRIBE,
    (port(SPEECH),),
    port(TEXT, Trait.TIMED),
    languages=("en",),
    cost=Cost(per_unit_s=0.1, memory_gb=0.1, quality=0.4),
)
BIG_EAR = card(
    "big-ear",
    Ability.TRANSCRIBE,
    (port(SPEECH),),
    port(TEXT, Trait.TIMED),
    weights=Weights(repository="x/big", revision="main", size_mb=500, licence="Apache-2.0"),
    cost=Cost(per_unit_s=1.0, memory_gb=2.0, quality=0.9),
)
VOICE = card("voice", Ability.SPEAK, (port(TEXT),), port(SPEECH, Trait.SPOKEN), cost=Cost(per_unit_s=0.001))
WORDS = card("words", Ability.UNPACK, (port(SPEECH, Trait.SPOKEN),), port(TEXT, Trait.TIMED), cost=Cost(quality=1.0))
CAPTIONS = card("captions", Ability.FILM_SPEECH, (port(SPEECH), port(TEXT, Trait.TIMED)), FILM, matched=True)
SOUND = card("sound", Ability.UNPACK, (port(VIDEO, Trait.AUDIBLE),), port(SPEECH), cost=Cost(quality=1.0))
READER = card("reader", Ability.READ, (port(IMAGE),), port(TEXT), cost=Cost(quality=0.8))
ANSWERER = card("answerer", Ability.ANSWER, (port(IMAGE), port(TEXT)), port(TEXT), cost=Cost(quality=0.7))
ALIGNER = card(
    "aligner", Ability.ALIGN, (port(SPEECH), port(TEXT)), port(TEXT, Trait.TIMED), languages=("en",), matched=True
)
TRANSLATOR = card("translator", Ability.TRANSLATE, (port(TEXT),), port(TEXT), into=("en", "zh"))
DESCRIBER = card("describer", Ability.DESCRIBE, (port(IMAGE),), port(TEXT), into=("en", "zh"), cost=Cost(quality=0.3))
ALL = (SMALL_EAR, BIG_EAR, VOICE, WORDS, CAPTIONS, SOUND, READER, ANSWERER, ALIGNER, TRANSLATOR, DESCRIBER)


def engines(route):
    return [hop.card.name for hop in route.hops]


def test_best_takes_the_better_engine_and_fast_the_quicker():
    assert engines(plan([State(SPEECH)], State(TEXT), ALL)) == ["big-ear"]
    assert engines(plan([State(SPEECH)], State(TEXT), ALL, Wishes(goal="fast"))) == ["small-ear"]
    assert engines(plan([State(SPEECH)], State(TEXT), ALL, Wishes(goal="small"))) == ["small-ear"]


def test_fast_does_not_throw_the_content_away():
    extract = card("extract", Ability.EXTRACT, (port(TEXT),), port(TABLE), cost=Cost(quality=0.5))
    summary = card("summary", Ability.SUMMARISE, (port(TABLE),), port(TEXT), into=("en",), cost=Cost(quality=0.5))
    slow = card("slow-voice", Ability.SPEAK, (port(TEXT),), port(SPEECH, Trait.SPOKEN), cost=Cost(per_unit_s=0.1))
    route = plan([State(TEXT, "en")], State(SPEECH), (extract, summary, slow), Wishes(goal="fast"))
    assert engines(route) == ["slow-voice"]


def test_an_engine_that_misses_something_is_used_only_where_no_other_leads_there():
    lacks = {"big-ear": Lack("weights", "x/big", "pull big")}
    assert engines(plan([State(SPEECH)], State(TEXT), ALL, lacks=lacks)) == ["small-ear"]
    route = plan([State(SPEECH, "zh")], State(TEXT), ALL, lacks=lacks)
    assert engines(route) == ["big-ear"]
    assert route.lacks == lacks
    assert "Apache-2.0" in route.licences


def test_pull_counts_weights_as_at_hand_and_offline_never_crosses_them():
    lacks = {"big-ear": Lack("weights", "x/big", "pull big")}
    assert engines(plan([State(SPEECH)], State(TEXT), ALL, Wishes(pull=True), lacks)) == ["big-ear"]
    with pytest.raises(NoRoute):
        plan([State(SPEECH, "zh")], State(TEXT), ALL, Wishes(offline=True), lacks)


def test_of_missing_engines_the_smaller_download_wins_over_a_little_quality():
    huge = card(
        "huge-ear",
        Ability.TRANSCRIBE,
        (port(SPEECH),),
        port(TEXT, Trait.TIMED),
        weights=Weights(repository="x/huge", revision="main", size_mb=5000, licence="MIT"),
        cost=Cost(quality=0.95),
    )
    lacks = {name: Lack("weights", name, "pull") for name in ("big-ear", "huge-ear")}
    assert engines(plan([State(SPEECH, "zh")], State(TEXT), (*ALL, huge), lacks=lacks)) == ["big-ear"]


def test_captioned_video_uses_the_speech_twice():
    route = plan([State(SPEECH)], State(VIDEO), ALL)
    assert engines(route) == ["big-ear", "captions"]
    assert [hop.inputs for hop in route.hops] == [(0,), (0, 1)]


def test_two_inputs_are_both_used():
    route = plan([State(SPEECH), State(IMAGE)], State(SPEECH), ALL)
    assert engines(route) == ["big-ear", "answerer", "voice"]
    assert route.hops[1].inputs == (1, 2)


def test_a_transcript_made_from_another_input_is_not_laid_under_the_speech():
    with pytest.raises(NoRoute):
        plan([State(SPEECH), State(IMAGE)], State(VIDEO), (SMALL_EAR, CAPTIONS, READER, VOICE, WORDS, ALIGNER, SOUND))


def test_an_answer_is_not_taken_for_what_is_said_in_the_question():
    attacher = card(
        "attacher", Ability.ATTACH, (port(SPEECH), port(TEXT, Trait.TIMED)), port(SPEECH, Trait.SPOKEN), matched=True
    )
    lacks = {"answerer": Lack("weights", "x/answerer", "pull answerer")}
    route = plan([State(SPEECH), State(IMAGE)], State(SPEECH), (*ALL, attacher), lacks=lacks)
    assert engines(route) == ["big-ear", "answerer", "voice"]


def test_subtitles_alone_are_not_laid_over_a_voice_made_from_them():
    slides = card("slides", Ability.FILM_SLIDES, (port(SPEECH, Trait.SPOKEN),), FILM, cost=Cost(quality=0.1))
    timed = State(TEXT, "en", frozenset({Trait.TIMED}))
    assert engines(plan([timed], State(VIDEO), (*ALL, slides))) == ["voice", "slides"]


def test_an_input_of_unknown_language_is_not_in_the_language_asked_for():
    assert engines(plan([State(TEXT)], State(TEXT, "zh"), ALL)) == ["translator"]
    with pytest.raises(NoRoute):
        plan([State(TEXT)], State(TEXT, "fr"), ALL)


def test_a_text_given_beside_speech_is_aligned_with_it():
    route = plan([State(SPEECH, "en"), State(TEXT, "en")], port(TEXT, Trait.TIMED), ALL)
    assert engines(route) == ["aligner"]


def test_plain_text_gets_times_by_being_spoken():
    assert engines(plan([State(TEXT, "en")], port(TEXT, Trait.TIMED), ALL)) == ["voice", "words"]


def test_another_language_goes_through_a_translator():
    route = plan([State(SPEECH, "zh")], State(SPEECH, "en"), ALL)
    assert engines(route) == ["big-ear", "translator", "voice"]
    assert [hop.output.language for hop in route.hops] == ["zh", "en", "en"]


def test_a_describer_writes_in_the_language_of_the_goal():
    route = plan([State(IMAGE)], State(TEXT, "zh"), (DESCRIBER, VOICE))
    assert engines(route) == ["describer"]
    assert route.hops[0].output.language == "zh"


def test_nothing_to_do_gives_a_route_without_hops():
    assert plan([State(SPEECH)], State(SPEECH), ALL).hops == ()


def test_via_and_avoid_are_kept():
    assert engines(plan([State(SPEECH)], State(TEXT), ALL, Wishes(avoid=("big-ear",)))) == ["small-ear"]
    via = plan([State(SPEECH)], State(TEXT), ALL, Wishes(via=("small-ear",)))
    assert "small-ear" in engines(via)
    with pytest.raises(UsageError, match="no engine “nobody”"):
        plan([State(SPEECH)], State(TEXT), ALL, Wishes(via=("nobody",)))


def test_latency_memory_and_licence_limits_choose_another_engine():
    for wishes in (Wishes(max_latency_s=10), Wishes(max_memory_gb=1), Wishes(licences=("MIT",))):
        assert engines(plan([State(SPEECH)], State(TEXT), ALL, wishes, amounts=[60.0])) == ["small-ear"]


def test_an_impossible_limit_is_named_with_what_could_be_had():
    with pytest.raises(NoRoute, match=r"keeps to --max-latency; without it big-ear would take 60\.0 s"):
        plan([State(SPEECH)], State(TEXT), ALL, Wishes(max_latency_s=1), amounts=[60.0])


def test_no_engine_at_all_is_said():
    with pytest.raises(NoRoute, match="no engine leads from table to video"):
        plan([State(TABLE)], State(VIDEO), ALL)


def test_costs_follow_the_size_of_the_inputs():
    short, long = (plan([State(SPEECH)], State(TEXT), ALL, amounts=[size]) for size in (10.0, 100.0))
    assert long.seconds == pytest.approx(10 * short.seconds)


def test_no_sources_is_wrong_usage():
    with pytest.raises(UsageError):
        plan([], State(TEXT), ALL)


def test_a_long_chain_under_a_latency_limit_keeps_the_best_that_is_fast_enough():
    middle = card(
        "middle-ear",
        Ability.TRANSCRIBE,
        (port(SPEECH),),
        port(TEXT, Trait.TIMED),
        cost=Cost(per_unit_s=0.3, quality=0.7),
    )
    route = plan([State(SPEECH)], State(TEXT), (*ALL, middle), Wishes(max_latency_s=20), amounts=[60.0])
    assert engines(route) == ["middle-ear"]


ENGLISH_PAINTER = card("painter", Ability.DRAW, (port(TEXT),), port(IMAGE), languages=("en",))


def test_a_chinese_text_reaches_an_english_painter_through_a_translator():
    route = plan([State(TEXT, "zh")], State(IMAGE), [TRANSLATOR, ENGLISH_PAINTER])
    assert engines(route) == ["translator", "painter"]
    assert route.hops[0].output.language == "en"
    assert engines(plan([State(TEXT, "en")], State(IMAGE), [TRANSLATOR, ENGLISH_PAINTER])) == ["painter"]


def test_nothing_else_is_translated_without_being_asked_for():
    english_voice = card("english", Ability.SPEAK, (port(TEXT),), port(SPEECH), languages=("en",))
    with pytest.raises(NoRoute):
        plan([State(TEXT, "zh")], State(SPEECH), [TRANSLATOR, english_voice])
    assert engines(plan([State(TEXT, "zh")], State(SPEECH, "en"), [TRANSLATOR, english_voice])) == [
        "translator",
        "english",
    ]


def test_two_translators_meet_in_english():
    into_english = card("fr-en", Ability.TRANSLATE, (port(TEXT),), port(TEXT), languages=("fr",), into=("en",))
    from_english = card("en-zh", Ability.TRANSLATE, (port(TEXT),), port(TEXT), languages=("en",), into=("zh",))
    route = plan([State(TEXT, "fr")], State(TEXT, "zh"), [into_english, from_english])
    assert engines(route) == ["fr-en", "en-zh"]


def test_a_view_of_a_mesh_may_be_described():
    view = card("view", Ability.RENDER, (port(Modality.MESH),), port(IMAGE))
    assert engines(plan([State(Modality.MESH)], State(TEXT), [view, DESCRIBER])) == ["view", "describer"]
