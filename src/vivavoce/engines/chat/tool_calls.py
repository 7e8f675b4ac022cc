"""Calls of tools in a model's words, as Hermes and Qwen models write them: <tool_call>{"name": …}</tool_call>."""

import json
from collections.abc import Iterable, Iterator

from vivavoce.engines.conversation import ToolCall

OPENING, CLOSING = "<tool_call>", "</tool_call>"


def with_calls(words: Iterable[str]) -> Iterator[str | ToolCall]:
    """Yield words as they come, and each call when it is whole; what looks like one but is none stays words."""
    held, count = "", 0
    for word in words:
        held += word
        while (part := _first(held)) is not None:
            text, body, held = part
            if text:
                yield text
            if body is not None:
                call = _parsed(body, count)
                count += isinstance(call, ToolCall)
                yield call
            if not held or body is None:
                break
    if held:
        yield held


def _first(held: str) -> tuple[str, str | None, str] | None:
    """Return what may be given out, the body of a whole call behind it, and the rest; None when it must wait."""
    start = held.find(OPENING)
    if start < 0:
        safe = len(held) - _begun(held)
        return (held[:safe], None, held[safe:]) if safe else None
    end = held.find(CLOSING, start)
    if end < 0:
        return (held[:start], None, held[start:]) if start else None
    return held[:start], held[start + len(OPENING) : end], held[end + len(CLOSING) :]


def _begun(held: str) -> int:
    """Return how many characters at the end may be the beginning of a call."""
    return next((size for size in range(len(OPENING) - 1, 0, -1) if held.endswith(OPENING[:size])), 0)


def _parsed(body: str, number: int) -> str | ToolCall:
    try:
        record = json.loads(body)
        name, arguments = record["name"], record.get("arguments", record.get("parameters", {}))
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{OPENING}{body}{CLOSING}"
    spelled = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(id=f"call-{number}", name=str(name), arguments=spelled)
