"""Whether Whisper writes the same text when the silence that pads a clip to 30 s is left out.

Whisper was trained on windows of 30 s; shorter sound is padded with silence, and everybody pays for encoding it. Here
a small model of the true architecture (2 + 2 layers, width 64) is trained for some minutes on spoken digits, always
padded to 30 s as Whisper was. Then clips of held-out recordings are decoded twice on the same weights, in CTranslate2:
with the window of 30 s, and with a window that ends some margin after the sound.

What it proves: on weights that mean something, how often the text stays the same, and what happens to the error rate,
by margin. What it does not: that the published models behave the same. They are larger, were trained on far more, and
are not at hand here.

Needs the data folder (VIVAVOCE_DATA, or ../shared/data) and torch; about ten minutes on two idle cores. Run: python
benchmarks/trimmed_window.py [--folder WHERE THE CHECKPOINT IS KEPT] [--scale 1.0: share of the training steps]. Prints
JSON; the progress of the training goes to standard error.
"""

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import jiwer
import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import WhisperConfig, WhisperForConditionalGeneration

import vivavoce as vv
from vivavoce.engines.transcribe.log_mel import FRAMES_PER_S, HOP, RATE_HZ, log_mel
from vivavoce.engines.transcribe.whisper_ct2 import Ct2Network
from vivavoce.engines.transcribe.whisper_network import Search
from vivavoce.engines.transcribe.whisper_vocabulary import Vocabulary

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPECIAL = ("endoftext", "startoftranscript", "en", "translate", "transcribe", "startofprev", "nospeech", "notimestamps")
WINDOW_FRAMES = 3000
MARGINS_S = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
PROMPT = ("startoftranscript", "en", "transcribe", "notimestamps")
FEW_DIGITS, MANY_DIGITS = 10, 45
ENCODER_STEPS, DECODER_STEPS, DECODER_CLIPS = 300, 1500, 1200
LEARNING_RATE = 2e-3
CLIPS = 300
SEED = 0

Recordings = dict[str, list[np.ndarray]]


def recordings(folder: Path, held_out: bool) -> Recordings:
    """Return the recordings of each digit at 16 kHz; those numbered below 5 are the data set's test part."""
    found: Recordings = {word: [] for word in DIGITS}
    for path in sorted(folder.glob("*.opus")):
        digit, _, number = path.stem.split("_")
        if (int(number) < 5) == held_out:
            found[DIGITS[int(digit)]].append(vv.open(path, rate_hz=RATE_HZ, mono=True).samples[:, 0])
    return found


@dataclass(frozen=True)
class Clip:
    """Digits said one after the other: samples [N] at 16 kHz, words, and where each begins and ends, in samples."""

    sound: np.ndarray
    words: list[str]
    borders: list[tuple[int, int]]


def clip(spoken: Recordings, most: int, rng: np.random.Generator) -> Clip:
    """Return a clip of at most `most` digits, in a room with a little noise, no longer than the window."""
    words, borders, parts, at = [], [], [], 0
    for number in rng.integers(0, 10, rng.integers(1, most + 1)):
        said = spoken[DIGITS[number]][rng.integers(len(spoken[DIGITS[number]]))]
        pause = np.zeros(int(rng.uniform(0.05, 0.5) * RATE_HZ))
        if at + len(pause) + len(said) > (WINDOW_FRAMES - 50) * HOP:
            break
        parts += [pause, said]
        borders.append((at + len(pause), at + len(pause) + len(said)))
        words.append(DIGITS[number])
        at = borders[-1][1]
    sound = np.concatenate([*parts, np.zeros(int(rng.uniform(0.05, 0.3) * RATE_HZ))])
    sound = sound / max(1e-3, np.abs(sound).max()) * rng.uniform(0.2, 0.9)
    sound += rng.normal(0, 10 ** rng.uniform(-4, -2.5), len(sound))
    return Clip(sound.astype(np.float32), words, borders)


