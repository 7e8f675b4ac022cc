"""Ending a stream of words where one of some strings appears; the string itself is not given out."""

from collections.abc import Iterable, Iterator, Sequence


def until(words: Iterable[str], stops: Sequence[str]) -> Iterator[str]:
    """Yield words up to the first of `stops`, which may come in parts."""
    stops = [stop for stop in stops if stop]
    longest = max(map(len, stops), default=1)
    held = ""
    for word in words:
        held += word
        found = [at for stop in stops if (at := held.find(stop)) >= 0]
        if found:
            if held[: min(found)]:
                yield held[: min(found)]
            return
        safe = len(held) - (longest - 1)
        if safe > 0:
            yield held[:safe]
            held = held[safe:]
    if held:
        yield held
