"""Control tokens in what people write: they are broken up, so that nobody forges a turn, a role or a tool's result."""

import re
from collections.abc import Iterable
from typing import Any

# Marks that templates write as plain text where a tokenizer has no token for them.
MARKS = re.compile(r"<\|[^|<>\s]{1,40}\|>|\[/?[A-Z_]{2,20}\]|<</?[A-Z]{2,10}>>|</?[a-z]{2,12}_[a-z_]{2,20}>")


def controls_of(tokenizer: Any, template: str) -> tuple[str, ...]:  # noqa: ANN401 - a tokenizer of transformers
    """Return what must not stand in a message to a model, by its tokenizer and its chat template."""
    added = [str(token) for token in tokenizer.added_tokens_decoder.values()]
    return control_tokens([*tokenizer.all_special_tokens, *added], template)


def control_tokens(special: Iterable[str], template: str) -> tuple[str, ...]:
    """Return what must not stand in a message, the longest first: special tokens and the marks of the template."""
    found = {token for token in (*special, *MARKS.findall(template)) if _is_mark(token)}
    return tuple(sorted(found, key=lambda token: (-len(token), token)))


def _is_mark(token: str) -> bool:
    """Say whether a token is a mark: tokenizers also hold words and stretches of spaces that anybody may write."""
    return len(token) > 1 and not token.isalnum() and not any(letter.isspace() for letter in token)


def neutralised(text: str, controls: tuple[str, ...]) -> str:
    """Return `text` with a space after the first character of each control token in it; without any, as it is."""
    for token in controls:
        while token in text:
            text = text.replace(token, f"{token[0]} {token[1:]}")
    return text
