"""Checkpoints of the true architecture with random weights, a few hundred kilobytes each.

They prove wiring and shapes through the same loading path as published weights; what they say means nothing.
"""

import json
from pathlib import Path

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
    tokenizer = _byte_level_tokenizer(special)
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


def _byte_level_tokenizer(special: list[str]):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    return tokenizer


def blip_vqa(folder: Path) -> Path:
    """Write a tiny BLIP for visual question answering, with its image processor and tokenizer."""
    import torch
    from transformers import BertTokenizer, BlipConfig, BlipForQuestionAnswering, BlipImageProcessorPil

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]", *"what is this a dog cat red ?".split()]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    config = BlipConfig(
        text_config={
            **shape,
            "vocab_size": len(words),
            "encoder_hidden_size": 32,
            "max_position_embeddings": 64,
            "bos_token_id": 5,
            "eos_token_id": 3,
            "sep_token_id": 3,
            "pad_token_id": 0,
        },
        vision_config={**shape, "image_size": 64, "patch_size": 16},
    )
    BlipForQuestionAnswering(config).save_pretrained(folder)
    BertTokenizer(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    BlipImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder
