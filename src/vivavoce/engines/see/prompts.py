"""What is said to models that look: fixed prompts by language, and conversations in a model's own chat template."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vivavoce.engines.chat.controls import controls_of, neutralised
from vivavoce.engines.conversation import Message
from vivavoce.errors import EngineError, UnsupportedLanguage, UsageError

Turn = dict[str, Any]  # "role", and "content" in parts

DESCRIBE = {
    "en": "Describe this picture in a short paragraph.",
    "zh": "请用一小段中文描述这张图片。",
}
DESCRIBE_IN = "Describe this picture in a short paragraph. Write in {language}."
LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pt": "Portuguese",
    "ru": "Russian",
    "th": "Thai",
    "vi": "Vietnamese",
}
FRAMES = {
    "en": "The pictures are frames of a video, in order, spread evenly over its {seconds} seconds.",
    "zh": "这些图片是一段视频中按时间顺序均匀截取的画面，视频长 {seconds} 秒。",
}


def describe_prompt(language: str, into: Sequence[str], engine: str) -> str:
    """Return the request for a description in `language`; raise UnsupportedLanguage when the model can't write it."""
    if language in into and language in DESCRIBE:
        return DESCRIBE[language]
    if language in into and language in LANGUAGES:
        return DESCRIBE_IN.format(language=LANGUAGES[language])
    raise UnsupportedLanguage(
        "{engine} describes pictures in {known}, got {language}; ask for one of these",
        engine=engine,
        known=", ".join(code for code in into if code in DESCRIBE or code in LANGUAGES),
        language=language,
    )


def frames_prompt(seconds: float, language: str | None) -> str:
    """Say that what is shown comes from a video of so many seconds."""
    return FRAMES["zh" if language == "zh" else "en"].format(seconds=round(seconds, 1))


def chat_template(folder: Path, tokenizer: Any) -> str:  # noqa: ANN401 - a tokenizer of transformers
    """Return the chat template of a checkpoint: that of its processor, which knows pictures, before its tokenizer's."""
    if (folder / "chat_template.jinja").is_file():
        return (folder / "chat_template.jinja").read_text("utf-8")
    if (folder / "chat_template.json").is_file():
        return str(json.loads((folder / "chat_template.json").read_text("utf-8"))["chat_template"])
    if isinstance(tokenizer.chat_template, str):
        return tokenizer.chat_template
    raise EngineError("the model in {path} has no chat template; get the model again", path=folder)


def rendered(tokenizer: Any, template: str, messages: Sequence[Message]) -> str:  # noqa: ANN401 - a tokenizer
    """Return a conversation as the model reads it, up to where it is to write."""
    said = turns(tokenizer, template, messages)
    return str(tokenizer.apply_chat_template(said, chat_template=template, tokenize=False, add_generation_prompt=True))


def turns(tokenizer: Any, template: str, messages: Sequence[Message]) -> list[Turn]:  # noqa: ANN401 - a tokenizer
    """Return messages as chat templates take them: pictures, then sounds, then words.

    What people write never acts as a control token, so nobody can end a turn or show a picture by typing one.
    """
    controls = controls_of(tokenizer, template)
    return [{"role": message.role, "content": _content(message, controls)} for message in messages]


def _content(message: Message, controls: tuple[str, ...]) -> list[dict[str, str]]:
    if message.calls or message.role == "tool":
        raise UsageError("a model that looks at pictures calls no tools; ask a chat model for that")
    views = [{"type": "image"}] * len(message.images) + [{"type": "audio"}] * len(message.sounds)
    return [*views, {"type": "text", "text": neutralised(message.text, controls)}]


def filled(text: str, token: str, counts: Sequence[int], engine: str) -> str:
    """Repeat each `token` in `text` as often as its picture or sound has features, `counts` in order.

    Raises EngineError where the template has not put one token for each.
    """
    parts = text.split(token)
    if len(parts) != len(counts) + 1:
        raise EngineError(
            "the chat template of {engine} has no place for pictures or sounds; get the model again", engine=engine
        )
    return parts[0] + "".join(token * count + part for count, part in zip(counts, parts[1:], strict=True))