def vocabulary() -> Tokenizer:
    """Return a token for each digit and those that Whisper has besides."""
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(DIGITS)}, unk_token="zero"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens([f"<|{name}|>" for name in SPECIAL])
    return tokenizer


def untrained(tokenizer: Tokenizer) -> WhisperForConditionalGeneration:
    torch.manual_seed(SEED)
    end = tokenizer.token_to_id("<|endoftext|>")
    config = WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(),
        d_model=64,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=1,
        decoder_attention_heads=4,
        encoder_ffn_dim=256,
        decoder_ffn_dim=256,
        decoder_start_token_id=tokenizer.token_to_id("<|startoftranscript|>"),
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    return WhisperForConditionalGeneration(config)


def windows(clips: list[Clip]) -> torch.Tensor:
    """Return features [B, 80, 3000]: every clip padded with silence to 30 s."""
    return torch.from_numpy(np.stack([log_mel(clip.sound, 80, WINDOW_FRAMES) for clip in clips]))


def sounds(clips: list[Clip]) -> torch.Tensor:
    """Return [B, 1500]: what is said in each frame of the encoder, 0–9 first half, 10–19 second half, 20 nothing."""
    classes = np.full((len(clips), WINDOW_FRAMES // 2), 20)
    for row, clip in zip(classes, clips, strict=True):
        for word, (start, end) in zip(clip.words, clip.borders, strict=True):
            first, last = start // (2 * HOP), end // (2 * HOP)
            middle = (first + last) // 2
            row[first:middle] = DIGITS.index(word)
            row[middle:last] = DIGITS.index(word) + 10
    return torch.from_numpy(classes)


def tokens(clips: list[Clip], tokenizer: Tokenizer) -> tuple[torch.Tensor, torch.Tensor]:
    """Return tokens in [B, T] and tokens to come [B, T], −100 where none is asked for."""
    start = [tokenizer.token_to_id(f"<|{name}|>") for name in PROMPT]
    end = tokenizer.token_to_id("<|endoftext|>")
    given = np.full((len(clips), len(start) + max(len(clip.words) for clip in clips)), end)
    wanted = np.full_like(given, -100)
    for row, clip in enumerate(clips):
        ids = [tokenizer.token_to_id(word) for word in clip.words]
        given[row, : len(start) + len(ids)] = start + ids
        wanted[row, len(start) - 1 : len(start) + len(ids)] = [*ids, end]
    return torch.from_numpy(given), torch.from_numpy(wanted)


def fit(parameters: list[torch.nn.Parameter], steps: int, loss_of: Callable[[int], torch.Tensor]) -> None:
    optimiser = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps, pct_start=0.15)
    began_s = time.monotonic()
    for step in range(steps):
        optimiser.zero_grad()
        loss = loss_of(step)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        if step % 20 == 0:
            print(
                f"step {step} of {steps}, loss {loss.item():.3f}, {time.monotonic() - began_s:.0f} s", file=sys.stderr
            )


def train(model: WhisperForConditionalGeneration, spoken: Recordings, tokenizer: Tokenizer, scale: float) -> None:
    """Train the encoder to tell the sounds apart, then the decoder to write them down; both on windows of 30 s."""
    rng = np.random.default_rng(SEED)
    encoder_steps, decoder_steps = (max(2, round(steps * scale)) for steps in (ENCODER_STEPS, DECODER_STEPS))
    encoder, head = model.model.encoder, torch.nn.Linear(model.config.d_model, 21)

    def heard(step: int) -> torch.Tensor:
        clips = [clip(spoken, MANY_DIGITS if row % 2 else FEW_DIGITS, rng) for row in range(8)]
        with torch.autocast("cpu", torch.bfloat16):
            states = encoder(windows(clips)).last_hidden_state
        return torch.nn.functional.cross_entropy(head(states.float()).flatten(0, 1), sounds(clips).flatten())

    fit([*(p for p in encoder.parameters() if p.requires_grad), *head.parameters()], encoder_steps, heard)
    clips = [clip(spoken, FEW_DIGITS, rng) for _ in range(max(32, round(DECODER_CLIPS * scale)))]
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        states = torch.cat([encoder(windows(clips[at : at + 8])).last_hidden_state for at in range(0, len(clips), 8)])
    states = states.to(torch.bfloat16).clone()

    def written(step: int) -> torch.Tensor:
        most = max(1, min(FEW_DIGITS, round(FEW_DIGITS * step / decoder_steps * 2)))
        fitting = [row for row, one in enumerate(clips) if len(one.words) <= most]
        rows = rng.choice(fitting, 16)
        given, wanted = tokens([clips[row] for row in rows], tokenizer)
        said = model.model.decoder(input_ids=given, encoder_hidden_states=states[rows].float()).last_hidden_state
        return torch.nn.functional.cross_entropy(model.proj_out(said).flatten(0, 1), wanted.flatten())

    fit([p for p in model.model.decoder.parameters() if p.requires_grad], decoder_steps, written)


def trained(folder: Path, data: Path, scale: float) -> Path:
    """Return a CTranslate2 folder of the model in float32, trained before or now."""
    from ctranslate2.converters import TransformersConverter

    source, target = folder / "transformers", folder / "ct2"
    if not (target / "model.bin").is_file():
        tokenizer = vocabulary()
        model = untrained(tokenizer)
        train(model, recordings(data, held_out=False), tokenizer, scale)
        model.save_pretrained(source)
        tokenizer.save(str(source / "tokenizer.json"))
        (source / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
        TransformersConverter(str(source), copy_files=["tokenizer.json"]).convert(str(target), force=True)
    return target


def texts(network: Ct2Network, clips: list[Clip], margin_s: float | None) -> list[str]:
    """Decode each clip in a window that ends `margin_s` after the sound, at 30 s for None."""
    opening = [network.vocabulary.number(name) or 0 for name in PROMPT]
    written = []
    for one in clips:
        frames = WINDOW_FRAMES
        if margin_s is not None:
            longest = math.ceil(len(one.sound) / HOP) + round(margin_s * FRAMES_PER_S)
            frames = min(WINDOW_FRAMES, longest + longest % 2)
        encoded = network.encode(log_mel(one.sound, 80, frames)[np.newaxis])
        (draft,) = network.write(encoded, opening, Search(1, 0.0, FEW_DIGITS + 4))
        written.append(network.vocabulary.text(draft.tokens))
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "vivavoce-spoken-digits")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--clips", type=int, default=CLIPS)
    options = parser.parse_args()
    data = Path(os.environ.get("VIVAVOCE_DATA", "../shared/data")) / "fsdd"
    if not data.is_dir():
        print(json.dumps({"skipped": "needs the spoken digits of the data folder; set VIVAVOCE_DATA"}))
        return
    folder = trained(options.folder, data, options.scale)
    model = ctranslate2.models.Whisper(str(folder), compute_type="float32")
    network = Ct2Network(ctranslate2, model, Vocabulary.of(folder))
    rng = np.random.default_rng(SEED + 1)
    held_out = recordings(data, held_out=True)
    clips = [clip(held_out, FEW_DIGITS, rng) for _ in range(options.clips)]
    said = [" ".join(one.words) for one in clips]
    whole = texts(network, clips, None)
    result: dict[str, object] = {"clips": len(clips), "window of 30 s": {"word error rate": jiwer.wer(said, whole)}}
    for margin_s in MARGINS_S:
        found = texts(network, clips, margin_s)
        same = sum(a == b for a, b in zip(found, whole, strict=True)) / len(clips)
        result[f"{margin_s} s"] = {"equal texts": same, "word error rate": jiwer.wer(said, found)}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
