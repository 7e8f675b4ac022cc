"""Models of several inputs and outputs: checkpoints of the true architecture with random weights; see the package."""

from pathlib import Path

from tiny.see import QWEN_TEXT, SPREAD, save_tokenizer

TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>", "<|IMAGE|>"]
TOKENS += ["<|VIDEO|>", "<|vision_bos|>", "<|vision_eos|>", "<tts_pad>", "<tts_text_bos>", "<tts_text_eod>"]
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{% for part in message.content %}"
    "{% if part.type == 'image' %}<|vision_bos|><|IMAGE|><|vision_eos|>"
    "{% elif part.type == 'audio' %}<|audio_bos|><|AUDIO|><|audio_eos|>"
    "{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
MROPE = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [1, 1, 2]}
VOICES = ("Chelsie", "Ethan")


def qwen2_5_omni(folder: Path) -> Path:
    """Write a tiny Qwen2.5-Omni with thinker, talker, vocoder, processors, tokenizer and two voices."""
    import torch
    from transformers import (
        Qwen2_5OmniConfig,
        Qwen2_5OmniForConditionalGeneration,
        Qwen2VLImageProcessorPil,
        WhisperFeatureExtractor,
    )

    tokenizer = save_tokenizer(folder, TOKENS, TEMPLATE, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    ids = dict(zip(TOKENS, tokenizer.convert_tokens_to_ids(TOKENS), strict=True))
    torch.manual_seed(0)
    config = Qwen2_5OmniConfig(
        thinker_config=_thinker(ids, len(tokenizer)), talker_config=_talker(ids), token2wav_config=_token2wav()
    )
    model = Qwen2_5OmniForConditionalGeneration(config)
    model.thinker.generation_config.eos_token_id = ids["<|im_end|>"]
    model.generation_config.eos_token_id = ids["<|im_end|>"]
    model.save_pretrained(folder)
    Qwen2VLImageProcessorPil().save_pretrained(folder)
    held = (folder / "preprocessor_config.json").read_text()
    WhisperFeatureExtractor(feature_size=16, return_attention_mask=True).save_pretrained(folder)
    _merge(folder / "preprocessor_config.json", held)
    _write_voices(folder, ids["<tts_text_bos>"])
    return folder


def _merge(path: Path, other: str) -> None:
    """Keep the settings of both processors in one file, as published checkpoints do."""
    import json

    path.write_text(json.dumps({**json.loads(other), **json.loads(path.read_text())}))


def _thinker(ids: dict[str, int], size: int) -> dict[str, object]:
    end = {"eos_token_id": ids["<|im_end|>"], "pad_token_id": ids["<|endoftext|>"]}
    return {
        "text_config": {**QWEN_TEXT, **end, "vocab_size": size, "rope_parameters": MROPE},
        "vision_config": {
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [1],
        },
        "audio_config": {
            "num_mel_bins": 16,
            "encoder_layers": 1,
            "encoder_attention_heads": 2,
            "encoder_ffn_dim": 32,
            "d_model": 16,
            "output_dim": 32,
        },
        "audio_token_index": ids["<|AUDIO|>"],
        "image_token_index": ids["<|IMAGE|>"],
        "video_token_index": ids["<|VIDEO|>"],
        "audio_start_token_id": ids["<|audio_bos|>"],
        "audio_end_token_id": ids["<|audio_eos|>"],
        "vision_start_token_id": ids["<|vision_bos|>"],
        "vision_end_token_id": ids["<|vision_eos|>"],
    }


def _talker(ids: dict[str, int]) -> dict[str, object]:
    return {
        **QWEN_TEXT,
        "head_dim": 8,
        "embedding_size": 32,
        "vocab_size": 64,
        "rope_parameters": MROPE,
        "tts_text_start_token_id": ids["<tts_text_bos>"],
        "tts_text_end_token_id": ids["<tts_text_eod>"],
        "tts_text_pad_token_id": ids["<tts_pad>"],
        "tts_codec_pad_token_id": 60,
        "tts_codec_start_token_id": 61,
        "tts_codec_end_token_id": 62,
        "tts_codec_mask_token_id": 63,
        "audio_token_index": ids["<|AUDIO|>"],
        "image_token_index": ids["<|IMAGE|>"],
        "video_token_index": ids["<|VIDEO|>"],
        "audio_start_token_id": ids["<|audio_bos|>"],
        "audio_end_token_id": ids["<|audio_eos|>"],
        "vision_start_token_id": ids["<|vision_bos|>"],
        "vision_end_token_id": ids["<|vision_eos|>"],
    }


def _token2wav() -> dict[str, object]:
    return {
        "dit_config": {
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "head_dim": 8,
            "emb_dim": 8,
            "num_embeds": 65,
            "mel_dim": 8,
            "enc_emb_dim": 6,
            "enc_dim": 8,
            "enc_channels": [8, 8, 8, 8, 24],
            "enc_attention_channels": 8,
            "enc_se_channels": 8,
            "look_ahead_layers": [0],
            "look_backward_layers": [0],
        },
        "bigvgan_config": {
            "mel_dim": 8,
            "upsample_initial_channel": 64,
            "resblock_kernel_sizes": [3],
            "resblock_dilation_sizes": [[1, 3, 5]],
        },
    }


def _write_voices(folder: Path, begin: int) -> None:
    import torch
    from safetensors.torch import save_file

    tensors = {}
    for name in VOICES:
        tensors[f"{name}.bos_token"] = torch.tensor(begin)
        tensors[f"{name}.cond"] = torch.randn(1, 6)
        tensors[f"{name}.ref_mel"] = torch.randn(1, 30, 8)
    save_file(tensors, folder / "speakers.safetensors")


def qwen3_omni(folder: Path) -> Path:
    """Write a tiny Qwen3-Omni, a mixture of experts, with thinker, talker, vocoder, processors and tokenizer."""
    import torch
    from transformers import (
        Qwen2VLImageProcessorPil,
        Qwen3OmniMoeConfig,
        Qwen3OmniMoeForConditionalGeneration,
        WhisperFeatureExtractor,
    )

    tokenizer = save_tokenizer(folder, TOKENS, TEMPLATE, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    ids = dict(zip(TOKENS, tokenizer.convert_tokens_to_ids(TOKENS), strict=True))
    user, assistant = (tokenizer(letter).input_ids[0] for letter in "ua")  # a tokenizer of bytes has no word for them
    torch.manual_seed(0)
    config = Qwen3OmniMoeConfig(
        thinker_config=_thinker3(ids, len(tokenizer), user),
        talker_config=_talker3(ids),
        code2wav_config=CODE2WAV,
        im_start_token_id=ids["<|im_start|>"],
        im_end_token_id=ids["<|im_end|>"],
        tts_pad_token_id=ids["<tts_pad>"],
        tts_bos_token_id=ids["<tts_text_bos>"],
        tts_eos_token_id=ids["<tts_text_eod>"],
        user_token_id=user,
        assistant_token_id=assistant,
    )
    model = Qwen3OmniMoeForConditionalGeneration(config)
    for name, weights in model.talker.named_parameters():
        if "experts" in name:  # the library leaves them as it finds them in memory
            torch.nn.init.normal_(weights, std=0.02)
    model.generation_config.eos_token_id = ids["<|im_end|>"]
    model.save_pretrained(folder)
    Qwen2VLImageProcessorPil(patch_size=16).save_pretrained(folder)
    held = (folder / "preprocessor_config.json").read_text()
    WhisperFeatureExtractor(feature_size=16, return_attention_mask=True).save_pretrained(folder)
    _merge(folder / "preprocessor_config.json", held)
    return folder


EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16, "head_dim": 8}
MROPE3 = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [2, 1, 1], "interleaved": True}
CODE2WAV = {
    "codebook_size": 128,
    "hidden_size": 16,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_quantizers": 4,
    "decoder_dim": 32,
}


