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
    from vivavoce.apps.converter import Converter, Job
    from vivavoce.apps.tasks import (
        align,
        answer,
        chart,
        convert,
        describe,
        detect_speech,
        draw,
        embed,
        extract,
        identify_language,
        plan,
        read,
        speak,
        stream_speech,
        stream_transcript,
        summarise,
        transcribe,
    )
    from vivavoce.engines.options import DrawOptions, FilmOptions, Hints, Preferences, Voice
    from vivavoce.errors import VivavoceError
    from vivavoce.media.audio import Audio
    from vivavoce.media.gateway import open_value as open
    from vivavoce.media.gateway import save
    from vivavoce.media.image import Image
    from vivavoce.media.limits import Limits
    from vivavoce.media.table import Table
    from vivavoce.media.text import Segment, Text, Word
    from vivavoce.media.video import Frame, Video
    from vivavoce.routes.route import Route, Wishes

__version__ = "0.1.0"

_HOMES = {
    "Converter": "apps.converter",
    "Job": "apps.converter",
    "align": "apps.tasks",
    "answer": "apps.tasks",
    "chart": "apps.tasks",
    "convert": "apps.tasks",
    "describe": "apps.tasks",
    "detect_speech": "apps.tasks",
    "draw": "apps.tasks",
    "embed": "apps.tasks",
    "extract": "apps.tasks",
    "identify_language": "apps.tasks",
    "plan": "apps.tasks",
    "read": "apps.tasks",
    "speak": "apps.tasks",
    "stream_speech": "apps.tasks",
    "stream_transcript": "apps.tasks",
    "summarise": "apps.tasks",
    "transcribe": "apps.tasks",
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
    "Converter",
    "DrawOptions",
    "FilmOptions",
    "Frame",
    "Hints",
    "Image",
    "Job",
    "Limits",
    "Preferences",
    "Route",
    "Segment",
    "Table",
    "Text",
    "Video",
    "VivavoceError",
    "Voice",
    "Wishes",
    "Word",
    "align",
    "answer",
    "chart",
    "convert",
    "describe",
    "detect_speech",
    "draw",
    "embed",
    "extract",
    "identify_language",
    "open",
    "plan",
    "read",
    "save",
    "speak",
    "stream_speech",
    "stream_transcript",
    "summarise",
    "transcribe",
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
