"""Painting with a loaded model: words are checked and set in a style, pictures come one by one, seed after seed."""

import math
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vivavoce.engines.draw.families import Task
from vivavoce.engines.draw.painting import Painting
from vivavoce.engines.draw.prompts import language_of, prompt_of
from vivavoce.engines.draw.sizes import Size
from vivavoce.engines.draw.stencil import Stencil
from vivavoce.engines.draw.studio import CHECKER, Sketch, Studio
from vivavoce.engines.options import Brush
from vivavoce.engines.torch_models import in_batches
from vivavoce.errors import EngineError, UnsupportedLanguage, UsageError
from vivavoce.media.image import Image, Pixels
from vivavoce.media.text import Text

AT_ONCE = {"cuda": 4}  # pictures painted together; on other devices one by one, where a batch gains nothing
SEEDS = 2**31
LEAST_STRENGTH = 0.01


@dataclass(frozen=True)
class Easel:
    """A loaded model, the lock to hold while it works, the name it goes by, and the languages it reads (none: any)."""

    studio: Studio
    turn: threading.Lock
    name: str
    languages: tuple[str, ...]

    def sketch(self, text: Text, brush: Brush, size: Size) -> Sketch:
        """Return what is to be painted from words alone.

        Raises UnsupportedLanguage, EngineError for a prompt that is too long, a negative one that has no effect, or a
        model whose safety checker is missing, UsageError for an unknown style.
        """
        check_language(text, self.languages, self.name)
        family, guidance = self.studio.family, self.studio.guidance(brush)
        if brush.safety and family.checker and not self.studio.checked:
            raise EngineError(
                "{engine} comes without its safety checker ({part}); fetch it again with that folder, or paint "
                "without it by safety=False (--no-safety-checker)",
                engine=self.name,
                part=CHECKER,
            )
        guided = family.negative and guidance > 1
        if brush.negative and not guided:
            raise EngineError(
                "{engine} can't leave things out (it paints without classifier-free guidance); say in the prompt what "
                "is wanted instead of a negative one",
                engine=self.name,
            )
        prompt = prompt_of(text, brush)
        words = {"prompt": prompt.words}
        if guided:
            words["negative_prompt"] = prompt.negative or family.nothing
        for part in words.values():
            self._check_length(part)
        steps = self.studio.steps(brush)
        return Sketch(task="text", size=size.painted, steps=steps, guidance=guidance, safety=brush.safety, words=words)

    def change(self, sketch: Sketch, image: Image, stencil: Stencil | None, brush: Brush) -> Sketch:
        """Return the same sketch over a picture, and inside a stencil if there is one.

        At least one step is taken, so that a weak change needs more of them. Raises UsageError for a strength near 0.
        """
        if brush.strength < LEAST_STRENGTH:
            raise UsageError(
                "a strength of {value} changes nothing; choose one of {least}–1",
                value=brush.strength,
                least=LEAST_STRENGTH,
            )
        pictures: dict[str, Any] = {"image": _fitted(image.rgb, sketch.size)}
        if stencil:
            pictures["mask_image"] = stencil.pillow.resize(sketch.size)
        task: Task = "mask" if stencil else "image"
        whole = self.studio.family.whole and not stencil
        steps = sketch.steps if whole else max(sketch.steps, math.ceil(1 / brush.strength))
        return replace(sketch, task=task, pictures=pictures, strength=brush.strength, steps=steps)

    def paint(self, sketch: Sketch, brush: Brush, finish: Callable[[Pixels], Pixels]) -> Painting[Image]:
        """Paint as many pictures as the brush says; each has a seed of its own, so that the first is always the same.

        What the safety checker holds back is left out; raises EngineError when that is all.
        """
        first = secrets.randbelow(SEEDS) if brush.seed is None else brush.seed
        seeds = [first + number for number in range(brush.count)]
        at_once = AT_ONCE.get(self.studio.device, 1)

        def work(painting: Painting[Image]) -> Iterator[Image]:
            held_back = 0
            for start in range(0, len(seeds), at_once):
                for pixels in self._batch(sketch, seeds[start : start + at_once], painting):
                    if pixels is None:
                        held_back += 1
                    else:
                        yield Image(finish(pixels))
            if held_back == len(seeds):
                raise EngineError(
                    "the safety checker of {engine} held back what was painted; change the prompt or the seed",
                    engine=self.name,
                )

        return Painting(work, round(sketch.steps * (sketch.strength or 1)) * len(seeds))

    def _batch(self, sketch: Sketch, seeds: Sequence[int], painting: Painting[Image]) -> list[Pixels | None]:
        def paint(some: Sequence[int]) -> list[Pixels | None]:
            return self.studio.paint(sketch, list(some), painting.on_step(len(some)))

        with self.turn:
            try:
                return in_batches(paint, seeds, len(seeds), self.studio.device)
            except (ValueError, IndexError) as error:  # what pipelines raise for settings that don't go together
                raise EngineError(
                    "{engine} refuses these settings ({reason}); choose others",
                    engine=self.name,
                    reason=str(error).split("\n")[0],
                ) from error

    def _check_length(self, words: str) -> None:
        got, limit = self.studio.tokens(words)
        if got > limit:
            raise EngineError(
                "the prompt has {got} tokens and {engine} reads {limit}; shorten it",
                got=got,
                engine=self.name,
                limit=limit,
            )


def check_language(text: Text, known: tuple[str, ...], engine: str) -> None:
    """Raise UnsupportedLanguage when a prompt is in none of the languages that the model was trained on."""
    language = language_of(text)
    if known and language not in known:
        raise UnsupportedLanguage(
            "{engine} reads prompts in {known}, not in {language}; write it in one of them, or fetch a translator for "
            "the way there: viva models advise translate",
            engine=engine,
            known=", ".join(known),
            language=language,
        )


def _fitted(pixels: Pixels, size: tuple[int, int]) -> Any:  # noqa: ANN401 - a Pillow image
    import PIL.Image

    return PIL.Image.fromarray(pixels).resize(size, PIL.Image.Resampling.LANCZOS)