def _thinker3(ids: dict[str, int], size: int, user: int) -> dict[str, object]:
    end = {"eos_token_id": ids["<|im_end|>"], "pad_token_id": ids["<|endoftext|>"]}
    return {
        "text_config": {**QWEN_TEXT, **EXPERTS, **end, "vocab_size": size, "rope_parameters": MROPE3},
        "vision_config": {
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0],
        },
        "audio_config": {
            "num_mel_bins": 16,
            "encoder_layers": 1,
            "encoder_attention_heads": 2,
            "encoder_ffn_dim": 32,
            "d_model": 16,
            "output_dim": 32,
            "downsample_hidden_size": 8,
        },
        "user_token_id": user,
        **_senses3(ids),
    }


def _senses3(ids: dict[str, int]) -> dict[str, int]:
    return {
        "audio_token_id": ids["<|AUDIO|>"],
        "image_token_id": ids["<|IMAGE|>"],
        "video_token_id": ids["<|VIDEO|>"],
        "audio_start_token_id": ids["<|audio_bos|>"],
        "audio_end_token_id": ids["<|audio_eos|>"],
        "vision_start_token_id": ids["<|vision_bos|>"],
        "vision_end_token_id": ids["<|vision_eos|>"],
    }


def _talker3(ids: dict[str, int]) -> dict[str, object]:
    """Return a talker that can say 76 codes: the last 1,024 of its vocabulary are control codes."""
    special = {"codec_eos_token_id": 1098, "codec_nothink_id": 1097, "codec_think_bos_id": 1096, "codec_pad_id": 1094}
    return {
        "text_config": {
            **QWEN_TEXT,
            **EXPERTS,
            "vocab_size": 1100,
            "rope_parameters": MROPE3,
            "shared_expert_intermediate_size": 16,
        },
        "code_predictor_config": {**QWEN_TEXT, "head_dim": 8, "vocab_size": 128, "num_code_groups": 4},
        "num_code_groups": 4,
        "thinker_hidden_size": 32,
        "accept_hidden_layer": 1,
        **special,
        "codec_think_eos_id": 1095,
        "spatial_merge_size": 2,
        "codec_bos_id": 1093,
        "speaker_id": {"ethan": 1090, "chelsie": 1091},
        **_senses3(ids),
    }


