"""Words while they are written: a streamer for `generate` that gives text as soon as its bytes are whole."""

import queue
from collections.abc import Iterator
from typing import Any


class Words:
    """Takes tokens from `generate` in one thread and gives text in another."""

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401 - a tokenizer of transformers
        self._tokenizer = tokenizer
        self._waiting: queue.Queue[str | None] = queue.Queue()
        self._ids: list[int] = []
        self._begun = 0  # from here on tokens are decoded again, so that a space before a word is seen
        self._given = 0  # up to here they have been given out
        self._prompted = False

    def put(self, ids: Any) -> None:  # noqa: ANN401 - a tensor
        """Take the next token; the first call brings the prompt."""
        if not self._prompted:
            self._prompted = True
            return
        self._ids += ids.flatten().tolist()
        self._give(last=False)

    def end(self) -> None:
        """Give what is left."""
        self._give(last=True)
        self._waiting.put(None)

    def __iter__(self) -> Iterator[str]:
        """Yield text until the end."""
        while (text := self._waiting.get()) is not None:
            yield text

    def _give(self, last: bool) -> None:
        before = self._decode(self._ids[self._begun : self._given])
        text = self._decode(self._ids[self._begun :])
        if len(text) > len(before) and (last or not text.endswith("\ufffd")):
            self._waiting.put(text[len(before) :])
            self._begun, self._given = self._given, len(self._ids)

    def _decode(self, ids: list[int]) -> str:
        return str(self._tokenizer.decode(ids, skip_special_tokens=True))
