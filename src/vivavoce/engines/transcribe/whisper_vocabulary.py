"""Whisper's tokens: languages, tasks, prompts, and the words that token numbers spell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vivavoce.engines.contract import require
from vivavoce.engines.options import Hints
from vivavoce.errors import EngineError, UnsupportedLanguage, UsageError
from vivavoce.media.text import UNSPACED

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_PROMPT_TOKENS = 223  # half of the decoder's context, less one
MANDARIN_PROMPT = "以下是普通话的句子，使用简体中文和标点符号。"
BROKEN = "\ufffd"  # what part of a character decodes to
OPENING = "\"'“‘¿¡([{（《「『-"
WITHOUT_SPACES = (*UNSPACED, "lo", "my")


@dataclass(frozen=True)
class Vocabulary:
    """The tokenizer of a model, and the numbers of the tokens that steer it. English-only models have no languages."""

    tokenizer: "Tokenizer"
    start: int
    end: int
    languages: dict[str, int]

    @classmethod
    def of(cls, folder: Path) -> "Vocabulary":
        """Read `tokenizer.json`; raise EngineError when there is none, or one of another model."""
        path = folder / "tokenizer.json"
        if not path.is_file():
            raise EngineError("the folder {path} holds no tokenizer.json; add the model's own", path=folder)
        try:
            tokenizer = require("tokenizers", "whisper").Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises nothing narrower
            raise EngineError("the file {path} is no tokenizer of Whisper; get the model again", path=path) from error
        start, end, first_task = map(tokenizer.token_to_id, ("<|startoftranscript|>", "<|endoftext|>", "<|translate|>"))
        if start is None or end is None:
            raise EngineError("the file {path} is no tokenizer of Whisper; get the model again", path=path)
        between = range(start + 1, first_task or start)
        languages = {tokenizer.id_to_token(number).strip("<|>"): number for number in between}
        return cls(tokenizer, start, end, languages if len(languages) > 1 else {})

    def number(self, name: str) -> int | None:
        """Return the number of a special token such as "nospeech"; None if the model has no such."""
        found: int | None = self.tokenizer.token_to_id(f"<|{name}|>")
        return found

    def check(self, hints: Hints, known: Sequence[str]) -> None:
        """Raise UnsupportedLanguage, or EngineError for a translation by a model that can't.

        `known` are the languages that the checkpoint's row names, none for all.
        """
        languages = known or tuple(self.languages) or ("en",)
        if hints.language and hints.language not in languages and len(languages) > 1:
            raise UnsupportedLanguage(
                "Whisper does not know the language “{language}”; give a code such as en or zh", language=hints.language
            )
        if hints.language and hints.language not in languages:
            raise UnsupportedLanguage(
                "this model knows {known} only, got “{language}”; choose one that knows it",
                known=languages[0],
                language=hints.language,
            )
        if hints.task == "translate" and not self.languages:
            raise EngineError("this model knows English only and translates nothing; choose a multilingual one")

    def prompt(self, said_before: str, hot_words: Sequence[str]) -> list[int]:
        """Return the tokens of words to expect and of what was said before; raise UsageError when they are too many."""
        text = ", ".join([*hot_words, *([said_before] if said_before else [])])
        previous = self.number("startofprev")
        if not text or previous is None:
            return []
        ids: list[int] = self.tokenizer.encode(f" {text}", add_special_tokens=False).ids
        if len(ids) > MAX_PROMPT_TOKENS:
            raise UsageError(
                "the prompt and hot words are {count} tokens, over Whisper's limit of {limit}; shorten them",
                count=len(ids),
                limit=MAX_PROMPT_TOKENS,
            )
        return [previous, *ids]

    def opening(self, language: str, task: str) -> list[int]:
        """Return the tokens that ask for text in `language`, without time tokens."""
        chosen = [self.languages[language], self.number(task)] if self.languages else []
        return [number for number in (self.start, *chosen, self.number("notimestamps")) if number is not None]

    def spoken(self, ids: Sequence[int]) -> list[int]:
        """Return the tokens that are text."""
        special = min(self.start, self.end)
        return [number for number in ids if number < special]

    def text(self, ids: Sequence[int]) -> str:
        """Return what tokens spell."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=False))

    def words(self, ids: Sequence[int], language: str) -> list[tuple[str, int]]:
        """Return words as they stand in the text, spaces and punctuation included, and how many tokens each has."""
        spaced = language not in WITHOUT_SPACES
        found: list[tuple[str, int]] = []
        for piece, count in self._characters(ids):
            stripped = piece.strip()
            joins = spaced and not piece.startswith(" ")
            closes = bool(stripped) and not any(map(str.isalnum, stripped)) and stripped[0] not in OPENING
            opened = bool(found) and not any(map(str.isalnum, found[-1][0]))
            if found and (joins or closes or opened):
                found[-1] = (found[-1][0] + piece, found[-1][1] + count)
            else:
                found.append((piece, count))
        return found

    def _characters(self, ids: Sequence[int]) -> Iterator[tuple[str, int]]:
        """Yield the shortest runs of tokens that spell whole characters, and their numbers of tokens."""
        first = 0
        for at in range(1, len(ids) + 1):
            piece = self.text(ids[first:at])
            if BROKEN not in piece or at == len(ids):
                yield piece, at - first
                first = at
