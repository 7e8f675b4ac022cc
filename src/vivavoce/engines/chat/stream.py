"""A server's answer as it comes: server-sent events to words and whole calls of tools, within limits of time."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from vivavoce.engines.chat.server_errors import Garbled, GaveUp
from vivavoce.engines.conversation import ToolCall
from vivavoce.errors import EngineError

DONE = "[DONE]"
MAX_LINE_BYTES = 4 * 2**20  # of one event


@dataclass(kw_only=True)
class Deadline:
    """How long an answer may take, in seconds: silence before the first word or between words, and the whole."""

    silence_s: float
    total_s: float
    began_s: float = field(default_factory=time.monotonic)
    heard_s: float = field(default_factory=time.monotonic)  # when the last word came

    def check(self) -> None:
        """Raise EngineError when a limit is over."""
        now = time.monotonic()
        for limit_s, since_s in ((self.total_s, self.began_s), (self.silence_s, self.heard_s)):
            if now - since_s > limit_s:
                raise EngineError(
                    "the chat server took longer than {seconds:g} s; try a smaller model or a shorter question",
                    seconds=limit_s,
                )

    def heard(self) -> None:
        """Note that a word came."""
        self.heard_s = time.monotonic()

    def handing(self, word: str) -> Iterator[str]:
        """Yield a word; the time that its reader takes over it counts for no limit."""
        given_s = time.monotonic()
        yield word
        held_s = time.monotonic() - given_s
        self.began_s += held_s
        self.heard_s += held_s


@dataclass
class _Call:
    """A call of a tool that is still coming in parts."""

    id: str = ""
    name: str = ""
    arguments: str = ""


def lines_of(chunks: Iterable[bytes], deadline: Deadline) -> Iterator[str]:
    """Yield lines of UTF-8; raise EngineError past the deadline, even amid a line, Garbled for a line without end."""
    rest = b""
    for chunk in chunks:
        deadline.check()
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").rstrip("\r")
        if len(rest) > MAX_LINE_BYTES:
            raise Garbled(rest.decode("utf-8", "replace"))
    if rest:
        yield rest.decode("utf-8", "replace")


def words_and_calls(lines: Iterable[str], deadline: Deadline) -> Iterator[str | ToolCall]:
    """Yield words as they come and calls when they are whole, from the lines of a stream.

    Raises Garbled or GaveUp with the server's words, EngineError when the stream breaks off or outlasts the deadline.
    """
    calls: dict[int, _Call] = {}
    finished = False
    for line in lines:
        if not line.startswith("data:"):
            _check_stream(line)
            continue
        content = line.removeprefix("data:").strip()
        if content == DONE:
            finished = True
            break
        choice = _choice(content)
        finished = finished or bool(choice.get("finish_reason"))
        delta = choice.get("delta") or {}
        if delta.get("content") or delta.get("reasoning_content") or delta.get("reasoning"):
            deadline.heard()  # a model that thinks is no silent one, though its thoughts are not passed on
        if delta.get("content"):
            yield from deadline.handing(str(delta["content"]))
        if delta.get("tool_calls"):
            deadline.heard()
            _collect(calls, delta["tool_calls"])
    if not finished:
        raise EngineError("the chat server broke off in the middle of its answer; ask again")
    for number in sorted(calls):
        call = calls[number]
        yield ToolCall(id=call.id or f"call-{number}", name=call.name, arguments=call.arguments or "{}")


def _check_stream(line: str) -> None:
    """Let pass what else a stream of events may hold: comments, other fields, blank lines."""
    if line.strip() and not line.startswith((":", "event:", "id:", "retry:")):
        raise Garbled(line)


def _choice(content: str) -> dict[str, Any]:
    """Return the first choice of a chunk, empty for a chunk without any, such as one of usage."""
    try:
        chunk = json.loads(content)
        if "error" in chunk:
            reason = chunk["error"]
            reason = reason.get("message", reason) if isinstance(reason, dict) else reason
            raise GaveUp(str(reason))
        choices = chunk["choices"]
        choice = choices[0] if choices else {}
        if not isinstance(choice, dict) or not isinstance(choice.get("delta") or {}, dict):
            raise TypeError("choice")
        return choice
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Garbled(content) from error


def _collect(calls: dict[int, _Call], parts: Any) -> None:  # noqa: ANN401 - JSON
    """Add the parts of calls to those that have come; the first part of a call names it."""
    try:
        for part in parts:
            call = calls.setdefault(int(part.get("index") or 0), _Call())
            function = part.get("function") or {}
            call.id = call.id or str(part.get("id") or "")
            call.name += str(function.get("name") or "")
            call.arguments += str(function.get("arguments") or "")
    except (ValueError, TypeError, AttributeError) as error:
        raise Garbled(str(parts)) from error
