"""Picture files, read and written by Pillow."""

import logging
import struct
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from vivavoce.errors import CorruptMedia, TooLarge, VivavoceError
from vivavoce.media.formats import IMAGE_FORMATS
from vivavoce.media.image import Image, Pixels
from vivavoce.media.limits import Limits
from vivavoce.media.origin import Origin, from_json, to_json

if TYPE_CHECKING:
    import PIL.Image

PNG_KEY = "vivavoce-origin"
EXIF_DESCRIPTION = 0x010E  # ImageDescription
JPEG_QUALITY = 90
GIF_COMMENT_BYTES = 65_000
DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")


def read_image(file: IO[bytes], form: str, limits: Limits) -> Image:
    """Read one picture (the first frame of an animation), turned upright as its EXIF says.

    Raises TooLarge before any pixel is unpacked when the header promises more than `limits.max_pixels`.
    """
    import warnings

    import PIL.Image

    _quieten_pillow()
    if form == "WEBP":
        _check_webp(file, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of sizes that `limits` decides on
            with PIL.Image.open(file, formats=[form]) as picture:
                check_pixels(picture.width, picture.height, limits)
                origin = _read_origin(picture)
                picture.load()
                pixels = _pixels(_upright(picture))
    except VivavoceError:
        raise
    except PIL.Image.DecompressionBombError as error:
        raise TooLarge("the picture unpacks to too many pixels ({reason}); scale it down", reason=error) from error
    except Exception as error:  # Pillow's plug-ins let through whatever damaged bytes bring about
        raise CorruptMedia(
            "the {format} content is damaged or cut short ({reason}); get it again from its source",
            format=form,
            reason=error,
        ) from error
    return Image(pixels, origin)


def _quieten_pillow() -> None:
    """Keep Pillow's remarks on damaged files off the terminal where nobody has set up logging."""
    logger = logging.getLogger("PIL")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Raise TooLarge when a picture of this size is over the limit."""
    if width * height > limits.max_pixels:
        raise TooLarge(
            "a picture of {width} × {height} pixels is over the limit of {limit:,} pixels; scale it down",
            width=width,
            height=height,
            limit=limits.max_pixels,
        )


def _check_webp(file: IO[bytes], limits: Limits) -> None:
    """Read the size from the header: Pillow makes room for the whole canvas as soon as it opens a WebP file."""
    head = file.read(30)
    file.seek(0)
    kind, body = head[12:16], head[20:]
    if kind == b"VP8X" and len(body) >= 10:
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
    elif kind == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 " and len(body) >= 10:
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", body[6:10]))
    else:
        return
    check_pixels(width, height, limits)


def _upright(picture: "PIL.Image.Image") -> "PIL.Image.Image":
    import PIL.ImageOps

    try:
        return PIL.ImageOps.exif_transpose(picture)
    except Exception:  # damaged EXIF: the picture itself is whole
        return picture


def _pixels(picture: "PIL.Image.Image") -> Pixels:
    """Return uint8 [height, width, 3 or 4]; deep grey is scaled, since Pillow would clip it to white."""
    if picture.mode in DEEP_MODES:
        deep = np.nan_to_num(np.asarray(picture).astype(np.float32))
        top = 65_535.0 if picture.mode.startswith("I;16") else max(1.0, float(deep.max(initial=0.0)))
        grey = np.clip(deep * (255.0 / top), 0, 255).astype(np.uint8)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)
    return np.array(picture.convert("RGBA" if picture.has_transparency_data else "RGB"))


def write_image(image: Image, path: Path, suffix: str) -> None:
    """Write in the format of `suffix`; the origin goes into PNG text, EXIF or a GIF comment (BMP has none)."""
    import PIL.Image
    import PIL.PngImagePlugin

    form, origin = IMAGE_FORMATS[suffix], to_json(image.origin)
    opaque = PIL.Image.fromarray(image.rgb)
    if form == "PNG":
        info = PIL.PngImagePlugin.PngInfo()
        info.add_itxt(PNG_KEY, origin)
        image.pillow().save(path, form, pnginfo=info)
    elif form in ("JPEG", "WEBP", "TIFF"):
        exif = PIL.Image.Exif()
        exif[EXIF_DESCRIPTION] = origin
        picture = image.pillow() if form != "JPEG" else opaque
        picture.save(path, form, exif=exif, **({} if form == "TIFF" else {"quality": JPEG_QUALITY}))
    elif form == "GIF":
        opaque.save(path, form, comment=origin.encode()[:GIF_COMMENT_BYTES])
    else:
        opaque.save(path, form)


def _read_origin(picture: "PIL.Image.Image") -> Origin:
    comment = picture.info.get("comment", b"")
    candidates = (
        picture.info.get(PNG_KEY),
        _description(picture),
        comment.decode("utf-8", "replace") if isinstance(comment, bytes) else comment,
    )
    return next((found for text in candidates if isinstance(text, str) and (found := from_json(text))), ())


def _description(picture: "PIL.Image.Image") -> object:
    try:
        return picture.getexif().get(EXIF_DESCRIPTION)
    except Exception:  # damaged EXIF: the picture itself may be whole
        return None
