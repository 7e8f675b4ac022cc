"""Whisper: checkpoints of the true architecture with random weights; see the package."""

import json
from pathlib import Path

from tiny.tokenizers import byte_level

WHISPER_LANGUAGES = ("en", "zh", "de", "es", "ru", "ko", "fr", "ja")
WHISPER_TASKS = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")


def whisper_ct2(folder: Path) -> Path:
    """Write a tiny Whisper as a CTranslate2 folder, converted from a transformers checkpoint."""
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    source, target = folder / "transformers", folder / "ct2"
    special = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in WHISPER_LANGUAGES)]
    special += [f"<|{task}|>" for task in WHISPER_TASKS]
    special += [f"<|{number * 0.02:.2f}|>" for number in range(1501)]
    tokenizer = byte_level(special)
    ids = {token: tokenizer.token_to_id(token) for token in special}
    torch.manual_seed(0)
    start, end = ids["<|startoftranscript|>"], ids["<|endoftext|>"]
    config = WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(),
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
        suppress_tokens=[],
        begin_suppress_tokens=[end],
    )
    model = WhisperForConditionalGeneration(config)
    model.generation_config.lang_to_id = {f"<|{code}|>": ids[f"<|{code}|>"] for code in WHISPER_LANGUAGES}
    model.generation_config.alignment_heads = [[1, 0], [1, 1]]
    model.generation_config.no_timestamps_token_id = ids["<|notimestamps|>"]
    model.save_pretrained(source)
    tokenizer.save(str(source / "tokenizer.json"))
    wrapper = {"tokenizer_class": "PreTrainedTokenizerFast", "additional_special_tokens": special}
    (source / "tokenizer_config.json").write_text(json.dumps(wrapper))
    features = {"feature_size": 80, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    (source / "preprocessor_config.json").write_text(json.dumps(features))
    copied = ["tokenizer.json", "preprocessor_config.json"]
    TransformersConverter(str(source), copy_files=copied).convert(str(target), quantization="int8")
    return target
