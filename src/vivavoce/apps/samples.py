"""Inputs for a demonstration: the user's own files, else real recordings, else samples made here."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vivavoce.apps.converter import Converter, Job
from vivavoce.media.gateway import Value, look, open_value, save
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.table import Table
from vivavoce.media.text import Text

Kind = Literal["yours", "real", "photograph", "made"]

ARTICLE = Text(
    "# The river at night\n\n"
    "The old bridge was built in 1873. Every evening, about nine hundred people walk across it on their way home.\n\n"
    "This spring the city hung small lamps under its arches. They are switched on at dusk, and fish gather in the "
    "light. Fishermen were the first to notice, and children were the second.",
    "en",
)
CHINESE_ARTICLE = Text(
    "夜晚的河\n\n老桥建于一八七三年。每天傍晚，大约有九百人走过这座桥回家。\n\n"
    "今年春天，市里在桥拱下面挂上了小灯。天黑以后，灯就亮了，鱼儿游到光里来。最先发现的是钓鱼的人，然后是孩子们。",
    "zh",
)
HARVEST = Table(
    ("year", "apples (t)", "pears (t)"),
    ((2021, 182, 64), (2022, 175, 71), (2023, 210, 69), (2024, 238, 80), (2025, 226, 92)),
    "Harvest of the valley",
)
# What can be converted into each other here; a mesh leads to a picture only.
CONVERTIBLE = (Modality.TEXT, Modality.SPEECH, Modality.IMAGE, Modality.VIDEO, Modality.TABLE)
REAL = {
    Modality.SPEECH: ("librispeech/1688-142285-0000.opus", "librispeech/*.opus"),
    Modality.IMAGE: ("coco/*.jpg", "coco/**/*.jpg"),
    Modality.VIDEO: ("grid/*.mpg",),
}


@dataclass(frozen=True)
class Sample:
    """An input of the demonstration: its value, where it is from, and the file that holds it."""

    value: Value
    kind: Kind
    file: Path


def samples(converter: Converter, own: Sequence[Path], folder: Path) -> Iterator[Sample]:
    """Yield one input of each of CONVERTIBLE, saved in `folder` unless it is a file already, and a Chinese text."""
    given = {look(file).modality: file for file in own}
    for modality in CONVERTIBLE:
        yield _sample(converter, modality, given, folder)
    yield Sample(CHINESE_ARTICLE, "made", _saved(CHINESE_ARTICLE, folder / "article-zh.txt"))


def _sample(converter: Converter, modality: Modality, given: dict[Modality, Path], folder: Path) -> Sample:
    if modality in given:
        return Sample(open_value(given[modality]), "yours", given[modality])
    if real := _real_file(modality):
        return Sample(open_value(real), "real", real)
    match modality:
        case Modality.TEXT:
            return Sample(ARTICLE, "made", _saved(ARTICLE, folder / "article.md"))
        case Modality.TABLE:
            return Sample(HARVEST, "made", _saved(HARVEST, folder / "harvest.csv"))
        case Modality.IMAGE if (photograph := _photograph()) is not None:
            return Sample(photograph, "photograph", _saved(photograph, folder / "photograph.jpg"))
        case Modality.SPEECH:
            speech = converter.run([ARTICLE], Job(to=modality))
            file = _saved(speech, folder / "speech.flac")
        case Modality.IMAGE:
            file = _saved(converter.run([ARTICLE], Job(to=modality)), folder / "card.png")
        case Modality.VIDEO:
            file = _saved(converter.run([ARTICLE], Job(to=modality)), folder / "slides.mp4")
    return Sample(open_value(file), "made", file)


def _real_file(modality: Modality) -> Path | None:
    """Return a recording or picture of the data folder (VIVAVOCE_DATA, or ../shared/data), if there is one."""
    folder = Path(os.environ.get("VIVAVOCE_DATA", "../shared/data"))
    return next((file for pattern in REAL.get(modality, ()) for file in sorted(folder.glob(pattern))), None)


def _photograph() -> Image | None:
    """Return one of the photographs that come with scikit-learn (CC BY), if it is installed."""
    try:
        from sklearn.datasets import load_sample_image
    except ImportError:
        return None
    return Image(load_sample_image("china.jpg"))


def _saved(value: Value, file: Path) -> Path:
    return save(value, file, overwrite=True)
