"""Vivavoce: any of text, speech, image, video or table in, any other out, on your own machine.

    import vivavoce as vv

    vv.convert("talk.flac", to="text")                    # what is said
    vv.save(vv.convert("notes.txt", to="speech"), "notes.mp3")
    print(vv.plan(vv.Audio, to=vv.Image))                 # the route, without taking it

Nothing heavy is imported until it is used.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vivavoce.apps.abilities import (
        answer,
        chat,
        classify,
        detect_speech,
        diarize,
        draw_all,
        embed,
        hear,
        identify_language,
        read,
        redraw,
        voiceprint,
    )
    from vivavoce.apps.converter import Converter, Job
    from vivavoce.apps.tasks import (
        align,
        chart,
        convert,
        describe,
        draw,
        extract,
        plan,
        speak,
        stream_speech,
        stream_transcript,
        summarise,
        transcribe,
        translate,
    )
    from vivavoce.engines.abilities import Score, Span, Turn
    from vivavoce.engines.conversation import ChatOptions, Message, Tool, ToolCall
    from vivavoce.engines.options import Brush, DrawOptions, FilmOptions, Hints, Preferences, Voice
    from vivavoce.errors import VivavoceError
    from vivavoce.media.audio import Audio
    from vivavoce.media.gateway import open_value as open
    from vivavoce.media.gateway import save
    from vivavoce.media.image import Image
    from vivavoce.media.limits import Limits
    from vivavoce.media.mesh import Mesh
    from vivavoce.media.table import Table
    from vivavoce.media.text import Segment, Text, Word
    from vivavoce.media.video import Frame, Video
    from vivavoce.routes.route import Route, Wishes

__version__ = "0.1.0"

_HOMES = {
    "answer": "apps.abilities",
    "chat": "apps.abilities",
    "classify": "apps.abilities",
    "detect_speech": "apps.abilities",
    "diarize": "apps.abilities",
    "draw_all": "apps.abilities",
    "embed": "apps.abilities",
    "hear": "apps.abilities",
    "identify_language": "apps.abilities",
    "read": "apps.abilities",
    "redraw": "apps.abilities",
    "voiceprint": "apps.abilities",
    "Converter": "apps.converter",
    "Job": "apps.converter",
    "align": "apps.tasks",
    "chart": "apps.tasks",
    "convert": "apps.tasks",
    "describe": "apps.tasks",
    "draw": "apps.tasks",
    "extract": "apps.tasks",
    "plan": "apps.tasks",
    "speak": "apps.tasks",
    "stream_speech": "apps.tasks",
    "stream_transcript": "apps.tasks",
    "summarise": "apps.tasks",
    "transcribe": "apps.tasks",
    "translate": "apps.tasks",
    "Score": "engines.abilities",
    "Span": "engines.abilities",
    "Turn": "engines.abilities",
    "ChatOptions": "engines.conversation",
    "Message": "engines.conversation",
    "Tool": "engines.conversation",
    "ToolCall": "engines.conversation",
    "Brush": "engines.options",
    "DrawOptions": "engines.options",
    "FilmOptions": "engines.options",
    "Hints": "engines.options",
    "Preferences": "engines.options",
    "Voice": "engines.options",
    "VivavoceError": "errors",
    "Audio": "media.audio",
    "open": "media.gateway:open_value",
    "save": "media.gateway",
    "Image": "media.image",
    "Limits": "media.limits",
    "Mesh": "media.mesh",
    "Table": "media.table",
    "Segment": "media.text",
    "Text": "media.text",
    "Word": "media.text",
    "Frame": "media.video",
    "Video": "media.video",
    "Route": "routes.route",
    "Wishes": "routes.route",
}
"""Where each public name lives; `module:name` where it is called otherwise there."""

__all__ = [
    "Audio",
    "Brush",
    "ChatOptions",
    "Converter",
    "DrawOptions",
    "FilmOptions",
    "Frame",
    "Hints",
    "Image",
    "Job",
    "Limits",
    "Mesh",
    "Message",
    "Preferences",
    "Route",
    "Score",
    "Segment",
    "Span",
    "Table",
    "Text",
    "Tool",
    "ToolCall",
    "Turn",
    "Video",
    "VivavoceError",
    "Voice",
    "Wishes",
    "Word",
    "align",
    "answer",
    "chart",
    "chat",
    "classify",
    "convert",
    "describe",
    "detect_speech",
    "diarize",
    "draw",
    "draw_all",
    "embed",
    "extract",
    "hear",
    "identify_language",
    "open",
    "plan",
    "read",
    "redraw",
    "save",
    "speak",
    "stream_speech",
    "stream_transcript",
    "summarise",
    "transcribe",
    "translate",
    "voiceprint",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'vivavoce' has no attribute '{name}'")
    module, _, original = _HOMES[name].partition(":")
    value: object = getattr(importlib.import_module(f"vivavoce.{module}"), original or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
