"""Words while somebody is still speaking, by any recogniser: LocalAgreement-2 (Macháček et al., 2023).

The recogniser hears the last seconds again at every step. Words on which two hearings in a row agree are confirmed and
never taken back; those after them are tentative. A pause confirms what came before it. What is heard again begins
after a confirmed sentence or pause, so that neither memory nor the work of a step grows with the recording.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from vivavoce.engines.abilities import Transcribe
from vivavoce.engines.options import Hints
from vivavoce.errors import NothingFound, UsageError
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.text import Segment, Word

SENTENCE_ENDS = tuple(".!?。！？…")
MAX_OVERLAP = 5  # words that may be heard again across the last confirmed one
# Scripts without spaces between words, and their punctuation: Thai to Burmese, Khmer, Chinese and Japanese.
UNSPACED_SCRIPTS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
)
PIECE = re.compile(rf"(?:[{UNSPACED_SCRIPTS}]|[^{UNSPACED_SCRIPTS}]+)\W*")
SEAM = re.compile(rf"(?<=[{UNSPACED_SCRIPTS}]) (?=[{UNSPACED_SCRIPTS}])")
QUIET_S = 1.0  # kept of sound without words, since one may have just begun


@dataclass(frozen=True)
class Partial:
    """Words newly confirmed, and those that may still change; times count from the start of the recording."""

    confirmed: tuple[Word, ...]
    tentative: tuple[Word, ...]


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How often to listen again, and to how much.

    A step every `step_s` of sound. Silence of `pause_s` confirms what was said. From `trim_s` of sound on, what is
    confirmed is let go at the end of a sentence; `max_s` is never exceeded.
    """

    step_s: float = 1.0
    pause_s: float = 0.7
    trim_s: float = 8.0
    max_s: float = 20.0

    def __post_init__(self) -> None:
        if not 0 < self.step_s <= self.trim_s <= self.max_s / 2 or self.pause_s <= 0:
            raise UsageError(
                "a step of {step} s, a pause of {pause} s, {trim} s and at most {longest} s do not fit together; "
                "each must be longer than 0, and the last twice as long as the third",
                step=self.step_s,
                pause=self.pause_s,
                trim=self.trim_s,
                longest=self.max_s,
            )


def joined(words: Sequence[Word]) -> str:
    """Return words as text, with spaces between them where their script has any."""
    return SEAM.sub("", " ".join(word.text for word in words))


