"""Quantise, save, load, verify: a BERT whose linear layers go from 32 bits a number to 8.

What the original got wrong:
- `save_pretrained` of a quantised model fails: save the state dict; to load, rebuild, quantise again, fill in;
- `Conv1D`, which GPT-2 is made of, stays float: only its head shrinks;
- `load_in_8bit=` is gone: `quantization_config=BitsAndBytesConfig(...)`, see qlora.py.

Run: python3 docs/examples/articles/quantise.py [FOLDER [MODEL]]
Writes bert-int8.pt into FOLDER. MODEL is a folder or a hub repository, such as google-bert/bert-base-uncased; without
one a tiny BERT of random weights. Needs no input. Vivavoce has no counterpart yet: its engines quantise when they load
(int8 Whisper and translators by CTranslate2 on a CPU). torch warns that `quantize_dynamic` will move to torchao.
"""

import sys
from pathlib import Path

import tiny_models
import torch
from torch import nn
from torch.ao.nn.quantized.dynamic import Linear as Int8Linear
from torch.ao.quantization import quantize_dynamic
from transformers import AutoConfig, AutoModel, AutoTokenizer, GPT2Config, GPT2LMHeadModel

SENTENCES = ["The library opens at nine in the morning.", "It rains."]


def quantised(model: nn.Module) -> nn.Module:
    """Return a copy with int8 linear layers; what they are given is quantised as it comes."""
    return quantize_dynamic(model.eval(), {nn.Linear}, dtype=torch.qint8)


def saved(model: nn.Module, file: Path) -> int:
    """Write the weights and return their size in bytes."""
    torch.save(model.state_dict(), file)
    return file.stat().st_size


def loaded(config: Path, file: Path) -> nn.Module:
    """Return the quantised model that was saved."""
    model = quantised(AutoModel.from_config(AutoConfig.from_pretrained(config)))
    model.load_state_dict(torch.load(file, weights_only=True))
    return model


def verified(models: dict[str, nn.Module], folder: Path) -> dict[str, torch.Tensor]:
    """Return what each model makes of the sentences, float32 [sentences, tokens, width] without padding."""
    inputs = AutoTokenizer.from_pretrained(folder)(SENTENCES, padding=True, return_tensors="pt")
    with torch.inference_mode():
        kept = inputs["attention_mask"].bool()
        return {name: model(**inputs).last_hidden_state[kept] for name, model in models.items()}


def linear_layers(model: nn.Module) -> int:
    """Return how many int8 linear layers a model has."""
    return sum(isinstance(module, Int8Linear) for module in model.modules())


def main(out: str = ".", model: str = "") -> None:
    with tiny_models.checkpoint(model, tiny_models.bert) as folder:
        whole = AutoModel.from_pretrained(folder).eval()
        small = quantised(whole)
        before = sum(weights.nbytes for weights in whole.state_dict().values())
        after = saved(small, Path(out) / "bert-int8.pt")
        again = loaded(folder, Path(out) / "bert-int8.pt")
        states = verified({"float": whole, "int8": small, "loaded": again}, folder)
    alike = nn.functional.cosine_similarity(states["float"], states["int8"], dim=-1).min()
    print(f"{linear_layers(small)} linear layers: {before:,} bytes to {after:,}, ratio {before / after:.1f}")
    print(f"int8 against float: least cosine {alike:.3f}")
    print(f"loaded against saved: equal {torch.equal(states['int8'], states['loaded'])}")
    writer = GPT2LMHeadModel(GPT2Config(vocab_size=99, n_embd=32, n_head=2, n_layer=2, bos_token_id=0, eos_token_id=0))
    print(f"GPT-2 of two layers: {linear_layers(quantised(writer))} linear layer")


if __name__ == "__main__":
    main(*sys.argv[1:])
