"""Whisper: checkpoints of the true architecture with random weights; see the package."""

import json
from pathlib import Path

import numpy as np

WHISPER_LANGUAGES = ("en", "zh", "de", "es", "ru", "ko", "fr", "ja")
WHISPER_TASKS = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")


def whisper_tokenizer(multilingual: bool = True):
    """Return a tokenizer of bytes and Whisper's special tokens.

    One that knows many languages has an empty token too, as the published ones: by it, CTranslate2 tells them apart.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    languages = WHISPER_LANGUAGES if multilingual else ()
    tasks = WHISPER_TASKS if multilingual else WHISPER_TASKS[2:]
    names = ["endoftext", "startoftranscript", *languages, *tasks, *(f"{number * 0.02:.2f}" for number in range(1501))]
    words = sorted(pre_tokenizers.ByteLevel.alphabet()) + [""] * multilingual
    tokenizer = Tokenizer(models.BPE(vocab={word: number for number, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([f"<|{name}|>" for name in names])
    return tokenizer


def whisper(folder: Path, bands: int = 80, multilingual: bool = True) -> Path:
    """Write a tiny Whisper as a transformers checkpoint; it writes nothing but text, up to its limit or the end."""
    import torch
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    tokenizer = whisper_tokenizer(multilingual)
    size = tokenizer.get_vocab_size()
    start, end = tokenizer.token_to_id("<|startoftranscript|>"), tokenizer.token_to_id("<|endoftext|>")
    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=size,
        num_mel_bins=bands,
        d_model=32,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        decoder_start_token_id=start,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        init_std=0.5,  # small weights would give every token about the same probability
    )
    model = WhisperForConditionalGeneration(config)
    generation = model.generation_config
    generation._from_model_config = False  # what follows would be dropped
    generation.lang_to_id = {
        f"<|{code}|>": tokenizer.token_to_id(f"<|{code}|>") for code in (WHISPER_LANGUAGES if multilingual else ())
    }
    if multilingual:
        generation.task_to_id = {name: tokenizer.token_to_id(f"<|{name}|>") for name in ("transcribe", "translate")}
        generation.is_multilingual = True
    generation.alignment_heads = [[1, 0], [1, 1]]
    generation.no_timestamps_token_id = tokenizer.token_to_id("<|notimestamps|>")
    generation.suppress_tokens = [*range(256, end), *range(start, size)]
    generation.begin_suppress_tokens = [end]
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    wrapper = {"tokenizer_class": "PreTrainedTokenizerFast"}
    (folder / "tokenizer_config.json").write_text(json.dumps(wrapper))
    features = {"feature_size": bands, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(features))
    return folder


def whisper_that_listens(folder: Path, ids: list[int], ends: list[int]) -> np.ndarray:
    """Rewrite the whisper in `folder`; return encoded sound, float32 [1, T, D], that it follows when it reads `ids`.

    At the last `len(ends)` positions but one, its last layer pays attention to the frames from one end to the next.
    """
    import torch
    from transformers import WhisperForConditionalGeneration

    model = WhisperForConditionalGeneration.from_pretrained(folder)
    cross = model.model.decoder.layers[-1].encoder_attn
    width = cross.head_dim
    codes = torch.nn.functional.normalize(torch.randn(len(ends), width), dim=1)
    lengths = torch.tensor(ends).diff(prepend=torch.tensor([0]))
    sound = codes.repeat_interleave(lengths, 0).repeat(1, cross.num_heads)[None]
    caught = []
    hook = cross.q_proj.register_forward_hook(lambda _, given, __: caught.append(given[0][0]))
    with torch.no_grad():
        model.model.decoder(input_ids=torch.tensor([ids]), encoder_hidden_states=sound)
        hook.remove()
        asked = torch.zeros(len(ids), width)
        asked[-1 - len(ends) : -1] = 60 * width**0.5 * codes
        inputs = torch.cat([caught[0], torch.ones(len(ids), 1)], dim=1)
        solved = torch.linalg.pinv(inputs.double()) @ asked.repeat(1, cross.num_heads).double()
        cross.q_proj.weight.copy_(solved[:-1].T)
        cross.q_proj.bias.copy_(solved[-1])
        cross.k_proj.weight.copy_(torch.eye(width * cross.num_heads))
    model.save_pretrained(folder)
    return sound.numpy()


def whisper_ct2(folder: Path) -> Path:
    """Write a tiny Whisper as a CTranslate2 folder, converted from a transformers checkpoint."""
    from ctranslate2.converters import TransformersConverter

    source, target = whisper(folder / "transformers"), folder / "ct2"
    copied = ["tokenizer.json", "preprocessor_config.json"]
    TransformersConverter(str(source), copy_files=copied).convert(str(target), quantization="int8")
    return target
