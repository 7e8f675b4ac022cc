"""From the emissions of a CTC model (Graves et al., 2006) to words with times: the likeliest path, or a given text.

T frames, V tokens, N tokens of a text. A token's time is where it is emitted, so words begin and end at the peaks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

import numpy as np

from vivavoce.engines.transcribe.ctc_emissions import LogProbs
from vivavoce.media.text import UNSPACED, Segment, Word

NEVER = -np.inf


@dataclass(frozen=True)
class Alphabet:
    """What a model writes with: its tokens by number, which one is CTC's blank, and which one parts words."""

    tokens: tuple[str, ...]
    blank: int
    delimiter: int | None
    marks: frozenset[int]  # tokens that are no text: start, end, unknown

    @classmethod
    def of(cls, tokenizer: Any) -> Self:  # noqa: ANN401 - a tokenizer of transformers
        """Read it from a CTC tokenizer, whose padding is the blank."""
        tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
        blank = int(tokenizer.pad_token_id)
        delimiter = getattr(tokenizer, "word_delimiter_token", " ")
        number = tokens.index(delimiter) if delimiter in tokens else None
        return cls(tuple(tokens), blank, number, frozenset(tokenizer.all_special_ids) - {blank, number})

    @property
    def capitals(self) -> bool:
        """Whether it writes in capitals alone, which then mean nothing."""
        return self._letters.isupper()

    def cased(self, text: str) -> str:
        """Return `text` in the case that the model writes; as it is for a model of both."""
        letters = self._letters
        return text.upper() if letters.isupper() else text.lower() if letters.islower() else text

    @property
    def _letters(self) -> str:
        return "".join(token for number, token in enumerate(self.tokens) if number not in {*self.marks, self.blank})


@dataclass(frozen=True)
class Emitted:
    """A token and its frames, the last one excluded; `log_prob` is the mean over them."""

    token: int
    start: int
    end: int
    log_prob: float


def likeliest(log_probs: LogProbs, alphabet: Alphabet) -> list[Emitted]:
    """Return the tokens of the best path through emissions [T, V]: repeats joined, blanks and marks left out."""
    return _runs(log_probs, log_probs.argmax(axis=1), np.arange(log_probs.shape[1]), alphabet)


def aligned(log_probs: LogProbs, text: Sequence[int], alphabet: Alphabet) -> list[Emitted]:
    """Return when each of N tokens is emitted on the best path through emissions [T, V] that spells them (Viterbi).

    The frames must suffice for the text: one a token, and one more between two alike.
    """
    if not text:
        return []
    states = np.full(2 * len(text) + 1, alphabet.blank)
    states[1::2] = text
    skips = np.zeros(len(states), bool)  # from token to token, over the blank between
    skips[3::2] = states[3::2] != states[1:-2:2]
    score = np.full(len(states), NEVER)
    score[:2] = log_probs[0, states[:2]]
    steps = np.zeros((len(log_probs), len(states)), np.int8)
    for frame in range(1, len(log_probs)):
        stay = score
        one = np.concatenate([[NEVER], score[:-1]])
        two = np.where(skips, np.concatenate([[NEVER, NEVER], score[:-2]]), NEVER)
        ways = np.stack([stay, one, two])
        steps[frame] = ways.argmax(axis=0)
        score = ways.max(axis=0) + log_probs[frame, states]
    at = len(states) - 1 if score[-1] >= score[-2] else len(states) - 2
    path = np.empty(len(log_probs), np.int64)
    for frame in range(len(log_probs) - 1, -1, -1):
        path[frame] = at
        at -= int(steps[frame, at])
    return _runs(log_probs, path, states, alphabet)


def _runs(
    log_probs: LogProbs, path: np.ndarray[Any, Any], states: np.ndarray[Any, Any], alphabet: Alphabet
) -> list[Emitted]:
    """Join frames that stay in one state; `states` gives the token of each."""
    found, start = [], 0
    for state, run in groupby(path.tolist()):
        end, token = start + len(list(run)), int(states[state])
        if token != alphabet.blank and token not in alphabet.marks:
            found.append(Emitted(token, start, end, float(log_probs[start:end, token].mean())))
        start = end
    return found


def words(emitted: Sequence[Emitted], alphabet: Alphabet, frame_s: float, language: str | None) -> tuple[Word, ...]:
    """Join tokens to words, with the mean probability of their tokens; without spaces in a language each is a word."""
    lower = alphabet.capitals
    made = []
    for group in _grouped(emitted, alphabet, language in UNSPACED):
        text = "".join(alphabet.tokens[one.token] for one in group)
        confidence = float(np.exp(np.mean([one.log_prob for one in group])))
        start_s, end_s = group[0].start * frame_s, group[-1].end * frame_s
        made.append(Word(text.lower() if lower else text, start_s, end_s, min(1.0, confidence)))
    return tuple(made)


def _grouped(emitted: Sequence[Emitted], alphabet: Alphabet, each: bool) -> Iterator[list[Emitted]]:
    held: list[Emitted] = []
    for one in emitted:
        if one.token != alphabet.delimiter:
            held.append(one)
        if held and (each or one.token == alphabet.delimiter):
            yield held
            held = []
    if held:
        yield held


def segment(found: Sequence[Word], duration_s: float, language: str | None) -> Segment | None:
    """Return the words as a segment inside `duration_s`; None without any."""
    if not found:
        return None
    inside = tuple(Word(w.text, min(w.start_s, duration_s), min(w.end_s, duration_s), w.confidence) for w in found)
    confidence = float(np.mean([word.confidence for word in inside]))
    text = ("" if language in UNSPACED else " ").join(word.text for word in inside)
    return Segment(text, inside[0].start_s, inside[-1].end_s, inside, confidence)