class LiveTranscript:
    """One recording as it comes. Not for several threads; the same samples give the same words.

    Feeding in pieces of up to a step gives what any other such cut gives. Who feeds more at once is late; then the
    steps that fit in memory together are taken as one.
    """

    def __init__(
        self, transcribe: Transcribe, rate_hz: int, hints: Hints | None = None, pace: Pace | None = None
    ) -> None:
        self._transcribe, self._rate_hz = transcribe, rate_hz
        self._hints, self._pace = hints or Hints(), pace or Pace()
        self._step = max(1, int(self._pace.step_s * rate_hz))
        self._held: Samples = np.zeros(0, np.float32)  # mono
        self._start = 0  # the frame of the recording that `_held` begins at
        self._fresh = 0  # frames since the last step
        self._tentative: tuple[Word, ...] = ()
        self._last: tuple[Word, ...] = ()  # confirmed, the newest of them
        self._finished = False

    @property
    def held_s(self) -> float:
        """Seconds of sound in memory."""
        return len(self._held) / self._rate_hz

    def feed(self, samples: Samples) -> Partial:
        """Take samples float32 [frames] or [frames, channels] and return what is new.

        Raises UsageError after `finish`, CorruptMedia for samples that are not finite, and what the recogniser raises.
        """
        if self._finished:
            raise UsageError("this recording is finished; begin another one for more sound")
        mono = Audio(samples, self._rate_hz).mono().samples[:, 0]
        confirmed: tuple[Word, ...] = ()
        while self._fresh + len(mono) >= self._step:
            room = int(self._pace.max_s * self._rate_hz) - len(self._held)
            steps = max(1, (self._fresh + min(room, len(mono))) // self._step)
            taken = steps * self._step - self._fresh
            self._hold(mono[:taken])
            confirmed += self._stepped()
            mono = mono[taken:]
        self._hold(mono)
        return Partial(confirmed, self._tentative)

    def finish(self) -> Partial:
        """Return the last words, all confirmed; it may be called again and then returns nothing."""
        confirmed: tuple[Word, ...] = ()
        if not self._finished:
            if self._fresh:
                self._tentative = self._heard()
            confirmed = self._confirm(len(self._tentative))
        self._finished = True
        self._held = np.zeros(0, np.float32)
        return Partial(confirmed, ())

    @property
    def _end_s(self) -> float:
        return (self._start + len(self._held)) / self._rate_hz

    @property
    def _confirmed_until_s(self) -> float:
        return self._last[-1].end_s if self._last else 0.0

    def _hold(self, mono: Samples) -> None:
        self._held = np.concatenate([self._held, mono])
        self._fresh += len(mono)

    def _stepped(self) -> tuple[Word, ...]:
        """Listen once more; confirm what both hearings agree on, or all before a pause."""
        self._fresh = 0
        before, self._tentative = self._tentative, self._heard()
        paused = bool(self._tentative) and self._end_s - self._tentative[-1].end_s >= self._pace.pause_s
        count = len(self._tentative) if paused else _agreed(before, self._tentative)
        confirmed = self._confirm(count)
        return confirmed + self._trim()

    def _confirm(self, count: int) -> tuple[Word, ...]:
        confirmed, self._tentative = self._tentative[:count], self._tentative[count:]
        self._last = (*self._last, *confirmed)[-MAX_OVERLAP:]
        return confirmed

    def _heard(self) -> tuple[Word, ...]:
        """Return the words in what is held that are not confirmed yet."""
        start_s = self._start / self._rate_hz
        try:
            found = list(self._transcribe(Audio(self._held, self._rate_hz), self._hints))
        except NothingFound:
            found = []
        words = [word for segment in found for word in _words(segment.shifted(start_s))]
        later = [word for word in words if (word.start_s + word.end_s) / 2 > self._confirmed_until_s]
        return tuple(_in_order(later[_overlap(self._last, later) :], self._confirmed_until_s))

    def _trim(self) -> tuple[Word, ...]:
        """Let go of sound whose words are confirmed; return words that had to be confirmed for it."""
        after_s = self._confirmed_until_s + self._pace.pause_s / 2  # what comes after a pause begins inside it
        if not self._tentative and self._end_s - after_s >= self._pace.pause_s / 2:
            self._let_go(max(after_s, self._end_s - QUIET_S))
        elif self.held_s > self._pace.trim_s:
            self._let_go(self._end_of_sentence())
        if self.held_s <= self._pace.max_s - self._pace.step_s:
            return ()
        forced: tuple[Word, ...] = ()
        if self._confirmed_until_s <= self._start / self._rate_hz + self._pace.step_s:
            forced = self._confirm(max(1, len(self._tentative) - 1))
        self._let_go(max(self._confirmed_until_s, self._end_s - self._pace.trim_s))
        return forced

    def _end_of_sentence(self) -> float:
        """Return the time after the last confirmed word that ends a sentence or comes before a pause; 0 for none."""
        ends = [
            (word.end_s + after.start_s) / 2
            for word, after in pairwise((*self._last, *self._tentative[:1]))
            if word.text.endswith(SENTENCE_ENDS) or after.start_s - word.end_s >= self._pace.pause_s / 2
        ]
        return ends[-1] if ends else 0.0

    def _let_go(self, until_s: float) -> None:
        count = min(max(0, int(until_s * self._rate_hz) - self._start), len(self._held))
        self._held = self._held[count:].copy()
        self._start += count


def _agreed(before: Sequence[Word], now: Sequence[Word]) -> int:
    """Return how many words both begin with."""
    pairs = zip(before, now, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if _bare(a) != _bare(b)), min(len(before), len(now)))


def _overlap(last: Sequence[Word], later: Sequence[Word]) -> int:
    """Return how many words `later` repeats of those confirmed last, because their times have moved a little."""
    said, again = [_bare(word) for word in last], [_bare(word) for word in later]
    close = bool(last and later) and later[0].start_s < last[-1].end_s
    sizes = range(min(len(said), len(again)), 0, -1) if close else ()
    return next((size for size in sizes if said[-size:] == again[:size]), 0)


def _bare(word: Word) -> str:
    """Return a word without case and punctuation, which change while a sentence grows."""
    return "".join(letter for letter in word.text.casefold() if letter.isalnum()) or word.text


def _in_order(words: Sequence[Word], from_s: float) -> Iterator[Word]:
    """Yield the words, none before the end of the one before it."""
    for word in words:
        start_s = max(word.start_s, from_s)
        from_s = max(word.end_s, start_s)
        yield Word(word.text, start_s, from_s, word.confidence)


def _words(segment: Segment) -> tuple[Word, ...]:
    """Return the words of a segment; a recogniser that gives them no times has each last as long as it is spelled.

    Without spaces between words, each character is one.
    """
    if segment.words:
        return segment.words
    pieces = [piece for word in segment.text.split() for piece in PIECE.findall(word)]
    ends = list(accumulate(len(word) for word in pieces))
    pace_s = (segment.end_s - segment.start_s) / (ends[-1] if ends else 1)
    return tuple(
        Word(word, segment.start_s + (end - len(word)) * pace_s, segment.start_s + end * pace_s, segment.confidence)
        for word, end in zip(pieces, ends, strict=True)
    )
