"""`viva chat` with chat engines that are scripted, and with one that has random weights."""

import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from tiny import language as tiny
from vivavoce.engines.catalog import Catalog, catalog
from vivavoce.engines.chat.causal import CausalChat
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, Card, port
from vivavoce.errors import EngineError
from vivavoce.media.modality import Modality


@dataclass(frozen=True)
class Parrot:
    """A chat model that says back what it is told."""

    card: ClassVar[Card] = Card(
        name="parrot",
        ability=Ability.CHAT,
        takes=(port(Modality.TEXT), port(Modality.IMAGE)),
        gives=port(Modality.TEXT),
        summary="says it back",
        licence="MIT",
    )
    seen: list = field(default_factory=list, hash=False)

    @contextmanager
    def open(self, device):
        yield self.answer

    def answer(self, messages, options):
        self.seen.append((tuple(messages), options))
        said = messages[-1].text
        if said == "break":
            raise EngineError("the chat server broke off in the middle of its answer; ask again")
        yield f"{said}"
        if said == "interrupt":
            raise KeyboardInterrupt
        yield "!"


@pytest.fixture
def parrot(monkeypatch):
    engine = Parrot()
    others = {name: other for name, other in catalog().engines.items() if other.card.ability is not Ability.CHAT}
    monkeypatch.setattr("vivavoce.apps.converter.catalog", lambda: Catalog(others).adding([engine]))
    return engine


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_message_gets_one_answer_with_the_options_given(viva, parrot):
    done = viva("chat", "Hello", "--system", "Be kind.", "--max-tokens", "7", "--temperature", "0", "--seed", "3")
    assert (done.code, done.out) == (0, "Hello!\n"), done.err
    ((messages, options),) = parrot.seen
    assert [(message.role, message.text) for message in messages] == [("system", "Be kind."), ("user", "Hello")]
    assert (options.max_tokens, options.temperature, options.seed) == (7, 0, 3)


def test_a_message_may_come_from_standard_input(viva, parrot, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Hi there\n"))
    assert viva("chat").out == "Hi there!\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert viva("chat", "-").code == 2


def test_a_picture_goes_along(viva, parrot, tmp_path):
    import vivavoce as vv

    vv.save(vv.draw("Bread"), tmp_path / "card.png")
    assert viva("chat", "What is it?", "--image", "card.png").code == 0
    assert len(parrot.seen[0][0][-1].images) == 1
    vv.save(vv.Text("a"), tmp_path / "a.txt")
    assert "expected image, got text" in viva("chat", "What?", "--image", "a.txt").err


def test_a_conversation_remembers_its_turns_and_outlives_interrupts_and_errors(viva, parrot, monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal())
    said = iter(["one", "interrupt", "break", "two", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(said))
    done = viva("chat")
    assert done.code == 0
    assert done.out == "one!\ninterrupt …\ntwo!\n"
    assert "broke off" in done.err
    last = [(message.role, message.text) for message in parrot.seen[-1][0]]
    assert last == [
        *(("user", "one"), ("assistant", "one!")),
        *(("user", "interrupt"), ("assistant", "interrupt")),
        ("user", "two"),
    ]


def test_a_model_of_random_weights_says_the_same_with_the_same_seed(viva, monkeypatch, tmp_path_factory):
    model = Checkpoint(alias="tiny", engine="causal-lm", folder=str(tiny.causal(tmp_path_factory.mktemp("causal"))))
    monkeypatch.setattr("vivavoce.apps.converter.catalog", lambda: Catalog({"tiny": CausalChat(model=model)}))
    once = viva("chat", "Hello", "--engine", "tiny", "--seed", "1", "--max-tokens", "8")
    assert once.code == 0, once.err
    assert once.out == viva("chat", "Hello", "--seed", "1", "--max-tokens", "8").out


def test_without_a_model_it_says_what_to_do(viva, monkeypatch, tmp_path):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    models = [
        Checkpoint(alias=alias, engine="causal-lm", repository=f"a/{alias}", size_mb=size)
        for alias, size in (("large", 9000), ("small", 900))
    ]
    lacking = Catalog({model.alias: CausalChat(model=model) for model in models})
    monkeypatch.setattr("vivavoce.apps.converter.catalog", lambda: lacking)
    done = viva("chat", "Hello")
    assert done.code == 1
    assert "set VIVAVOCE_LLM_URL" in done.err and "viva models pull small" in done.err


def test_an_engine_that_does_not_chat_is_wrong_usage(viva):
    assert viva("chat", "Hello", "--engine", "espeak").code == 2


@pytest.mark.parametrize("message", ["", "  "])
def test_an_empty_message_is_wrong_usage_and_never_sent(viva, parrot, message):
    done = viva("chat", message)
    assert done.code == 2 and "there is no message" in done.err
    assert parrot.seen == []
