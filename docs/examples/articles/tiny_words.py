"""What the tiny models read and say: tokenizers of single bytes, chat templates, and a sentence known by heart."""

from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh", "de")
TASKS = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")
HEARD = ("ĠWhen", "Ġdoes", "Ġthe", "Ġlibrary", "Ġopen", "?")
ANSWERED = ("It", "Ġopens", "Ġat", "Ġnine", "Ġin", "Ġthe", "Ġmorning", ".")  # Ġ is how tokenizers write a space
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAVA = (
    "{% for message in messages %}{{ message.role.upper() }}: {% for part in message.content %}"
    "{% if part.type == 'image' %}<image>\n{% else %}{{ part.text }} {% endif %}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)


def byte_tokenizer(folder: Path, special: list[str], words: tuple[str, ...] = (), **named: Any) -> Any:  # noqa: ANN401 - of transformers
    """Save and return a tokenizer of bytes, `words` and `special` tokens, `named` as in `eos_token="</s>"`."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    pieces = pieces_of(words)
    bytewise = Tokenizer(models.BPE(vocab={piece: number for number, piece in enumerate(pieces)}, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    bytewise.add_special_tokens(special)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bytewise, extra_special_tokens=special, **named)
    tokenizer.save_pretrained(folder)
    return tokenizer


def pieces_of(words: tuple[str, ...]) -> list[str]:
    """Return the tokens of a vocabulary: all bytes, and some words."""
    from tokenizers import pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    return [*letters, *(word for word in words if word not in letters)]


def learn_by_heart(states: Any, keys: Any, values: Any, pairs: list[tuple[int, int]]) -> None:  # noqa: ANN401 - of torch
    """Set a feed-forward layer, `keys` [F, D] and `values` [D, F], so that a pair's first token leads to its second.

    `states` [V, D] embed the tokens, and tell at the model's end which one is meant.
    """
    import torch

    with torch.no_grad():
        states.normal_(std=0.5)
        keys.zero_()
        values.zero_()
        for number, (token, following) in enumerate(pairs):
            keys[number] = 2 * states[token] / states[token].norm()
            values[:, number] = 2.5 * states[following]


def whisper_tokenizer(folder: Path) -> dict[str, int]:
    """Save Whisper's tokenizer; return the number of each token."""
    from transformers import WhisperTokenizer

    special = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{name}|>" for name in (*LANGUAGES, *TASKS))]
    special += [f"<|{number * 0.02:.2f}|>" for number in range(1501)]
    ids = {piece: number for number, piece in enumerate([*pieces_of(HEARD), *special])}
    tokenizer = WhisperTokenizer(vocab=ids, merges=[])
    tokenizer.add_tokens(special, special_tokens=True)
    tokenizer.save_pretrained(folder)
    return ids


def clip_words(tokenizer: Any) -> dict[str, int]:  # noqa: ANN401 - of transformers
    """Return what the configuration of CLIP's text tower says of its tokenizer."""
    ids = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("bos", "eos", "pad")}
    return {**ids, "vocab_size": len(tokenizer), "max_position_embeddings": 77}


def clip_tokenizer(folder: Path) -> Any:  # noqa: ANN401 - of transformers
    """Save and return CLIP's tokenizer over single letters."""
    from tokenizers import pre_tokenizers
    from transformers import CLIPTokenizer

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77)
    tokenizer.save_pretrained(folder)
    return tokenizer
