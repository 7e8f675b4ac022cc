"""An n-gram language model beside a CTC model, read by KenLM (Heafield, 2011) as flashlight-text brings it.

A folder `language_model` holds it as repositories for pyctcdecode do: `*.bin` of KenLM or `*.arpa`, `unigrams.txt`
with a word a line (an ARPA file lists its own), and `attrs.json` with the weights.
"""

import json
import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivavoce.engines.contract import require
from vivavoce.errors import EngineError

LN_10 = math.log(10)  # KenLM's logarithms are to the base 10
USUAL_LETTERS = 6  # an unknown word of more takes its malus so many times over, or words would grow together
NO_WORDS = ("<s>", "</s>", "<unk>", "<UNK>")


@dataclass(frozen=True)
class Weights:
    """How much the model counts (`alpha`), the gain of each word (`beta`) and the malus of an unknown one."""

    alpha: float = 0.5
    beta: float = 1.5
    unk_score_offset: float = -10.0
    score_boundary: bool = True


class NgramModel:
    """A scorer for `BeamSearch`: states are KenLM's."""

    def __init__(self, model: Any, vocabulary: list[str], weights: Weights) -> None:  # noqa: ANN401
        self._model, self._weights = model, weights
        self._numbers = {word: number for number, word in enumerate(vocabulary)}
        self._sorted = sorted(vocabulary)

    def start(self) -> object:
        """Return the state at the start of a sentence."""
        return self._model.start(not self._weights.score_boundary)

    def word(self, state: object, word: str) -> tuple[object, float]:
        """Return the state after `word` and its score; an unknown one takes the malus."""
        number = self._numbers.get(word)
        known = number is not None
        after, score = self._model.score(state, number if known else len(self._numbers))
        malus = 0.0 if known else self._malus(word)
        return after, self._weighted(score) + malus + self._weights.beta

    def beginning(self, state: object, letters: str) -> float:
        """Return the malus when no known word begins so."""
        at = bisect_left(self._sorted, letters)
        known = at < len(self._sorted) and self._sorted[at].startswith(letters)
        return 0.0 if known else self._malus(letters)

    def end(self, state: object) -> float:
        """Return the score of the sentence's end."""
        return self._weighted(self._model.finish(state)[1]) if self._weights.score_boundary else 0.0

    def _malus(self, letters: str) -> float:
        return self._weights.unk_score_offset * max(1.0, len(letters) / USUAL_LETTERS)

    def _weighted(self, log_10: float) -> float:
        return self._weights.alpha * log_10 * LN_10


def language_model(folder: Path) -> NgramModel | None:
    """Return the model in `folder`/language_model, or None if there is none.

    Raises NotReady without the library, EngineError when the files can't be used.
    """
    place = folder / "language_model"
    files = sorted([*place.glob("*.bin"), *place.glob("*.arpa")])
    if not files:
        return None
    vocabulary = list(dict.fromkeys(_vocabulary(files[0])))
    kenlm = require("flashlight.lib.text.decoder.kenlm", "hub")
    dictionary = require("flashlight.lib.text.dictionary", "hub").Dictionary()
    for word in [*vocabulary, "<unk>"]:
        dictionary.add_entry(word)
    try:
        model = kenlm.KenLM(str(files[0]), dictionary)
    except RuntimeError as error:
        raise EngineError("the file {path} is no language model of KenLM; get it again", path=files[0]) from error
    return NgramModel(model, vocabulary, _weights(place / "attrs.json"))


def _vocabulary(file: Path) -> Iterator[str]:
    listed = file.parent / "unigrams.txt"
    if listed.is_file():
        yield from (word for word in listed.read_text("utf-8").split() if word not in NO_WORDS)
        return
    if file.suffix != ".arpa":
        raise EngineError("the folder {path} lacks unigrams.txt, a word a line; add it", path=file.parent)
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("\\2-grams") or line.startswith("\\end"):
                return
            fields = line.rstrip("\n").split("\t")
            if len(fields) > 1 and fields[1] not in NO_WORDS:
                yield fields[1]


def _weights(file: Path) -> Weights:
    if not file.is_file():
        return Weights()
    try:
        held = json.loads(file.read_text("utf-8"))
        if not isinstance(held, dict):
            raise TypeError("no object")
        known = {name: float(held[name]) for name in ("alpha", "beta", "unk_score_offset") if name in held}
        return Weights(**known, score_boundary=bool(held.get("score_boundary", True)))
    except (ValueError, TypeError) as error:
        raise EngineError("the file {path} holds no weights of a language model; get it again", path=file) from error
