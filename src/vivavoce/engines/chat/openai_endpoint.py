"""Any server with OpenAI's chat API (vLLM, Ollama, llama.cpp, LocalAI, …), by the official client of that API.

The client keeps connections, retries with growing pauses and heeds Retry-After; the lines of the stream are read
here, so that a server that only says “still there” can't outlast the limits of time.
"""

import base64
import io
import os
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vivavoce.engines.abilities import Chat
from vivavoce.engines.chat.prompt import calls_json, check_conversation, tools_json
from vivavoce.engines.chat.server_errors import check_address, explained, without_key
from vivavoce.engines.chat.stream import Deadline, lines_of, words_and_calls
from vivavoce.engines.contract import Ability, Card, Cost, port, require
from vivavoce.engines.conversation import ChatOptions, Message, ToolCall
from vivavoce.errors import EngineError, NotReady
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality

if TYPE_CHECKING:
    import openai

URL_VARIABLE, MODEL_VARIABLE, KEY_VARIABLE = "VIVAVOCE_LLM_URL", "VIVAVOCE_LLM_MODEL", "VIVAVOCE_LLM_API_KEY"
HEARING_RATE_HZ = 16_000


_CARD = Card(
    name="openai-endpoint",
    ability=Ability.CHAT,
    takes=(port(Modality.TEXT), port(Modality.IMAGE), port(Modality.SPEECH)),
    gives=None,
    summary="a chat model on a server with OpenAI's API, such as vLLM, Ollama or llama.cpp",
    licence="Apache-2.0",
    extra="chat",
    module="openai",
    tier="hub",
    cost=Cost(fixed_s=0.5, per_unit_s=0.005, memory_gb=0.05, quality=0.85),
)


@dataclass(frozen=True, kw_only=True)
class OpenAiEndpoint:
    """Which server (its URL up to /v1) and model, "" for what the environment names, and how long to wait.

    Without any model named it is the first that the server lists. `connect_s` is for the connection, `silence_s`
    for the longest silence before the first word or between words, `total_s` for the whole answer.
    """

    url: str = ""
    model: str = ""
    connect_s: float = 5.0
    silence_s: float = 60.0
    total_s: float = 600.0
    retries: int = 2

    @property
    def card(self) -> Card:
        """Describe it; it lacks an address unless one is set here or in the environment."""
        return replace(_CARD, variable=None if self.url else URL_VARIABLE)

    @contextmanager
    def open(self, device: str) -> Iterator[Chat]:
        """Yield the conversation partner; raise NotReady without library or server, UsageError for no URL."""
        library = require("openai", "chat")
        url = self.url or os.environ.get(URL_VARIABLE, "")
        if not url:
            raise NotReady(
                "no chat server is named; run: export {variable}=http://localhost:11434/v1", variable=URL_VARIABLE
            )
        check_address(url)
        key = os.environ.get(KEY_VARIABLE, "")
        redact = without_key(key)
        timeout = library.Timeout(min(self.silence_s, self.total_s), connect=self.connect_s)
        with explained(url, self.model, redact):
            connection = library.OpenAI(base_url=url, api_key=key or "none", timeout=timeout, max_retries=self.retries)
        with connection as client:
            named = [self.model or os.environ.get(MODEL_VARIABLE, "")]

            def chat(messages: Sequence[Message], options: ChatOptions) -> Iterator[str | ToolCall]:
                check_conversation(messages)
                with explained(url, named[0], redact):
                    named[0] = named[0] or first_model(client)
                    yield from self._answer(client, named[0], messages, options)

            yield chat

    def _answer(
        self, client: "openai.OpenAI", model: str, messages: Sequence[Message], options: ChatOptions
    ) -> Iterator[str | ToolCall]:
        """Yield the answer; the connection is closed when the reader stops."""
        deadline = Deadline(silence_s=self.silence_s, total_s=self.total_s)
        settings = {
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            **({"seed": options.seed} if options.seed is not None else {}),
            **({"stop": list(options.stop)} if options.stop else {}),
            **({"tools": tools_json(options.tools)} if options.tools else {}),
        }
        body: dict[str, Any] = {"model": model, "messages": [_spelled(m) for m in messages], "stream": True, **settings}
        with client.chat.completions.with_streaming_response.create(**body) as response:
            yield from words_and_calls(lines_of(response.iter_bytes(), deadline), deadline)


def first_model(client: "openai.OpenAI") -> str:
    """Return the first model that the server lists; raise EngineError when it lists none."""
    found = next(iter(client.models.list()), None)
    if found is None:
        raise EngineError("the chat server lists no models; name one in {variable}", variable=MODEL_VARIABLE)
    return str(found.id)


def _spelled(message: Message) -> dict[str, Any]:
    """Return a message as the API spells it: words alone as a string, pictures and sounds as parts."""
    spelled: dict[str, Any] = {"role": message.role, "content": _content(message)}
    if message.calls:
        spelled["tool_calls"] = calls_json(message.calls, parsed=False)
    if message.role == "tool":
        spelled["tool_call_id"] = message.call_id
    return spelled


def _content(message: Message) -> str | list[dict[str, Any]]:
    if not message.images and not message.sounds:
        return message.text
    pictures = [{"type": "image_url", "image_url": {"url": data_url(image)}} for image in message.images]
    sounds = [
        {"type": "input_audio", "input_audio": {"data": _base64(wav(sound)), "format": "wav"}}
        for sound in message.sounds
    ]
    words = [{"type": "text", "text": message.text}] if message.text else []
    return [*pictures, *sounds, *words]


def data_url(image: Image) -> str:
    """Return a picture as a data URL, in PNG."""
    file = io.BytesIO()
    image.pillow().save(file, "PNG")
    return f"data:image/png;base64,{_base64(file.getvalue())}"


def wav(sound: Audio) -> bytes:
    """Return mono sound at 16 kHz as a WAV file of 16 bits."""
    import numpy as np

    samples = np.clip(sound.at(HEARING_RATE_HZ), -1, 1)
    file = io.BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(HEARING_RATE_HZ)
        target.writeframes((samples * 32767).astype("<i2").tobytes())
    return file.getvalue()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
