"""Conversations in the shape that chat templates and OpenAI-compatible servers share: messages and tools as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from vivavoce.engines.conversation import Message, Tool, ToolCall
from vivavoce.errors import UsageError


def tools_json(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """Return tools as the API spells them; raise UsageError for parameters that are no JSON object."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": _schema(tool)},
        }
        for tool in tools
    ]


def _schema(tool: Tool) -> dict[str, Any]:
    try:
        schema = json.loads(tool.parameters)
    except ValueError:
        schema = None
    if not isinstance(schema, dict):
        raise UsageError("the parameters of the tool “{name}” are no JSON object; give its JSON Schema", name=tool.name)
    return schema


def calls_json(calls: Sequence[ToolCall], parsed: bool) -> list[dict[str, Any]]:
    """Return calls as the API spells them; `parsed` arguments are an object, as chat templates want them."""
    return [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": _arguments(call) if parsed else call.arguments},
        }
        for call in calls
    ]


def _arguments(call: ToolCall) -> object:
    try:
        return json.loads(call.arguments)
    except ValueError:
        return call.arguments  # as a model wrote it, which need not be JSON


def check_conversation(messages: Sequence[Message]) -> None:
    """Raise UsageError for a conversation that nobody could answer."""
    if not any(message.role != "system" for message in messages):
        raise UsageError("a conversation needs a message of the user; add one")
