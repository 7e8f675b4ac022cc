"""Prefix beam search over CTC emissions (Graves & Jaitly, 2014; Hannun et al., 2014), words judged as they end.

A prefix is a node of a tree. Its probability is held in two parts, of paths that end in blank and of those that don't,
because only after a blank does the same token again make a new one. What a scorer thinks of the prefix is added when
beams are compared: the language model for whole words, a bonus for hot words, a malus for beginnings of no known word.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from vivavoce.engines.transcribe.ctc_emissions import LogProbs
from vivavoce.engines.transcribe.ctc_text import Alphabet

NEVER = -math.inf
TOKEN_FLOOR = -5.0  # natural logarithms: rarer tokens of a frame are not tried
BEAM_RANGE = 20.0  # beams worse than the best by more are given up; a rare word costs this much as it ends
HOT_WORD_BONUS = 8.0  # for a whole hot word; a beginning gets its share


class Scorer(Protocol):
    """Judges words; scores are natural logarithms, states are its own business."""

    def start(self) -> object:
        """Return the state before the first word."""
        ...

    def word(self, state: object, word: str) -> tuple[object, float]:
        """Return the state after `word`, and its score there."""
        ...

    def beginning(self, letters: str) -> float:
        """Return what to add while a word has only begun."""
        ...

    def end(self, state: object) -> float:
        """Return the score of ending here."""
        ...


@dataclass(frozen=True)
class HotWords:
    """Words to expect, on top of another scorer's view; `expected` is written as the model writes."""

    expected: frozenset[str]
    under: Scorer | None = None

    def start(self) -> object:
        """Return the other scorer's."""
        return self.under.start() if self.under else None

    def word(self, state: object, word: str) -> tuple[object, float]:
        """Add the bonus to a hot word."""
        after, score = self.under.word(state, word) if self.under else (None, 0.0)
        return after, score + (HOT_WORD_BONUS if word in self.expected else 0.0)

    def beginning(self, letters: str) -> float:
        """Give the share of the bonus of the hot word that is nearest to its end."""
        shares = [len(letters) / len(word) for word in self.expected if word.startswith(letters)]
        if shares:
            return HOT_WORD_BONUS * max(shares)
        return self.under.beginning(letters) if self.under else 0.0

    def end(self, state: object) -> float:
        """Return the other scorer's."""
        return self.under.end(state) if self.under else 0.0


@dataclass(eq=False)
class _Prefix:
    """A node: its last token, the letters since the last whole word, and the scores of words and of those letters."""

    token: int | None
    parent: "_Prefix | None"
    letters: str
    state: object
    words_score: float
    letters_score: float
    children: dict[int, "_Prefix"] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """What the scorer thinks of it."""
        return self.words_score + self.letters_score


Beams = dict[_Prefix, tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class BeamSearch:
    """How wide to search; where `each` token is a word, as in Chinese, words end without a delimiter."""

    alphabet: Alphabet
    scorer: Scorer
    width: int = 100
    each: bool = False

    def __call__(self, log_probs: LogProbs) -> list[int]:
        """Return the best text for emissions [frames, tokens] as token numbers."""
        root = _Prefix(None, None, "", self.scorer.start(), 0.0, 0.0)
        beams: Beams = {root: (0.0, NEVER)}
        for frame in log_probs:
            beams = self._pruned(self._advanced(beams, frame))
        best = max(beams, key=lambda prefix: _sum(*beams[prefix]) + self._final(prefix))
        found: list[int] = []
        at: _Prefix | None = best
        while at is not None and at.token is not None:
            found.append(at.token)
            at = at.parent
        return found[::-1]

    def _advanced(self, beams: Beams, frame: LogProbs) -> Beams:
        """Go one frame on: every beam by every token that is likely enough."""
        tried = set(np.flatnonzero(frame >= TOKEN_FLOOR).tolist()) | {int(frame.argmax())}
        tokens = [(token, float(frame[token])) for token in sorted(tried - self.alphabet.marks)]
        onward: Beams = {}
        for prefix, (blank, other) in beams.items():
            total = _sum(blank, other)
            for token, log_prob in tokens:
                if token == self.alphabet.blank:
                    _add(onward, prefix, total + log_prob, NEVER)
                elif token == prefix.token:
                    _add(onward, prefix, NEVER, other + log_prob)
                    if blank > NEVER:
                        _add(onward, self._child(prefix, token), NEVER, blank + log_prob)
                else:
                    _add(onward, self._child(prefix, token), NEVER, total + log_prob)
        return onward or beams  # a frame of marks alone says nothing

    def _pruned(self, beams: Beams) -> Beams:
        rated = sorted(
            ((_sum(*parts) + prefix.score, number, prefix) for number, (prefix, parts) in enumerate(beams.items())),
            reverse=True,
        )
        floor = rated[0][0] - BEAM_RANGE
        return {prefix: beams[prefix] for score, _, prefix in rated[: self.width] if score >= floor}

    def _child(self, prefix: _Prefix, token: int) -> _Prefix:
        child = prefix.children.get(token)
        if child is None:
            child = prefix.children[token] = self._grown(prefix, token)
        return child

    def _grown(self, prefix: _Prefix, token: int) -> _Prefix:
        if token == self.alphabet.delimiter:
            state, score = self._judged(prefix.state, prefix.letters)
            return _Prefix(token, prefix, "", state, prefix.words_score + score, 0.0)
        letters = prefix.letters + self.alphabet.tokens[token]
        if self.each:
            state, score = self._judged(prefix.state, letters)
            return _Prefix(token, prefix, "", state, prefix.words_score + score, 0.0)
        return _Prefix(token, prefix, letters, prefix.state, prefix.words_score, self.scorer.beginning(letters))

    def _judged(self, state: object, letters: str) -> tuple[object, float]:
        return self.scorer.word(state, letters) if letters else (state, 0.0)

    def _final(self, prefix: _Prefix) -> float:
        state, score = self._judged(prefix.state, prefix.letters)
        return prefix.words_score + score + self.scorer.end(state)


def hot_words(expected: Sequence[str], alphabet: Alphabet, each: bool) -> frozenset[str]:
    """Return phrases as single words, or as letters where `each` token is one, in the case that the model writes."""
    split = [word for phrase in expected for word in (list(phrase) if each else phrase.split())]
    return frozenset(word.upper() if alphabet.capitals else word for word in split if word.strip())


def _add(beams: Beams, prefix: _Prefix, blank: float, other: float) -> None:
    had_blank, had_other = beams.get(prefix, (NEVER, NEVER))
    beams[prefix] = (_sum(had_blank, blank), _sum(had_other, other))


def _sum(one: float, other: float) -> float:
    """Add probabilities given as logarithms."""
    high, low = (one, other) if one >= other else (other, one)
    return high if low == NEVER else high + math.log1p(math.exp(low - high))
