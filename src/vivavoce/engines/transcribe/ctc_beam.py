"""Prefix beam search over CTC emissions (Graves & Jaitly, 2014; Hannun et al., 2014), words judged as they end.

A prefix is a node of a tree. Its probability is held in two parts, of paths that end in blank and of those that don't,
because only after a blank does the same token again make a new one. What a scorer thinks of the prefix is added when
beams are compared: the language model for whole words, a bonus for hot phrases, a malus for what begins no
known word.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

import numpy as np

from vivavoce.engines.transcribe.ctc_emissions import LogProbs
from vivavoce.engines.transcribe.ctc_text import Alphabet

NEVER = -math.inf
TOKEN_FLOOR = -5.0  # natural logarithms: rarer tokens of a frame are not tried
BEAM_RANGE = 20.0  # beams worse than the best by more are given up; a rare word costs this much as it ends
HOT_BONUS = 8.0  # for a whole hot phrase; a beginning gets its share
LETTER_BONUS = 2.0  # a phrase of a few letters gets no more for each, or it would be heard everywhere


class Scorer(Protocol):
    """Judges words; scores are natural logarithms, states are its own business."""

    def start(self) -> object:
        """Return the state before the first word."""
        ...

    def word(self, state: object, word: str) -> tuple[object, float]:
        """Return the state after `word`, and its score there."""
        ...

    def beginning(self, state: object, letters: str) -> float:
        """Return what to add while a word after `state` has only begun."""
        ...

    def end(self, state: object) -> float:
        """Return the score of ending here."""
        ...


@dataclass(frozen=True)
class HotWords:
    """Phrases to expect, on top of another scorer's view; each is a run of words, or of tokens where those are words.

    A phrase gathers its bonus letter by letter and loses it again where it breaks off. States are the words that a
    phrase has begun with, and the other scorer's state.
    """

    phrases: tuple[tuple[str, ...], ...]
    under: Scorer | None = None

    def start(self) -> object:
        """Return that no phrase has begun, and the other scorer's."""
        return (), self.under.start() if self.under else None

    def word(self, state: object, word: str) -> tuple[object, float]:
        """Add what a phrase has gained or lost by `word`."""
        run, before = _parts(state)
        after, score = self.under.word(before, word) if self.under else (None, 0.0)
        said = (*run, word)
        whole = max((phrase for phrase in self.phrases if said[-len(phrase) :] == phrase), key=len, default=())
        begun = (whole, ()) if whole else (said[at:] for at in range(len(said) + 1))
        onward = next(run for run in begun if not run or self._begins(run))
        return (onward, after), score + _bonus(whole) + self._share(onward, "") - self._share(run, "")

    def beginning(self, state: object, letters: str) -> float:
        """Give the share of the bonus of the phrase that is nearest to its end."""
        run, before = _parts(state)
        shares = self._shares(run, letters)
        found = max(shares) if shares else self.under.beginning(before, letters) if self.under else 0.0
        return found - self._share(run, "")

    def end(self, state: object) -> float:
        """Take back the share of a phrase that has only begun."""
        run, before = _parts(state)
        return (self.under.end(before) if self.under else 0.0) - self._share(run, "")

    def _begins(self, run: tuple[str, ...]) -> bool:
        return any(phrase[: len(run)] == run and len(phrase) > len(run) for phrase in self.phrases)

    def _share(self, run: tuple[str, ...], letters: str) -> float:
        return max(self._shares(run, letters), default=0.0)

    def _shares(self, run: tuple[str, ...], letters: str) -> list[float]:
        """Return the shares of the phrases that begin with the last words of `run` and, in the next one, `letters`."""
        ends = [run[at:] for at in range(len(run) + 1)]
        return [
            _bonus(phrase) * (sum(map(len, end)) + len(letters)) / sum(map(len, phrase))
            for end in ends
            for phrase in self.phrases
            if phrase[: len(end)] == end and len(phrase) > len(end) and phrase[len(end)].startswith(letters)
        ]


def _parts(state: object) -> tuple[tuple[str, ...], object]:
    run, under = cast(tuple[tuple[str, ...], object], state)
    return run, under


def _bonus(phrase: Sequence[str]) -> float:
    return min(HOT_BONUS, LETTER_BONUS * sum(map(len, phrase)))


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
        begun = self.scorer.beginning(prefix.state, letters)
        return _Prefix(token, prefix, letters, prefix.state, prefix.words_score, begun)

    def _judged(self, state: object, letters: str) -> tuple[object, float]:
        return self.scorer.word(state, letters) if letters else (state, 0.0)

    def _final(self, prefix: _Prefix) -> float:
        state, score = self._judged(prefix.state, prefix.letters)
        return prefix.words_score + score + self.scorer.end(state)


def hot_phrases(expected: Sequence[str], alphabet: Alphabet, each: bool) -> tuple[tuple[str, ...], ...]:
    """Return phrases as words, or as letters where `each` token is one, in the case that the model writes.

    Single letters are left out: they would be heard everywhere.
    """
    split = (alphabet.cased(phrase).split() for phrase in expected)
    phrases = (tuple("".join(words)) if each else tuple(words) for words in split)
    return tuple(phrase for phrase in phrases if sum(map(len, phrase)) > 1)


def _add(beams: Beams, prefix: _Prefix, blank: float, other: float) -> None:
    had_blank, had_other = beams.get(prefix, (NEVER, NEVER))
    beams[prefix] = (_sum(had_blank, blank), _sum(had_other, other))


def _sum(one: float, other: float) -> float:
    """Add probabilities given as logarithms."""
    high, low = (one, other) if one >= other else (other, one)
    return high if low == NEVER else high + math.log1p(math.exp(low - high))
