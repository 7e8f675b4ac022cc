"""The Whisper assistant's step: a spoken question to words, the words to an answer, the answer to speech.

What the original got wrong:
- `generate(forced_decoder_ids=...)` is gone: `language=` and `task=`;
- a recording as a dict at another sampling rate needs torchaudio: resample before;
- a model in half precision needs features in half precision.

Run: python3 docs/examples/articles/assistant_step.py [FOLDER [WHISPER CHAT VITS [QUESTION]]]
Writes its reply into FOLDER. The models are folders or hub repositories, such as openai/whisper-tiny,
Qwen/Qwen2.5-0.5B-Instruct and facebook/mms-tts-eng; without them tiny ones are taken, of which the first two know one
sentence each. Makes its own question unless a recording of one is named.
"""

import sys
from pathlib import Path

import tiny_models
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    VitsModel,
    VitsTokenizer,
    WhisperForConditionalGeneration,
    WhisperProcessor,
)

import vivavoce as vv

RATE_HZ = 16_000
SYSTEM = "You are a helpful voice assistant. Answer in one sentence."


def ours(question: vv.Audio, whisper: Path, chat: Path, vits: Path) -> tuple[str, str, vv.Audio]:
    """Return what was asked, the answer, and the answer spoken."""
    asked = vv.transcribe(question, language="en", engine=str(whisper)).text
    turns = [vv.Message("system", SYSTEM), vv.Message("user", asked)]
    words = vv.chat(turns, vv.ChatOptions(max_tokens=64, temperature=0), engine=str(chat))
    answer = "".join(word for word in words if isinstance(word, str))
    speech = vv.convert(vv.Text(answer, "en"), to="speech", wishes=vv.Wishes(via=(str(vits),)))
    return asked, answer, speech


def plain(question: vv.Audio, whisper: Path, chat: Path, vits: Path) -> tuple[str, str, vv.Audio]:
    """Return the same."""
    asked = _heard(question, whisper)
    answer = _answered(asked, chat)
    return asked, answer, _spoken(answer, vits)


def _heard(question: vv.Audio, folder: Path) -> str:
    processor = WhisperProcessor.from_pretrained(folder)
    model = WhisperForConditionalGeneration.from_pretrained(folder)
    sound = processor(question.at(RATE_HZ), sampling_rate=RATE_HZ, return_attention_mask=True, return_tensors="pt")
    ids = model.generate(**sound, language="en", task="transcribe")
    return processor.batch_decode(ids, skip_special_tokens=True)[0].strip()


def _answered(asked: str, folder: Path) -> str:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    turns = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": asked}]
    prompt = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=True, return_tensors="pt")
    ids = model.generate(**prompt, max_new_tokens=64, do_sample=False)
    return tokenizer.decode(ids[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True)


def _spoken(answer: str, folder: Path) -> vv.Audio:
    model = VitsModel.from_pretrained(folder)
    inputs = VitsTokenizer.from_pretrained(folder)(answer, return_tensors="pt")
    torch.manual_seed(0)
    with torch.inference_mode():
        return vv.Audio(model(**inputs).waveform[0].numpy(), model.config.sampling_rate)


def main(out: str = ".", *named: str) -> None:
    models, recording = (named[:3] or ("", "", "")), named[3:]
    question = vv.open(recording[0]) if recording else vv.speak("When does the library open?")
    builders = (tiny_models.whisper, tiny_models.chat_model, tiny_models.vits)
    with (
        tiny_models.checkpoint(models[0], builders[0]) as whisper,
        tiny_models.checkpoint(models[1], builders[1]) as chat,
        tiny_models.checkpoint(models[2], builders[2]) as vits,
    ):
        for name, step in (("plain", plain), ("ours", ours)):
            asked, answer, speech = step(question, whisper, chat, vits)
            file = vv.save(speech, Path(out) / f"{name}.wav", overwrite=True)
            print(f"{name}: {asked} → {answer} → {file.name}, {vv.open(file).duration_s:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
