"""A basic description of a video: for each scene its colours, brightness, movement and faces."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from vivavoce.engines.abilities import Watch
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.engines.see.appearance import brightness_word, count_faces, main_colours
from vivavoce.engines.typesetting import time_code
from vivavoce.engines.watch.scenes import Scene, scenes
from vivavoce.media.image import Pixels
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Text
from vivavoce.media.video import Video

MOVEMENT = (  # mean change between samples, 0..1, below which the words fit; a talking head has about 0.005
    (0.002, "no movement", "静止不动"),
    (0.012, "little movement", "动作很少"),
    (0.06, "some movement", "有些动作"),
    (2.0, "much movement", "变化很大"),
)


@dataclass(frozen=True, kw_only=True)
class SceneDescriber:
    """Tells scenes apart and says what can be measured of each; it does not know what things are."""

    card: ClassVar[Card] = Card(
        name="scene-describer",
        ability=Ability.WATCH,
        takes=(port(Modality.VIDEO),),
        gives=port(Modality.TEXT, Trait.TIMED),
        summary="describes scenes in basic terms: colours, brightness, movement, faces",
        licence="Apache-2.0",
        into=("en", "zh"),
        cost=Cost(fixed_s=0.3, per_unit_s=0.1, memory_gb=0.25, quality=0.3),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Watch]:
        """Yield a function of a video and a language; it raises NothingFound when no frame can be read."""
        yield describe


def describe(video: Video, language: str | None) -> Text:
    """Describe a video with a segment for each scene, in Chinese for "zh", else in English."""
    found, code = scenes(video), "zh" if language == "zh" else "en"
    lines = [_scene_line(scene, code) for scene in found]
    lines[0] = f"{_opening(video, len(found), code)}\n{lines[0]}"
    segments = [Segment(line, s.start_s, s.end_s) for line, s in zip(lines, found, strict=True)]
    return Text("\n".join(lines), code, tuple(segments))


def _opening(video: Video, count: int, language: str) -> str:
    length, size = time_code(round(video.duration_s)), f"{video.width} × {video.height}"
    if language == "zh":
        sound = "有声" if video.audible else "无声"
        facts = f"{sound}视频，时长 {length}，画面 {size} 像素，共 {count} 个场景"
        return f"基本描述（只凭测量，不认识画面内容）：{facts}。"
    sound = "with sound" if video.audible else "without sound"
    facts = f"a video {sound}, {length} long, {size} pixels, {count} scene{'s' * (count > 1)}"
    return f"Basic description, from measurements that do not know what is shown: {facts}."


def _scene_line(scene: Scene, language: str) -> str:
    moving = next(row for row in MOVEMENT if scene.movement < row[0])
    appearance = appearance_line(scene.frame.pixels, language)
    start, end = time_code(scene.start_s), time_code(round(scene.end_s, 1))
    if language == "zh":
        return f"{start} 至 {end}：画面{appearance}，{moving[2]}。"
    return f"From {start} to {end}: {appearance}, {moving[1]}."


def appearance_line(pixels: Pixels, language: str) -> str:
    """Say in a phrase what uint8 [height, width, 3] pixels look like."""
    colours, faces = main_colours(pixels, language), count_faces(pixels)
    light = brightness_word(pixels, language)
    if language == "zh":
        return f"以{'、'.join(colours)}为主，{light}" + (f"，有 {faces} 张正脸" if faces else "")
    people = "" if not faces else ", one face" if faces == 1 else f", {faces} faces"
    return f"mostly {_listed(colours)}, {light}{people}"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
