"""What is said to a chat model, and what it may answer: words, or a wish to call a tool."""

from dataclasses import dataclass
from typing import Literal

from vivavoce.errors import UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image

Role = Literal["system", "user", "assistant", "tool"]
ROLES: tuple[Role, ...] = ("system", "user", "assistant", "tool")


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A function that a model may call; `parameters` is its JSON Schema, as JSON."""

    name: str
    description: str
    parameters: str = '{"type": "object", "properties": {}}'


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """A model's wish to call a tool; `arguments` is JSON as the model wrote it, not yet checked."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Message:
    """A turn of a conversation. A tool's result has the `call_id` of the call that it answers."""

    role: Role
    text: str = ""
    images: tuple[Image, ...] = ()
    sounds: tuple[Audio, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise UsageError("unknown role “{role}”; choose one of {known}", role=self.role, known=", ".join(ROLES))


@dataclass(frozen=True, kw_only=True)
class ChatOptions:
    """How to answer: at most `max_tokens`, temperature 0 (the likeliest word) to 2, stop where a string appears."""

    max_tokens: int = 512
    temperature: float = 0.7
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.max_tokens <= 1_000_000:
            raise UsageError("max_tokens of {count} is outside 1–1000000; choose one inside", count=self.max_tokens)
        if not 0 <= self.temperature <= 2:
            raise UsageError("a temperature of {value} is outside 0–2; choose one inside", value=self.temperature)
        if not 0 < self.top_p <= 1:
            raise UsageError("a top_p of {value} is outside 0–1; choose one inside", value=self.top_p)
