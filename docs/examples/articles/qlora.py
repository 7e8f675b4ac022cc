"""QLoRA set-up: LLaVA in 4 bits, with a few trainable numbers in its language model alone, and some steps of training.

What the original got wrong:
- `load_in_8bit=` is gone: `quantization_config=BitsAndBytesConfig(...)`, for 4 bits too;
- a list of names such as `["q_proj", "v_proj"]` also hits the tower that looks: name the layers by a pattern;
- prompts without `<image>`: `apply_chat_template` puts it there.

Run: python3 docs/examples/articles/qlora.py [MODEL]
MODEL is a folder or a hub repository, such as llava-hf/llava-1.5-7b-hf; without one a tiny LLaVA of random weights.
Makes its own picture. Needs peft and bitsandbytes, which does nf4 on a CPU too. Vivavoce has no counterpart yet.
Method: Dettmers et al., 2023, arXiv:2305.14314.
"""

import sys
from pathlib import Path

import PIL.Image
import tiny_models
import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import BitsAndBytesConfig, LlavaForConditionalGeneration, LlavaProcessor
from transformers.feature_extraction_utils import BatchFeature

import vivavoce as vv

TARGETS = r".*language_model.*\.(q|k|v|o)_proj"
NAMES = ("q_proj", "k_proj", "v_proj", "o_proj")


def in_four_bits(folder: Path) -> LlavaForConditionalGeneration:
    """Return the model with its linear layers as nf4, ready to be trained through."""
    four = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.float32,
    )
    model = LlavaForConditionalGeneration.from_pretrained(folder, quantization_config=four)
    return prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)


def with_adapters(model: LlavaForConditionalGeneration, rank: int) -> PeftModel:
    """Return the model with low-rank adapters beside the attention of its language model."""
    settings = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=TARGETS, task_type="CAUSAL_LM")
    return get_peft_model(model, settings)


def example(folder: Path, picture: vv.Image) -> BatchFeature:
    """Return a picture, a question and its answer; what comes before the answer is not to be learnt."""
    processor = LlavaProcessor.from_pretrained(folder)
    tokenizer = processor.tokenizer
    question = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is on the sign?"}]}
    prompt = processor.apply_chat_template([question], add_generation_prompt=True).removeprefix(tokenizer.bos_token)
    shown = PIL.Image.fromarray(picture.rgb)
    asked = processor(images=shown, text=prompt, return_tensors="pt")["input_ids"].shape[1]
    whole = processor(images=shown, text=f"{prompt} Opening hours.{tokenizer.eos_token}", return_tensors="pt")
    labels = whole["input_ids"].clone()
    labels[:, :asked] = -100  # left out of the loss
    whole["labels"] = labels
    return whole


def trained(model: PeftModel, batch: BatchFeature, steps: int) -> list[float]:
    """Take some steps on one batch; return the loss before each, and after the last."""
    optimiser = torch.optim.AdamW([part for part in model.parameters() if part.requires_grad], lr=0.02)
    losses = []
    model.train()
    for _ in range(steps):
        loss = model(**batch).loss
        losses.append(loss.item())
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    with torch.no_grad():
        return [*losses, model(**batch).loss.item()]


def main(model: str = "") -> None:
    with tiny_models.checkpoint(model, tiny_models.llava) as folder:
        frozen = in_four_bits(folder)
        hit = [name for name, _ in frozen.named_modules() if name.rpartition(".")[2] in NAMES]
        whole = sum(layer.in_features * layer.out_features for layer in _four_bit(frozen))
        whole += sum(part.numel() for part in frozen.parameters() if part.dtype is not torch.uint8)
        adapted = with_adapters(frozen, rank=8 if model else 1)
        batch = example(folder, vv.draw("Opening hours", vv.DrawOptions(width=320, height=240)))
        losses = trained(adapted, batch, 3)
    few = sum(part.numel() for part in adapted.parameters() if part.requires_grad)
    print(f"{len(_four_bit(frozen))} layers in nf4; names alone hit {len(hit)}, {_in_the_eyes(hit)} in the eyes")
    adapters = [name for name, _ in adapted.named_modules() if name.endswith(".lora_A")]
    print(f"adapters: {len(adapters)}, {_in_the_eyes(adapters)} in the eyes")
    print(f"trained: {few:,} of {whole + few:,} parameters, {few / (whole + few):.2%}")
    print("loss: " + ", ".join(f"{loss:.3f}" for loss in losses))


def _four_bit(model: torch.nn.Module) -> list[torch.nn.Linear]:
    return [module for module in model.modules() if module.__class__.__name__ == "Linear4bit"]


def _in_the_eyes(names: list[str]) -> int:
    return sum("vision_tower" in name for name in names)


if __name__ == "__main__":
    main(*sys.argv[1:])
