"""Sentences to token numbers and back, for Marian, M2M100 and NLLB models."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from vivavoce.engines.contract import require
from vivavoce.engines.torch_models import pretrained
from vivavoce.engines.translate.languages import tokens_of
from vivavoce.errors import EngineError

LONGEST_SOURCE = 200  # tokens; models trained on sentences leave things out of longer ones


@contextmanager
def without_advice() -> Iterator[None]:
    """Keep Marian's tokenizer from recommending sacremoses, which it never calls."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*sacremoses")
        yield


def _kind(folder: Path) -> str:
    """Return the tokenizer's class, told from its files: a CTranslate2 folder names none in its configuration.

    Raises EngineError for a folder without any.
    """
    names = {path.name for path in folder.iterdir()}
    if "source.spm" in names:
        return "MarianTokenizer"
    if {"vocab.json", "sentencepiece.bpe.model"} <= names:
        return "M2M100Tokenizer"
    if not names & {"tokenizer.json", "sentencepiece.bpe.model"}:
        raise EngineError("the folder {path} holds no tokenizer; get the model again", path=folder)
    return "NllbTokenizer"


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer and the language tokens that it holds, by ISO 639-1 code; none where a model has a single pair.

    With `leads`, the source begins with its own language's token and the translation with the target's (M2M100, NLLB);
    without, the source begins with the target's (Marian).
    """

    tokenizer: Any
    tokens: Mapping[str, str]
    leads: bool

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the tokenizer of a checkpoint; raise EngineError when there is none."""
        transformers = require("transformers", "hub")
        require("sentencepiece", "hub")
        with without_advice():
            tokenizer = pretrained(getattr(transformers, _kind(folder)), folder)
        held = {*tokenizer.get_vocab(), *getattr(tokenizer, "lang_token_to_id", {})}
        tokens = tokens_of(held)
        return cls(tokenizer, tokens, leads=bool(tokens) and not next(iter(tokens.values())).startswith(">>"))

    @property
    def longest(self) -> int:
        """The most tokens that the model reads or writes at once."""
        return int(min(self.tokenizer.model_max_length, 100_000))

    def fits(self, sentence: str) -> bool:
        """Say whether a sentence is short enough to be translated in one go."""
        return len(sentence) < LONGEST_SOURCE // 8 or len(self._words(sentence)) <= min(
            LONGEST_SOURCE, self.longest - 4
        )

    def encode(self, sentence: str, source: str, target: str) -> list[int]:
        """Return the numbers of a sentence's tokens; what looks like a control token in it is read as plain text."""
        words = self._words(sentence)
        lead = self.tokens.get(source if self.leads else target)
        first = [self.number(lead)] if lead else []
        return [*first, *words, int(self.tokenizer.eos_token_id)]

    def _words(self, sentence: str) -> list[int]:
        while sentence.startswith(">>"):  # Marian's tokenizer takes >>de<< at the start for a language
            sentence = sentence[1:]
        pieces = self.tokenizer.tokenize(sentence, split_special_tokens=True)
        return [int(number) for number in self.tokenizer.convert_tokens_to_ids(pieces)]

    def number(self, token: str) -> int:
        """Return a token's number."""
        return int(self.tokenizer.convert_tokens_to_ids(token))

    def opening(self, target: str) -> str | None:
        """Return the token that a translation must begin with."""
        return self.tokens[target] if self.leads else None

    def spelled(self, numbers: Sequence[int]) -> list[str]:
        """Return tokens as the model's files spell them."""
        return [str(token) for token in self.tokenizer.convert_ids_to_tokens(list(numbers))]

    def decode(self, numbers: Sequence[int]) -> str:
        """Return the text of a translation, without control tokens."""
        return str(self.tokenizer.decode(list(numbers), skip_special_tokens=True)).strip()
