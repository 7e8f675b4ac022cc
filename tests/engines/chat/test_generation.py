"""Token by token: the same as the library's own loop for every model type, and text that comes whole."""

import inspect

import pytest

from tiny.tokenizers import byte_level
from vivavoce.engines.chat.causal import MODEL_TYPES
from vivavoce.engines.chat.generation import tokens, words
from vivavoce.engines.conversation import ChatOptions
from vivavoce.errors import OutOfMemory

END = 2
PROMPT = list(range(5, 25))
SHAPE = {
    **dict.fromkeys(("hidden_size", "n_embd"), 32),
    **dict.fromkeys(("num_hidden_layers", "n_layer", "num_attention_heads", "n_head"), 2),
    **dict.fromkeys(("num_key_value_heads", "num_experts_per_tok"), 2),
    **dict.fromkeys(("intermediate_size", "ffn_hidden_size"), 64),
    **dict.fromkeys(("max_position_embeddings", "n_positions"), 128),
    **dict.fromkeys(("head_dim", "query_pre_attn_scalar", "moe_intermediate_size"), 16),
    **dict.fromkeys(("num_experts", "num_local_experts"), 4),
    **{"vocab_size": 200, "sliding_window": 8, "shared_expert_intermediate_size": 16},
    **{"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": END},
}


def model_of(kind):
    """Return a tiny model of random weights; the prompt is longer than its sliding window."""
    import torch
    from transformers import CONFIG_MAPPING, AutoModelForCausalLM

    configuration = CONFIG_MAPPING[kind]
    known = {name for base in configuration.__mro__ for name in inspect.get_annotations(base)}
    known |= set(inspect.signature(configuration).parameters)
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(
        configuration(**{name: value for name, value in SHAPE.items() if name in known})
    ).eval()


@pytest.mark.parametrize("kind", MODEL_TYPES)
def test_greedy_tokens_are_those_of_the_library(kind):
    import torch

    model = model_of(kind)
    given = torch.tensor([PROMPT])
    made = model.generate(
        given,
        attention_mask=torch.ones_like(given),
        max_new_tokens=15,
        do_sample=False,
        eos_token_id=END,
        pad_token_id=0,
    )
    expected = made[0, len(PROMPT) :].tolist()
    got = list(tokens(model, PROMPT, frozenset({END}), ChatOptions(max_tokens=15, temperature=0)))
    assert got == (expected[:-1] if expected[-1] == END else expected)
    assert got


@pytest.mark.parametrize("text", ["a b", "两行\n第二行\n", "🙂 ok\n  indented\n\n", "half é", ""])
def test_words_are_whole_characters_and_together_the_text(text):
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_level(["<|end|>"]), eos_token="<|end|>")
    parts = list(words(tokenizer, iter(tokenizer(text).input_ids)))
    assert "".join(parts) == text
    assert not any("\ufffd" in part for part in parts)
    assert len(parts) == len(text)


def test_a_conversation_that_does_not_fit_on_the_device_is_said_so():
    import torch

    class Full:
        device = "cpu"

        def __call__(self, **given):
            raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(OutOfMemory):
        next(tokens(Full(), PROMPT, frozenset(), ChatOptions()))
