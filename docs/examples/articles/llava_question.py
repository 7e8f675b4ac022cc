"""LLaVA question answering: a photograph and a question to an answer.

What the original got wrong:
- the model's name, liuhaotian/LLaVA-7B-v1.5: what transformers loads is llava-hf/llava-1.5-7b-hf;
- a prompt without `<image>`: `apply_chat_template` puts it where the model expects it;
- `load_in_8bit=True` is gone: `quantization_config=BitsAndBytesConfig(load_in_8bit=True)`.

Run: python3 docs/examples/articles/llava_question.py [MODEL [PICTURE [QUESTION]]]
MODEL is a folder or a hub repository, such as llava-hf/llava-1.5-7b-hf; without one a tiny LLaVA of random weights
answers nonsense. Makes its own picture unless one is named.
"""

import sys
from pathlib import Path

import PIL.Image
import tiny_models
from transformers import LlavaForConditionalGeneration, LlavaProcessor

import vivavoce as vv


def ours(folder: Path, picture: vv.Image, question: str) -> str:
    """Return the answer."""
    return vv.answer(picture, question, engine=str(folder)).text


def plain(folder: Path, picture: vv.Image, question: str) -> str:
    """Return the answer."""
    model = LlavaForConditionalGeneration.from_pretrained(folder)
    processor = LlavaProcessor.from_pretrained(folder)
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}
    prompt = processor.apply_chat_template([turn], add_generation_prompt=True)
    prompt = prompt.removeprefix(processor.tokenizer.bos_token)  # the tokenizer puts it there
    inputs = processor(images=PIL.Image.fromarray(picture.rgb), text=prompt, return_tensors="pt")
    seen = int((inputs["input_ids"] == model.config.image_token_id).sum())
    print(f"prompt: {prompt!r}\ntokens of the picture: {seen} of {inputs['input_ids'].shape[1]}")
    ids = model.generate(**inputs, max_new_tokens=256, do_sample=False)
    return processor.decode(ids[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True).strip()


def main(model: str = "", picture: str = "", question: str = "What is on the sign?") -> None:
    shown = vv.open(picture) if picture else vv.draw("Opening hours", vv.DrawOptions(width=320, height=240))
    with tiny_models.checkpoint(model, tiny_models.llava) as folder:
        answers = {"plain": plain(folder, shown, question), "ours": ours(folder, shown, question)}
    for name, answer in answers.items():
        print(f"{name}: {answer!r:.70}")
    print(f"the same answer: {answers['plain'] == answers['ours']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
