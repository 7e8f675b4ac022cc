"""Language models by transformers (Qwen, Llama, Gemma, Phi, SmolLM, …), spoken to by their own chat template."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from vivavoce.engines.abilities import Chat
from vivavoce.engines.chat.controls import controls_of, neutralised
from vivavoce.engines.chat.generation import tokens, words
from vivavoce.engines.chat.prompt import calls_json, check_conversation, tools_json
from vivavoce.engines.chat.stops import until
from vivavoce.engines.chat.tool_calls import with_calls
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port, require
from vivavoce.engines.conversation import ChatOptions, Message, Tool, ToolCall
from vivavoce.engines.torch_models import loaded, pretrained
from vivavoce.engines.translate.chat_translator import ChatTranslator
from vivavoce.errors import EngineError, TooLarge, UsageError
from vivavoce.media.modality import Modality

MODEL_TYPES = (
    *("qwen2", "qwen3", "qwen2_moe", "qwen3_moe", "llama", "mistral", "mixtral", "gemma", "gemma2", "gemma3_text"),
    *("phi", "phi3", "smollm3", "gpt2", "gpt_neox", "olmo2", "granite", "stablelm", "cohere", "falcon"),
)
UNKNOWN_CONTEXT = 100_000


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do: converse, and if it knows several languages translate by conversing."""
    chat = CausalChat(model=model)
    return (chat,) if len(model.languages) == 1 else (chat, ChatTranslator(chat=chat))


@dataclass(frozen=True, kw_only=True)
class CausalChat:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        return self.model.card(
            Ability.CHAT, (port(Modality.TEXT),), None, "converses, and calls tools where it learnt to"
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Chat]:
        """Yield the conversation partner; raise NotReady without the library or the weights."""
        folder = self.model.path()
        transformers = require("transformers", "hub")
        template = Template.load(folder, self.model.alias)
        with loaded(transformers.AutoModelForCausalLM, folder, device) as model:
            longest = int(getattr(model.config, "max_position_embeddings", UNKNOWN_CONTEXT))
            ends = _ends(model, template.tokenizer)

            def chat(messages: Sequence[Message], options: ChatOptions) -> Iterator[str | ToolCall]:
                prompt = template.prompt(messages, options.tools)
                room = longest - len(prompt)
                if room < 1:
                    raise TooLarge(
                        "the conversation has {count:,} tokens, and {engine} reads fewer than {limit:,}; shorten it",
                        count=len(prompt),
                        engine=self.model.alias,
                        limit=longest,
                    )
                fitted = replace(options, max_tokens=min(options.max_tokens, room))
                said = until(words(template.tokenizer, tokens(model, prompt, ends, fitted)), options.stop)
                yield from with_calls(said) if options.tools else said

            yield chat


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:  # noqa: ANN401 - of transformers
    """Return the tokens that end an answer: those of the model's settings and that of its tokenizer."""
    named = model.generation_config.eos_token_id
    listed = named if isinstance(named, list) else [named]
    return frozenset(int(number) for number in (*listed, tokenizer.eos_token_id) if number is not None)


@dataclass(frozen=True)
class Template:
    """A tokenizer with its chat template, and the control tokens that nobody may write into a message."""

    tokenizer: Any
    controls: tuple[str, ...]

    @classmethod
    def load(cls, folder: Path, name: str) -> Self:
        """Read them from a checkpoint; raise EngineError without a chat template."""
        transformers = require("transformers", "hub")
        tokenizer = pretrained(transformers.AutoTokenizer, folder)
        if not tokenizer.chat_template:
            raise EngineError(
                "the model {engine} has no chat template, so it was not trained to converse; choose an instruct model",
                engine=name,
            )
        template = tokenizer.chat_template
        text = template if isinstance(template, str) else "".join(template.values())
        return cls(tokenizer, controls_of(tokenizer, text))

    def prompt(self, messages: Sequence[Message], tools: Sequence[Tool]) -> list[int]:
        """Return the numbers of the tokens to go on from.

        Raises UsageError for pictures, sounds and empty conversations, EngineError for one that the template refuses.
        """
        jinja2 = require("jinja2", "hub")
        check_conversation(messages)
        if any(message.images or message.sounds for message in messages):
            raise UsageError("this chat model reads text alone; give pictures and sounds to one that takes them")
        spelled = [self._spelled(message) for message in messages]
        try:
            return self._rendered(spelled, tools)
        except jinja2.TemplateError as error:
            if spelled[0]["role"] != "system":
                raise _refused(error) from error
        try:
            return self._rendered(_without_system(spelled), tools)
        except jinja2.TemplateError as error:
            raise _refused(error) from error

    def _rendered(self, spelled: list[dict[str, Any]], tools: Sequence[Tool]) -> list[int]:
        text = self.tokenizer.apply_chat_template(
            spelled,
            tools=tools_json(tools) or None,
            add_generation_prompt=True,
            tokenize=False,
            enable_thinking=False,  # of Qwen 3 and SmolLM 3: an answer is to be heard at once
        )
        return [int(number) for number in self.tokenizer(text, add_special_tokens=False).input_ids]

    def _spelled(self, message: Message) -> dict[str, Any]:
        spelled: dict[str, Any] = {"role": message.role, "content": neutralised(message.text, self.controls)}
        if message.calls:
            calls = [
                replace(
                    call,
                    name=neutralised(call.name, self.controls),
                    arguments=neutralised(call.arguments, self.controls),
                )
                for call in message.calls
            ]
            spelled["tool_calls"] = calls_json(calls, parsed=True)
        if message.role == "tool":
            spelled["tool_call_id"] = message.call_id
        return spelled


def _without_system(spelled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the system's words before the user's first, for templates that know no system."""
    system, *others = spelled
    first = next((at for at, message in enumerate(others) if message["role"] == "user"), None)
    if first is None:
        return others
    others[first] = {**others[first], "content": f"{system['content']}\n\n{others[first]['content']}"}
    return others


def _refused(error: Exception) -> EngineError:
    return EngineError(
        "the model's chat template refuses the conversation ({reason}); let user and assistant take turns",
        reason=str(error)[:200],
    )
