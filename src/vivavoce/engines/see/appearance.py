"""What simple measurements say of a picture: its colours, its brightness, faces that look at the camera."""

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vivavoce.media.image import Pixels

LAB_SIDE = 96  # pixels of the copy whose colours are counted
MIN_SHARE = 0.12  # a colour on less of the picture is no main colour
MAX_COLOURS = 3
FACE_SIDE = 800  # pixels of the longer side of the copy that is searched for faces
FLAT_SIDE = 1000  # pixels of the longer side of the copy whose flat parts are counted
FLAT_RANGE = 4  # grey levels, of 255, that a flat block spans at most
FLAT_BLOCK = 8  # pixels of a block's side
DRAWN_SHARE = 0.35  # flat blocks: at most 0.27 on the 37 photographs used to tune it, 0.42 on a dense page of text
SHARP_SIDE = 640  # pixels of the longer side of the copy on which sharpness is measured
SHARP_PERCENTILE, SHARP_EDGE = 99.0, 20.0
GREY_CHROMA = 8.0  # CIELAB
EYE_SIDE = 160  # width to which a face is scaled before eyes are looked for

BRIGHTNESS = (  # mean lightness (CIELAB L*, 0..100) up to which the word fits
    (12.0, "very dark", "很暗"),
    (35.0, "dark", "偏暗"),
    (64.0, "moderately bright", "明暗适中"),
    (88.0, "bright", "明亮"),
    (100.0, "very bright", "非常明亮"),
)

Lab = npt.NDArray[np.float32]


def main_colours(pixels: Pixels, language: str | None) -> list[str]:
    """Name the colours that fill most of `pixels` (uint8 [height, width, 3], RGB), most frequent first.

    One to three names, in Chinese for "zh", else in English.
    """
    names, samples = _palette("zh" if language == "zh" else "en")
    seen = _lab(pixels).reshape(-1, 3)
    distances = np.linalg.norm(seen[:, np.newaxis] - samples[np.newaxis], axis=2)  # [pixels, samples]
    counts: dict[str, int] = {}
    for index in distances.argmin(axis=1):
        counts[names[index]] = counts.get(names[index], 0) + 1
    ranked = sorted(counts, key=lambda name: -counts[name])
    return [name for name in ranked if name == ranked[0] or counts[name] >= MIN_SHARE * len(seen)][:MAX_COLOURS]


def brightness_word(pixels: Pixels, language: str | None) -> str:
    """Say how bright `pixels` (uint8 [height, width, 3], RGB) are: words for after "it is" or 画面."""
    lightness = float(_lab(pixels)[..., 0].mean())
    _, english, chinese = next(row for row in BRIGHTNESS if lightness <= row[0] + 0.5)
    return chinese if language == "zh" else english


def looks_drawn(pixels: Pixels) -> bool:
    """Say whether `pixels` (uint8 [height, width, 3], RGB) were drawn, not photographed: much is flat.

    True for cards, slides, charts, screenshots and clean scans; false for photographs and noisy scans.
    """
    import cv2

    grey = cv2.cvtColor(_at_most(pixels, FLAT_SIDE), cv2.COLOR_RGB2GRAY)
    block = np.ones((FLAT_BLOCK, FLAT_BLOCK), np.uint8)
    span = cv2.subtract(cv2.dilate(grey, block), cv2.erode(grey, block))[::FLAT_BLOCK, ::FLAT_BLOCK]
    return bool(np.mean(np.asarray(span) <= FLAT_RANGE) >= DRAWN_SHARE)


def is_blurred(pixels: Pixels) -> bool:
    """Say whether nothing in a photograph (uint8 [height, width, 3], RGB) is sharp."""
    import cv2

    grey = cv2.cvtColor(_at_most(pixels, SHARP_SIDE), cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    return float(np.percentile(edges, SHARP_PERCENTILE)) < SHARP_EDGE


def is_colourless(pixels: Pixels) -> bool:
    """Say whether `pixels` (uint8 [height, width, 3], RGB) hold greys alone, a slight tint allowed."""
    chroma = np.hypot(*np.moveaxis(_lab(pixels)[..., 1:], 2, 0))
    return float(np.percentile(chroma, 98)) < GREY_CHROMA


def count_faces(pixels: Pixels) -> int:
    """Count faces turned to the camera in `pixels` (uint8 [height, width, 3], RGB).

    A face counts only if eyes are found in it: on the 37 photographs used to tune it, upright, on their side
    and upside down, that rejected each false find. Tilted, tiny and averted faces are missed.
    """
    import cv2

    grey = cv2.cvtColor(_at_most(pixels, FACE_SIDE), cv2.COLOR_RGB2GRAY)
    folder = Path(cv2.__file__).parent / "data"
    # A classifier keeps state while it works, so each call loads its own (10 ms): calls may run side by side.
    faces = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_alt2.xml"))
    eyes = cv2.CascadeClassifier(str(folder / "haarcascade_eye_tree_eyeglasses.xml"))
    smallest = max(24, min(grey.shape) // 20)
    count = 0
    for left, top, width, height in faces.detectMultiScale(grey, 1.1, 5, minSize=(smallest, smallest)):
        upper = grey[top : top + int(height * 0.65), left : left + width]
        upper = cv2.resize(upper, (EYE_SIDE, int(EYE_SIDE * 0.65)))
        count += len(eyes.detectMultiScale(upper, 1.05, 3, minSize=(20, 20))) > 0
    return count


def _at_most(pixels: Pixels, side: int) -> Pixels:
    """Scale down so that the longer side is at most `side` pixels; a smaller picture stays as it is."""
    import cv2

    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(pixels[..., :3])
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    scaled = cv2.resize(np.ascontiguousarray(pixels[..., :3]), size, interpolation=cv2.INTER_AREA)
    return np.asarray(scaled, np.uint8)


def _lab(pixels: Pixels) -> Lab:
    """Return CIELAB float32 [height, width, 3] of a small copy."""
    import cv2

    scaled = _at_most(pixels, LAB_SIDE).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB), np.float32)


@cache
def _palette(language: str) -> tuple[list[str], Lab]:
    """Return the name of each sample, and the samples as CIELAB float32 [samples, 3]."""
    import cv2

    table = tomllib.loads(resources.files(__package__).joinpath("colours.toml").read_text("utf-8"))["colour"]
    pairs = [(entry[language], bytes.fromhex(sample[1:])) for entry in table for sample in entry["samples"]]
    rgb = np.array([[list(sample) for _, sample in pairs]], np.float32) / 255
    lab = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), np.float32)
    return [name for name, _ in pairs], lab[0]
