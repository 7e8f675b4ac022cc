"""What callers may ask of engines: how to listen, speak, draw, film and converse."""

from dataclasses import dataclass, field
from typing import Literal

from vivavoce.errors import UsageError

Theme = Literal["light", "dark", "paper"]
THEMES: tuple[Theme, ...] = ("light", "dark", "paper")
Emotion = Literal["neutral", "happy", "sad", "angry", "calm"]
EMOTIONS: tuple[Emotion, ...] = ("neutral", "happy", "sad", "angry", "calm")
SIDES = (1, 8192)
SCREEN = (1280, 720)


def check_look(width: int, height: int, theme: str) -> None:
    """Raise UsageError for a size outside 1–8192 pixels a side, or an unknown theme."""
    if not (SIDES[0] <= width <= SIDES[1] and SIDES[0] <= height <= SIDES[1]):
        raise UsageError(
            "a size of {width} × {height} is outside {low}–{high} pixels a side; choose one inside",
            width=width,
            height=height,
            low=SIDES[0],
            high=SIDES[1],
        )
    if theme not in THEMES:
        raise UsageError("unknown theme “{theme}”; choose one of {known}", theme=theme, known=", ".join(THEMES))


def _within(name: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not low <= value <= high:
        raise UsageError(
            "{name} of {value} is outside {low}–{high}; choose one inside", name=name, value=value, low=low, high=high
        )


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What a recogniser may be told: language code, JSGF grammar, what was said before, words to expect, translation.

    The last is into English, by the task "translate".
    """

    language: str | None = None
    grammar: str = ""
    prompt: str = ""
    hot_words: tuple[str, ...] = ()
    task: Literal["transcribe", "translate"] = "transcribe"


@dataclass(frozen=True, kw_only=True)
class Voice:
    """How to speak: a voice's name ("" for the language's own), speed as a factor 0.25–4, pitch in 0..100.

    `emotion` is one of EMOTIONS with an `intensity` in 0..1.
    """

    name: str = ""
    rate: float = 1.0
    pitch: int = 50
    emotion: Emotion = "neutral"
    intensity: float = 0.5

    def __post_init__(self) -> None:
        if not 0.25 <= self.rate <= 4:
            raise UsageError("a speaking rate of {rate} is outside 0.25–4; choose one inside", rate=self.rate)
        if not 0 <= self.pitch <= 100:
            raise UsageError("a pitch of {pitch} is outside 0–100; choose one inside", pitch=self.pitch)
        if self.emotion not in EMOTIONS:
            raise UsageError(
                "unknown emotion “{emotion}”; choose one of {known}", emotion=self.emotion, known=", ".join(EMOTIONS)
            )
        _within("intensity", self.intensity, 0, 1)


@dataclass(frozen=True, kw_only=True)
class Brush:
    """How a generative model paints; None leaves a figure to the model's own default.

    `negative` is what must not be seen, `style` the name of a prompt template, `steps` of denoising, `guidance` how
    strictly the prompt is kept to, `strength` in 0..1 how far a given picture is changed. `count` pictures are drawn
    from one seed, the same ones each time. `safety` leaves out what the model's own checker finds improper.
    """

    negative: str = ""
    style: str = ""
    steps: int | None = None
    guidance: float | None = None
    seed: int | None = None
    count: int = 1
    strength: float = 0.6
    safety: bool = True

    def __post_init__(self) -> None:
        _within("steps", self.steps, 1, 1000)
        _within("guidance", self.guidance, 0, 100)
        _within("seed", self.seed, 0, 2**63 - 1)
        _within("count", self.count, 1, 64)
        _within("strength", self.strength, 0, 1)


@dataclass(frozen=True, kw_only=True)
class DrawOptions:
    """How a picture looks: size in pixels (None: whatever suits the engine), theme, and how a model paints."""

    width: int | None = None
    height: int | None = None
    theme: Theme = "light"
    brush: Brush = field(default_factory=Brush)

    def __post_init__(self) -> None:
        check_look(*self.size(), self.theme)

    def size(self, own: tuple[int, int] = SCREEN) -> tuple[int, int]:
        """Return (width, height); what is left open comes from the engine's `own` size, in its proportions."""
        width, height = self.width, self.height
        if width is None and height is None:
            return own
        if height is None:
            height = max(1, round(own[1] * (width or own[0]) / own[0]))
        if width is None:
            width = max(1, round(own[0] * height / own[1]))
        return width, height


@dataclass(frozen=True, kw_only=True)
class FilmOptions:
    """How a video looks: size in pixels, frames a second, theme; subtitles are burnt into it or soft beside it.

    `fps` None is what suits the engine: 10 where frames are drawn, a video model's own rate.
    """

    width: int = 1280
    height: int = 720
    fps: int | None = None
    theme: Theme = "dark"
    subtitles: Literal["burnt", "soft", "both", "none"] = "both"

    def __post_init__(self) -> None:
        check_look(self.width, self.height, self.theme)
        if self.fps is not None and not 1 <= self.fps <= 120:
            raise UsageError("a rate of {fps} frames a second is outside 1–120; choose one inside", fps=self.fps)


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """All that a caller may ask of the engines along a route."""

    hints: Hints = field(default_factory=Hints)
    voice: Voice = field(default_factory=Voice)
    draw: DrawOptions = field(default_factory=DrawOptions)
    film: FilmOptions = field(default_factory=FilmOptions)