GEMMA_TOKENS = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>", "<start_of_image>"]
GEMMA_TOKENS += ["<end_of_image>", "<image_soft_token>"]
GEMMA_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<start_of_turn>{{ message.role }}\n"
    "{% for part in message.content %}{% if part.type == 'image' %}<start_of_image>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)


def gemma3(folder: Path) -> Path:
    """Write a tiny Gemma 3 (SigLIP and Gemma) with its processor as transformers saves it."""
    import torch
    from transformers import (
        Gemma3Config,
        Gemma3ForConditionalGeneration,
        Gemma3ImageProcessorPil,
        Gemma3Processor,
        GemmaTokenizer,
    )

    signs = [*GEMMA_TOKENS, "▁", *(f"<0x{number:02X}>" for number in range(256))]
    special = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
    tokenizer = GemmaTokenizer(
        vocab={sign: number for number, sign in enumerate(signs)}, merges=[], extra_special_tokens=special
    )
    tokenizer.add_special_tokens({"additional_special_tokens": GEMMA_TOKENS[4:]})
    ids = dict(zip(GEMMA_TOKENS, tokenizer.convert_tokens_to_ids(GEMMA_TOKENS), strict=True))
    torch.manual_seed(0)
    end = {"eos_token_id": ids["<end_of_turn>"], "pad_token_id": ids["<pad>"], "bos_token_id": ids["<bos>"]}
    config = Gemma3Config(
        text_config={**QWEN_TEXT, **end, "head_dim": 8, "vocab_size": len(tokenizer), "sliding_window": 64},
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 32,
            "patch_size": 8,
        },
        mm_tokens_per_image=4,
        tie_word_embeddings=False,  # tied ones, drawn at random, repeat the last word for ever
        boi_token_index=ids["<start_of_image>"],
        eoi_token_index=ids["<end_of_image>"],
        image_token_index=ids["<image_soft_token>"],
    )
    model = Gemma3ForConditionalGeneration(config)
    for weights in model.parameters():  # as they are drawn by the library, what is seen counts for nothing
        torch.nn.init.normal_(weights, std=SPREAD)
    model.save_pretrained(folder)
    Gemma3Processor(
        image_processor=Gemma3ImageProcessorPil(size={"height": 32, "width": 32}),
        tokenizer=tokenizer,
        chat_template=GEMMA_TEMPLATE,
        image_seq_length=4,
    ).save_pretrained(folder)
    return folder
