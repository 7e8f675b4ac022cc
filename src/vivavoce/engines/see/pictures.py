"""Pictures to look at: as given, or frames of a video, spread evenly over its length."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vivavoce.errors import NothingFound, UsageError
from vivavoce.media.image import Image
from vivavoce.media.video import Video

if TYPE_CHECKING:
    import PIL.Image

LONGEST = 4096  # pixels of a side: more than any model looks at
FLATTEST = 40  # how often the short side goes into the long one: models scale by the short side, and run out of memory


def pictures(views: Sequence[Image | Video], most: int, engine: str) -> list[Image]:
    """Return the pictures to look at; videos share what room the pictures leave of `most`.

    Raises UsageError for more views than that, or none, and NothingFound for a video without a readable frame.
    """
    if not 1 <= len(views) <= most:
        raise UsageError(
            "{engine} looks at 1–{most} pictures at once, got {count}", engine=engine, most=most, count=len(views)
        )
    videos = sum(isinstance(view, Video) for view in views)
    frames = (most - (len(views) - videos)) // max(videos, 1)
    found: list[Image] = []
    for view in views:
        found += frames_of(view, frames) if isinstance(view, Video) else [view]
    return found


def frames_of(video: Video, count: int) -> list[Image]:
    """Return at most `count` frames, each from the middle of an equal part of the video."""
    count = max(1, min(count, round(video.duration_s * video.fps)))
    times_s = [(number + 0.5) * video.duration_s / count for number in range(count)]
    found = [Image(frame.pixels) for frame in video.source.frames_at(times_s)]
    if not found:
        raise NothingFound("no picture can be read from the video; get it again from its source")
    return found


def for_model(image: Image) -> "PIL.Image.Image":
    """Return a picture as a model can take it: RGB, at most `LONGEST` a side, a thin strip laid on white."""
    import PIL.Image

    step = max(1, -(-max(image.width, image.height) // (2 * LONGEST)))  # a cheap first cut of a huge picture
    picture = PIL.Image.fromarray(Image(image.pixels[::step, ::step]).rgb)
    if max(picture.size) > LONGEST:
        scale = LONGEST / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, PIL.Image.Resampling.LANCZOS)
    shortest = -(-max(picture.size) // FLATTEST)
    if min(picture.size) >= shortest:
        return picture
    size = (max(picture.width, shortest), max(picture.height, shortest))
    ground = PIL.Image.new("RGB", size, "white")
    ground.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return ground
