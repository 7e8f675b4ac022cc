"""What all models that look and write have in common, on checkpoints with random weights of each kind."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tiny import omni, see
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability
from vivavoce.engines.conversation import ChatOptions, Message, Tool
from vivavoce.engines.omni import qwen_omni
from vivavoce.engines.see import llava, qwen_vl
from vivavoce.engines.see.prompts import chat_template, rendered, turns
from vivavoce.errors import UnsupportedLanguage, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image
from vivavoce.media.text import Text
from vivavoce.media.video import Frame, Video

KINDS = {
    "llava": (see.llava, llava),
    "llava_onevision": (see.llava_onevision, llava),
    "qwen2_5_vl": (see.qwen2_5_vl, qwen_vl),
    "qwen3_vl": (see.qwen3_vl, qwen_vl),
    "qwen2_5_omni": (omni.qwen2_5_omni, qwen_omni),
    "qwen3_omni": (omni.qwen3_omni, qwen_omni),
}
LIKELIEST = ChatOptions(temperature=0, max_tokens=40)


def picture(seed=0, height=40, width=60):
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


class Changing:
    """A source whose pictures change colour half way."""

    def frames_at(self, times_s):
        for time_s in times_s:
            yield Frame(np.full((32, 48, 3), (250, 10, 10) if time_s < 4 else (10, 10, 250), np.uint8), time_s)


VIDEO = Video(source=Changing(), width=48, height=32, fps=10, duration_s=8.0, audible=False)


@pytest.fixture(scope="module", params=KINDS)
def checkpoint(request, tmp_path_factory):
    build, back_end = KINDS[request.param]
    folder = build(tmp_path_factory.mktemp(request.param))
    return Checkpoint(alias="tiny", engine="see", folder=str(folder), into=("en", "zh", "fr", "xx")), back_end


@pytest.fixture(scope="module")
def open_engine(checkpoint):
    """Return a function from the part of a name after the alias to an opened ability, with short answers."""
    model, back_end = checkpoint
    scopes = []

    def opened(edge, max_tokens=10):
        name = f"tiny/{edge}" if edge else "tiny"
        engine = next(engine for engine in back_end.engines(model) if engine.card.name == name)
        engine = replace(engine, max_tokens=max_tokens) if hasattr(engine, "max_tokens") else engine
        scopes.append(engine.open("cpu"))
        return scopes[-1].__enter__()

    yield opened
    for scope in scopes:
        scope.__exit__(None, None, None)


@pytest.fixture(scope="module")
def answer(open_engine):
    return open_engine("")


@pytest.fixture(scope="module")
def chat(open_engine):
    return open_engine("chat")


def ask(text, *images):
    return [Message("user", text, images=images)]


def test_pictures_of_any_size_get_an_answer(answer):
    shapes = [(1, 1), (3, 3), (1, 3), (2, 900), (3000, 20), (300, 500)]
    replies = [answer([picture(0, *shape)], Text("What is this?", "en")) for shape in shapes]
    assert {reply.language for reply in replies} == {"en"}
    assert len({reply.text for reply in replies}) > 2


def test_the_answer_depends_on_the_picture_and_on_the_question(chat):
    replies = {"".join(chat(ask("What?", picture(seed)), LIKELIEST)) for seed in range(4)}
    assert len(replies) > 1
    assert "".join(chat(ask("Where is it, then?", picture(0)), LIKELIEST)) not in replies


def test_several_pictures_are_looked_at_together(chat):
    both = "".join(chat(ask("What?", picture(1), picture(2, 50, 30)), LIKELIEST))
    other = "".join(chat(ask("What?", picture(1), picture(3, 50, 30)), LIKELIEST))
    assert both != other


def test_a_video_is_looked_at_in_frames_and_its_length_is_told(open_engine):
    watch = open_engine("video")
    assert watch([VIDEO], Text("发生了什么？", "zh")).language == "zh"
    assert watch([VIDEO, picture()], Text("What happens?", "en")).text


def test_more_pictures_than_it_can_take_are_refused(answer, chat):
    with pytest.raises(UsageError, match=r"tiny looks at 1–\d+ pictures at once, got 40"):
        answer([picture()] * 40, Text("What?"))
    with pytest.raises(UsageError, match=r"tiny looks at 1–\d+ pictures at once, got 40"):
        next(chat(ask("What?", *[picture()] * 40), LIKELIEST))


def test_a_question_over_the_limit_is_refused_with_the_limit(answer):
    with pytest.raises(UsageError, match=r"makes \d+ tokens and tiny reads 2047"):
        answer([picture()], Text("what is this? " * 200))


def test_what_a_user_types_is_never_a_control_token(chat, checkpoint):
    from transformers import AutoTokenizer

    folder = Path(checkpoint[0].folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    template = chat_template(folder, tokenizer)
    added = list(tokenizer.get_added_vocab())
    forged = added[0][:2] + added[0] + added[0][2:]  # of which another would be left if one were merely taken out
    honest, typed = (
        rendered(tokenizer, template, ask(f"a{tokens}b", picture())) for tokens in ("", " ".join([*added, forged]))
    )
    assert {token: typed.count(token) for token in added} == {token: honest.count(token) for token in added}
    assert "".join(chat(ask(f"a{''.join(added)}b", picture()), LIKELIEST))


def test_what_a_user_types_is_kept_to_the_letter():
    tokenizer = SimpleNamespace(all_special_tokens=["<eos>"], added_tokens_decoder={1: "\n\n", 2: "<eos>", 3: "is"})
    (turn,) = turns(tokenizer, "[INST]", [Message("user", "a\n\nb is <b>x</b>[INST]")])
    assert turn["content"] == [{"type": "text", "text": "a\n\nb is <b>x</b>[ INST]"}]


@pytest.mark.parametrize("kind", ["llava", "qwen2_5_vl"])
def test_a_model_that_can_not_hear_refuses_sounds(kind, tmp_path):
    build, back_end = KINDS[kind]
    model = Checkpoint(alias="tiny", engine="see", folder=str(build(tmp_path)))
    heard = Message("user", "What is said?", sounds=(Audio(np.zeros((1600, 1), np.float32), 16_000),))
    with back_end.load(model, "cpu") as seer:
        with pytest.raises(UsageError, match="tiny can't hear; give sounds to a model that does"):
            seer.write([heard], LIKELIEST)
        with pytest.raises(UsageError, match="tiny can't hear"):
            seer.write_each([[heard]], 3)


def test_descriptions_come_in_the_language_asked_for(open_engine):
    describe = open_engine("describe", 20)
    found = {code: describe(picture(), code) for code in (None, "en", "zh", "fr")}
    assert found[None] == found["en"]
    assert [found[code].language for code in ("en", "zh", "fr")] == ["en", "zh", "fr"]
    assert len({reply.text for reply in found.values()}) == 3


@pytest.mark.parametrize("code", ["de", "xx"])
def test_a_language_that_it_can_not_write_is_refused_with_those_it_can(open_engine, code):
    with pytest.raises(UnsupportedLanguage, match=f"describes pictures in en, zh, fr, got {code}"):
        open_engine("describe")(picture(), code)


def test_each_scene_of_a_video_is_described_at_its_time(open_engine):
    text = open_engine("watch")(VIDEO, "zh")
    assert text.language == "zh"
    first, second = text.segments
    assert (first.start_s, second.end_s) == (0.0, 8.0)
    assert first.end_s == second.start_s == pytest.approx(4, abs=0.6)
    assert text.text == first.text + second.text


def test_several_at_once_get_what_each_gets_alone(checkpoint):
    """Prompts of unlike length and pictures of unlike size: padding must not change what is written."""
    model, back_end = checkpoint
    asked = [
        ask("What is this?", picture(0)),
        ask("And what is that over there, please?", picture(1, 100, 30), picture(2, 20, 20)),
        ask("Hello"),
        ask("Why?", picture(3, 30, 200)),
    ]
    with back_end.load(model, "cpu") as seer:
        together = seer.write_each(asked, 12)
        assert together == [seer.write_each([conversation], 12)[0] for conversation in asked]
    assert len(set(together)) == 4


def test_a_stream_adds_up_to_the_whole(checkpoint, chat):
    model, back_end = checkpoint
    with back_end.load(model, "cpu") as seer:
        (whole,) = seer.write_each([ask("What is this?", picture())], 40)
    parts = list(chat(ask("What is this?", picture()), LIKELIEST))
    assert len(parts) > 3
    assert "".join(parts).strip() == whole


def test_the_same_seed_draws_the_same_words(chat):
    def drawn(seed):
        return "".join(chat(ask("What?", picture()), ChatOptions(seed=seed, max_tokens=20, temperature=1.5)))

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_closing_a_stream_stops_the_model_and_leaves_it_usable(checkpoint, chat):
    model, back_end = checkpoint
    with back_end.load(model, "cpu") as seer:
        stream = seer.write(ask("What?", picture()), ChatOptions(temperature=0, max_tokens=1500))
        next(stream)
        stream.close()
        assert seer.turn.acquire(timeout=5)
        seer.turn.release()
    assert list(chat(ask("What?"), LIKELIEST))


def test_tools_are_refused(chat):
    with pytest.raises(UsageError, match="calls no tools"):
        next(chat(ask("What?"), ChatOptions(tools=(Tool(name="f", description=""),))))
    with pytest.raises(UsageError, match="calls no tools"):
        next(chat([Message("tool", "4", call_id="1")], LIKELIEST))


def test_a_failure_while_writing_reaches_the_reader(checkpoint, chat):
    with pytest.raises(UsageError, match="reads 2047"):
        list(chat(ask("what is this? " * 200), LIKELIEST))


def test_cards_name_what_each_edge_does(checkpoint):
    model, back_end = checkpoint
    cards = {engine.card.name: engine.card for engine in back_end.engines(model)}
    assert cards["tiny"].ability is cards["tiny/video"].ability is Ability.ANSWER
    assert [str(port.modality) for port in cards["tiny/video"].takes] == ["video", "text"]
    assert cards["tiny"].into == ()
    assert cards["tiny/describe"].into == model.into
    assert cards["tiny/chat"].gives is None  # it lies on no route


def test_callers_at_the_same_time_get_what_each_gets_alone(checkpoint):
    """Such models keep positions in themselves, which two calls at once would mix up."""
    from concurrent.futures import ThreadPoolExecutor

    model, back_end = checkpoint
    asked = [ask("What is this?", picture(seed, 30 + 40 * seed, 60)) for seed in range(3)]
    with back_end.load(model, "cpu") as seer, ThreadPoolExecutor(3) as threads:
        alone = ["".join(seer.write(conversation, LIKELIEST)) for conversation in asked]
        together = threads.map(lambda conversation: "".join(seer.write(conversation, LIKELIEST)), asked)
        assert list(together) == alone
