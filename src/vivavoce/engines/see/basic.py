"""What simple measurements tell of a picture, in a few sentences: a description that works on any machine."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from vivavoce.engines.abilities import Describe, Read
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.engines.see.appearance import (
    brightness_word,
    count_faces,
    is_blurred,
    is_colourless,
    looks_drawn,
    main_colours,
)
from vivavoce.engines.see.rapidocr import RapidOcr
from vivavoce.errors import NothingFound, UnsupportedLanguage
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

LANGUAGES = ("en", "zh")
QUOTED_CHARACTERS = 240  # of the text on the picture; the rest is left out
SQUARE_RATIO, PANORAMA_RATIO = 1.05, 2.5
NUMBERS_EN = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS_ZH = ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十")

Kind = Literal["plain", "page", "drawing", "photograph", "black-and-white photograph"]
KINDS_ZH: dict[Kind, str] = {
    "plain": "单色图",
    "page": "文字页面",
    "drawing": "图画、幻灯片或屏幕截图",
    "photograph": "照片",
    "black-and-white photograph": "黑白照片",
}
KINDS_EN: dict[Kind, str] = {
    "plain": "plain picture",
    "page": "page of text",
    "drawing": "drawing, slide or screenshot",
    "photograph": "photograph",
    "black-and-white photograph": "black-and-white photograph",
}


@dataclass(frozen=True, kw_only=True)
class _Findings:
    width: int
    height: int
    kind: Kind
    brightness: str
    colours: list[str]
    blurred: bool
    faces: int
    words: str


@dataclass(frozen=True, kw_only=True)
class BasicDescriber:
    """Names format, colours, brightness, faces and the text on a picture; `reader` finds the text."""

    card: ClassVar[Card] = Card(
        name="basic-describer",
        ability=Ability.DESCRIBE,
        takes=(port(Modality.IMAGE),),
        gives=port(Modality.TEXT),
        summary="a basic description: size, colours, brightness, faces, text; no objects",
        licence="Apache-2.0",
        into=LANGUAGES,
        cost=Cost(fixed_s=0.6, per_unit_s=1.6, memory_gb=0.6, quality=0.35),
    )
    reader: RapidOcr = field(default_factory=lambda: RapidOcr(min_confidence=0.8))

    @contextmanager
    def open(self, device: str) -> Iterator[Describe]:
        """Yield the describer; for languages other than English and Chinese it raises UnsupportedLanguage."""
        with self.reader.open(device) as read:

            def describe(image: Image, language: str | None) -> Text:
                code = language or "en"
                if code not in LANGUAGES:
                    raise UnsupportedLanguage(
                        "the basic description is in English or Chinese, got {language}; ask for en or zh",
                        language=code,
                    )
                findings = _look(image, read, code)
                return Text(_chinese(findings) if code == "zh" else _english(findings), code)

            yield describe


def _look(image: Image, read: Read, language: str) -> _Findings:
    rgb = image.rgb
    words, covered = _words(image, read)
    kind = _kind(image, covered)
    drawn = kind in ("plain", "page", "drawing")
    return _Findings(
        width=image.width,
        height=image.height,
        kind=kind,
        brightness=brightness_word(rgb, language),
        colours=[] if kind == "black-and-white photograph" else main_colours(rgb, language),
        blurred=not drawn and is_blurred(rgb),
        faces=count_faces(rgb),
        words=words,
    )


def _kind(image: Image, covered: float) -> Kind:
    if int(np.ptp(image.rgb.reshape(-1, 3), axis=0).max()) == 0:
        return "plain"
    if covered >= RapidOcr.min_coverage:
        return "page"
    if looks_drawn(image.rgb):
        return "drawing"
    return "black-and-white photograph" if is_colourless(image.rgb) else "photograph"


def _words(image: Image, read: Read) -> tuple[str, float]:
    """Return the text on the picture, its lines parted by commas, and the share of the picture it covers."""
    try:
        text = read(image)
    except NothingFound:
        return "", 0.0
    area = sum((r.box[2] - r.box[0]) * (r.box[3] - r.box[1]) for r in text.regions)
    comma = "，" if text.language == "zh" else ", "
    lines = [line.strip() for line in re.split(r"\n| {3}", text.text) if line.strip()]
    joined = lines[0]
    for line in lines[1:]:
        joined += (comma if joined[-1].isalnum() else " ") + line
    return _shortened(joined), area / (image.width * image.height)


def _shortened(words: str) -> str:
    if len(words) <= QUOTED_CHARACTERS:
        return words
    kept = words[:QUOTED_CHARACTERS]
    return (kept[: kept.rfind(" ")] if " " in kept[-40:] else kept) + "…"


def _english(found: _Findings) -> str:
    shape = _shape(found, "square", "wide panoramic", "landscape", "portrait")
    start = "An" if KINDS_EN[found.kind][0] in "aeiou" and not shape else "A"
    kind = f"{start} {shape} {KINDS_EN[found.kind]}"
    tone = f" in {_listed(found.colours, ', ', ' and ')}" if found.colours else ""
    blurred = " and blurred" if found.blurred else ""
    first = f"{kind} of {found.width} by {found.height} pixels, {found.brightness}{blurred}"
    text = f"{first}, mainly{tone}." if tone else f"{first}."
    if found.faces:
        count = NUMBERS_EN[found.faces] if found.faces < len(NUMBERS_EN) else str(found.faces)
        text += f" {count.capitalize()} {'face is' if found.faces == 1 else 'faces are'} turned to the camera."
    if found.words:
        text += f" The text on it reads: “{found.words}”."
    return text + (" This is a basic description from simple measurements; a vision-language model would see more.")


def _chinese(found: _Findings) -> str:
    shape = _shape(found, "方形", "全景", "横向", "纵向")
    text = f"这是一张{shape}的{KINDS_ZH[found.kind]}，宽{found.width}、高{found.height}像素，{found.brightness}"
    text += "，画面模糊" if found.blurred else ""
    text += f"，主要颜色是{_listed(found.colours, '、', '和')}。" if found.colours else "。"
    if found.faces:
        count = NUMBERS_ZH[found.faces] if found.faces < len(NUMBERS_ZH) else str(found.faces)
        text += f"画面中有{count}张面向镜头的脸。"
    if found.words:
        text += f"上面的文字是：“{found.words}”。"
    return text + "以上是根据简单测量得出的基本描述，视觉语言模型能看出更多内容。"


def _shape(found: _Findings, square: str, panorama: str, landscape: str, portrait: str) -> str:
    ratio = found.width / found.height
    if 1 / SQUARE_RATIO <= ratio <= SQUARE_RATIO:
        return square
    return panorama if ratio >= PANORAMA_RATIO else landscape if ratio > 1 else portrait


def _listed(names: list[str], comma: str, last: str) -> str:
    return last.join([comma.join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
