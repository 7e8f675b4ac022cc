"""A model in memory that looks and writes: conversations with pictures go in, words come out."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from vivavoce.engines.chat.stops import until
from vivavoce.engines.contract import require
from vivavoce.engines.conversation import ChatOptions, Message
from vivavoce.engines.see.streaming import Words
from vivavoce.engines.torch_models import Stop, in_batches
from vivavoce.errors import UsageError

BATCH = 8
LAST_WORDS_S = 30.0  # how long a closed stream waits for the token that is being computed

Conversation = Sequence[Message]


@dataclass(frozen=True, kw_only=True)
class Seer:
    """A model, its tokenizer, and `prepare`, which makes the inputs of `generate` for a batch, padded on the left.

    It reads at most `limit` tokens, those it writes included, and `most` pictures at once; one that
    `hears` takes sounds too. `turn` is held while it
    computes: such models keep positions in themselves, so two callers at once would mix them up.
    """

    name: str
    model: Any
    tokenizer: Any
    prepare: Callable[[Sequence[Conversation]], dict[str, Any]]
    turn: threading.Lock
    device: str
    limit: int
    most: int
    hears: bool = False

    def write(self, messages: Conversation, options: ChatOptions) -> Iterator[str]:
        """Yield the answer as it is written; closing the iterator stops the model after its next token.

        Raises UsageError for a prompt over the limit, tools, or sounds that it can't hear, OutOfMemory when it does
        not fit on the device.
        """
        if options.tools:
            raise UsageError("a model that looks at pictures calls no tools; ask a chat model for that")
        self._check(messages)
        return self._written(messages, options)

    def write_each(self, conversations: Sequence[Conversation], max_tokens: int) -> list[str]:
        """Return the likeliest answer to each conversation, several at a time."""
        for conversation in conversations:
            self._check(conversation)
        return in_batches(lambda batch: self._batch(batch, max_tokens), conversations, BATCH, self.device)

    def _written(self, messages: Conversation, options: ChatOptions) -> Iterator[str]:
        with closing(self._streamed(messages, options)) as words:  # what is left unread is not computed
            yield from until(words, options.stop)

    def _check(self, messages: Conversation) -> None:
        if not self.hears and any(message.sounds for message in messages):
            raise UsageError("{engine} can't hear; give sounds to a model that does", engine=self.name)
        count = sum(len(message.images) for message in messages)
        if count > self.most:
            raise UsageError(
                "{engine} looks at 1–{most} pictures at once, got {count}",
                engine=self.name,
                most=self.most,
                count=count,
            )

    def _batch(self, conversations: Sequence[Conversation], max_tokens: int) -> list[str]:
        options = ChatOptions(max_tokens=max_tokens, temperature=0)
        with self.turn:
            ids = self._generate(conversations, options)
        return [str(self.tokenizer.decode(row, skip_special_tokens=True)).strip() for row in ids]

    def _generate(self, conversations: Sequence[Conversation], options: ChatOptions, **extra: Any) -> Any:  # noqa: ANN401 - of generate
        torch = require("torch", "hub")
        with torch.inference_mode():
            inputs = self.prepare(conversations)
            read = int(inputs["attention_mask"].shape[1])
            settings = sampling(options, self._room(read, options.max_tokens))
            pad = self.tokenizer.pad_token_id
            settings["pad_token_id"] = self.tokenizer.eos_token_id if pad is None else pad
            if options.seed is not None:
                torch.manual_seed(options.seed)
            ids = self.model.generate(**inputs, **settings, **extra)
        return ids[:, read:] if "input_ids" in inputs else ids

    def _room(self, read: int, wanted: int) -> int:
        if read >= self.limit:
            raise UsageError(
                "the question with its pictures makes {count} tokens and {engine} reads {limit}; "
                "shorten it or show fewer pictures",
                count=read,
                engine=self.name,
                limit=self.limit - 1,
            )
        return min(wanted, self.limit - read)

    def _streamed(self, messages: Conversation, options: ChatOptions) -> Generator[str, None, None]:
        words, stop, failures = Words(self.tokenizer), Stop(), list[BaseException]()

        def run(batch: Sequence[Conversation]) -> list[None]:
            self._generate(batch, options, streamer=words, stopping_criteria=[stop])
            return [None]

        def work() -> None:
            try:
                with self.turn:
                    in_batches(run, [messages], 1, self.device)
            except BaseException as error:  # handed to the reader, who raises it
                failures.append(error)
                words.end()

        worker = threading.Thread(target=work, name="vivavoce-seer", daemon=True)
        worker.start()
        try:
            yield from words
        finally:
            stop.ask()
            worker.join(timeout=LAST_WORDS_S)
        if failures:
            raise failures[0]


def sampling(options: ChatOptions, max_tokens: int) -> dict[str, Any]:
    """Return how to pick words, as arguments of `generate`."""
    if options.temperature == 0:
        return {"max_new_tokens": max_tokens, "do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    return {
        "max_new_tokens": max_tokens,
        "do_sample": True,
        "temperature": options.temperature,
        "top_p": options.top_p,
    }
