"""Options that several commands share, and what they become."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from vivavoce.apps.converter import Job
from vivavoce.apps.inputs import Kind
from vivavoce.cli.language import Option
from vivavoce.engines.options import THEMES, DrawOptions, FilmOptions, Hints, Preferences, Voice
from vivavoce.errors import UsageError
from vivavoce.routes.route import GOALS, Wishes

F = TypeVar("F", bound=Callable[..., Any])


def option(*names: str, **settings: Any) -> Callable[[F], F]:  # noqa: ANN401 - passed on to click as they are
    """Add an option with translated help."""
    return click.option(*names, cls=Option, **settings)


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Make one decorator of several, the first on top of the help."""

    def decorate(function: F) -> F:
        for add in reversed(options):
            function = add(function)
        return function

    return decorate


languages = together(
    option("--language", metavar="CODE", help="Language of the inputs, such as en or zh."),
    option("--to-language", metavar="CODE", help="Language of the result."),
)

routing = together(
    option("--goal", type=click.Choice(GOALS), default="best", show_default=True, help="What the route should be."),
    option("--max-latency", type=click.FloatRange(min=0), metavar="SECONDS", help="Longest the route may take."),
    option("--max-memory", type=click.FloatRange(min=0), metavar="GB", help="Most memory that one engine may take."),
    option("--licence", multiple=True, metavar="SPDX", help="Allow only engines under this licence (repeat for more)."),
    option("--via", multiple=True, metavar="ENGINE", help="The route must cross this engine."),
    option("--avoid", multiple=True, metavar="ENGINE", help="The route must not cross this engine."),
    option("--offline", is_flag=True, help="Use only what is on this machine."),
    option("--pull", is_flag=True, help="Fetch model weights that the best route needs."),
)

voices = together(
    option("--voice", default="", metavar="NAME", help="A voice, such as en-gb, cmn or slt."),
    option("--rate", type=click.FloatRange(0.25, 4), default=1.0, show_default=True, help="Speaking rate."),
    option("--pitch", type=click.IntRange(0, 100), default=50, show_default=True, help="Pitch of the voice."),
)

looks = together(
    option("--size", metavar="WxH", help="Size of pictures and videos; without it what suits the engine, or 1280x720."),
    option("--theme", type=click.Choice(THEMES), help="Colours of pictures and videos."),
    option(
        "--subtitles",
        type=click.Choice(["burnt", "soft", "both", "none"]),
        default="both",
        show_default=True,
        help="Subtitles in the picture, beside it, both or none.",
    ),
)

device = option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", help="Where to run.")
overwrite = option("--overwrite", is_flag=True, help="Replace a target that exists.")
as_json = option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


def job_of(to: Kind, given: dict[str, Any]) -> Job:
    """Return the job that a command's options describe."""
    language = given.get("language")
    return Job(
        to=to,
        language=language,
        to_language=given.get("to_language"),
        wishes=Wishes(
            goal=given.get("goal", "best"),
            max_latency_s=given.get("max_latency"),
            max_memory_gb=given.get("max_memory"),
            offline=given.get("offline", False),
            pull=given.get("pull", False),
            licences=tuple(given.get("licence", ())),
            via=tuple(given.get("via", ())),
            avoid=tuple(given.get("avoid", ())),
        ),
        preferences=_preferences(given, language),
    )


def _preferences(given: dict[str, Any], language: str | None) -> Preferences:
    draw, film = DrawOptions(), FilmOptions()
    if size := given.get("size"):
        width, height = parse_size(size)
        draw, film = replace(draw, width=width, height=height), replace(film, width=width, height=height)
    if theme := given.get("theme"):
        draw, film = replace(draw, theme=theme), replace(film, theme=theme)
    return Preferences(
        hints=Hints(
            language=language,
            grammar=given.get("grammar", ""),
            prompt=given.get("prompt", ""),
            task=given.get("task", "transcribe"),
        ),
        voice=Voice(name=given.get("voice", ""), rate=given.get("rate", 1.0), pitch=given.get("pitch", 50)),
        draw=draw,
        film=replace(film, subtitles=given.get("subtitles", "both")),
    )


def parse_size(text: str) -> tuple[int, int]:
    """Return the width and height that "1280x720" names; raise UsageError for anything else."""
    width, _, height = text.lower().replace("×", "x").partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise UsageError("“{size}” is no size such as 1280x720; give width and height in pixels", size=text)
    return int(width), int(height)
