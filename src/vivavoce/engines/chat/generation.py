"""A causal language model's tokens, one for each that the reader asks for; a reader that leaves stops the model."""

from collections.abc import Iterator
from typing import Any

from vivavoce.engines.contract import require
from vivavoce.engines.conversation import ChatOptions
from vivavoce.engines.torch_models import memory_checked

HALF_A_CHARACTER = "\ufffd"  # what a tokenizer spells for bytes that need those of the next token


def tokens(model: Any, prompt: list[int], ends: frozenset[int], options: ChatOptions) -> Iterator[int]:  # noqa: ANN401 - a model of transformers
    """Yield token numbers until one of `ends` or `options.max_tokens`; equal seeds give equal answers.

    Raises OutOfMemory when the conversation does not fit on the device.
    """
    torch = require("torch", "hub")
    dice = torch.Generator(device=model.device)
    if options.seed is None:
        dice.seed()
    else:
        dice.manual_seed(options.seed)
    cache, given = None, torch.tensor([prompt], device=model.device)
    for _ in range(options.max_tokens):
        with torch.inference_mode(), memory_checked():  # not around the yield: they would hold for the reader too
            output = model(input_ids=given, past_key_values=cache, use_cache=True, logits_to_keep=1)
            cache = output.past_key_values
            chosen = _choice(output.logits[0, -1].float(), options, dice)
        if chosen in ends:
            return
        yield chosen
        given = torch.tensor([[chosen]], device=model.device)


def _choice(logits: Any, options: ChatOptions, dice: Any) -> int:  # noqa: ANN401 - torch's
    """Draw a token from logits [V]: the likeliest at temperature 0, else among the likeliest that make up top_p."""
    torch = require("torch", "hub")
    if options.temperature == 0:
        return int(logits.argmax())
    shares = torch.softmax(logits / options.temperature, 0)
    if options.top_p == 1:
        return int(torch.multinomial(shares, 1, generator=dice))
    shares, order = shares.sort(descending=True)
    kept = (shares.cumsum(0) - shares) < options.top_p
    return int(order[torch.multinomial(shares * kept, 1, generator=dice)])


def words(tokenizer: Any, numbers: Iterator[int]) -> Iterator[str]:  # noqa: ANN401 - a tokenizer of transformers
    """Yield the text of tokens as it becomes whole; together it is the text of them all.

    Only the tokens from the last line end on are spelled anew, for a token's text depends on those before it.
    """
    held: list[int] = []
    shown = ""
    for number in numbers:
        held.append(number)
        text = tokenizer.decode(held, skip_special_tokens=True)
        if text.endswith(HALF_A_CHARACTER):
            continue
        if new := text[len(shown) :]:
            yield new
        if text.endswith("\n"):
            held, text = [number], tokenizer.decode([number], skip_special_tokens=True)
        shown = text
    rest = tokenizer.decode(held, skip_special_tokens=True)[len(shown) :]
    if rest:
        yield rest
