"""Models that look: checkpoints of the true architecture with random weights; see the package."""

from pathlib import Path

from tiny.tokenizers import byte_level


def blip(folder: Path) -> Path:
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


SPREAD = 0.2  # of the weights: with less, all that a model writes is the same
QWEN_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"]
QWEN_TOKENS += ["<|video_pad|>"]
QWEN_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{% for part in message.content %}"
    "{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
QWEN_TEXT = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "initializer_range": SPREAD,
}


def save_tokenizer(folder: Path, special: list[str], template: str, **named: str):
    """Save a tokenizer of bytes with special tokens, and a chat template as processors save it; return it."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_level(special), **named)
    tokenizer.save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(template)
    return tokenizer


Shape = dict[str, object]
TINY: Shape = {}


def qwen2_5_vl(folder: Path, text: Shape = TINY, vision: Shape = TINY) -> Path:
    """Write a tiny Qwen2.5-VL, or one of another shape, with its image processor, tokenizer and chat template."""
    import torch
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen2VLImageProcessorPil

    tokenizer = save_tokenizer(folder, QWEN_TOKENS, QWEN_TEMPLATE, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    ids = dict(zip(QWEN_TOKENS, tokenizer.convert_tokens_to_ids(QWEN_TOKENS), strict=True))
    torch.manual_seed(0)
    config = Qwen2_5_VLConfig(
        text_config={
            **QWEN_TEXT,
            "vocab_size": len(tokenizer),
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [1, 1, 2]},
            "bos_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
            **text,
        },
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [1],
            **vision,
        },
        **_vision_ids(ids),
    )
    Qwen2_5_VLForConditionalGeneration(config).save_pretrained(folder)
    Qwen2VLImageProcessorPil().save_pretrained(folder)
    return folder


def qwen3_vl(folder: Path) -> Path:
    """Write a tiny Qwen3-VL with its image processor, tokenizer and chat template."""
    import torch
    from transformers import Qwen2VLImageProcessorPil, Qwen3VLConfig, Qwen3VLForConditionalGeneration

    tokenizer = save_tokenizer(folder, QWEN_TOKENS, QWEN_TEMPLATE, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    ids = dict(zip(QWEN_TOKENS, tokenizer.convert_tokens_to_ids(QWEN_TOKENS), strict=True))
    torch.manual_seed(0)
    config = Qwen3VLConfig(
        text_config={
            **QWEN_TEXT,
            "head_dim": 8,
            "vocab_size": len(tokenizer),
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [2, 1, 1]},
            "bos_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
        },
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0],
        },
        **_vision_ids(ids),
    )
    Qwen3VLForConditionalGeneration(config).save_pretrained(folder)
    Qwen2VLImageProcessorPil(patch_size=16, image_mean=[0.5] * 3, image_std=[0.5] * 3).save_pretrained(folder)
    return folder


def _vision_ids(ids: dict[str, int]) -> dict[str, int]:
    return {
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
    }


LLAVA_TOKENS = ["<pad>", "<s>", "</s>", "<image>"]
LLAVA_TEMPLATE = (
    "{% for message in messages %}{{ message.role.upper() }}: {% for part in message.content %}"
    "{% if part.type == 'image' %}<image>\n{% else %}{{ part.text }} {% endif %}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
TOWER = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def _llava_words(folder: Path) -> dict[str, object]:
    tokenizer = save_tokenizer(
        folder, LLAVA_TOKENS, LLAVA_TEMPLATE, bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )
    pad, begin, end, image = tokenizer.convert_tokens_to_ids(LLAVA_TOKENS)
    special = {"pad_token_id": pad, "bos_token_id": begin, "eos_token_id": end}
    return {"image": image, "text": {**QWEN_TEXT, "vocab_size": len(tokenizer), **special}}


def llava(folder: Path) -> Path:
    """Write a tiny LLaVA 1.5 (CLIP and Llama) with its image processor, tokenizer and chat template."""
    import torch
    from transformers import (
        CLIPImageProcessorPil,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
    )

    words = _llava_words(folder)
    torch.manual_seed(0)
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**TOWER, image_size=32, patch_size=8, projection_dim=32),
        text_config=LlamaConfig(**words["text"]),
        image_token_index=words["image"],
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    size = {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}
    CLIPImageProcessorPil(**size).save_pretrained(folder)
    return folder


def llava_onevision(folder: Path) -> Path:
    """Write a tiny LLaVA-OneVision (SigLIP and Qwen2) with its image processor, tokenizer and chat template."""
    import torch
    from transformers import (
        LlavaOnevisionConfig,
        LlavaOnevisionForConditionalGeneration,
        LlavaOnevisionImageProcessorPil,
        Qwen2Config,
        SiglipVisionConfig,
    )

    words = _llava_words(folder)
    grid = [[32, 32], [32, 64], [64, 32], [64, 64]]
    torch.manual_seed(0)
    config = LlavaOnevisionConfig(
        vision_config=SiglipVisionConfig(**TOWER, image_size=32, patch_size=8, vision_use_head=False),
        text_config=Qwen2Config(**words["text"]),
        image_token_index=words["image"],
        image_grid_pinpoints=grid,
        vision_aspect_ratio="anyres_max_9",
    )
    LlavaOnevisionForConditionalGeneration(config).save_pretrained(folder)
    LlavaOnevisionImageProcessorPil(size={"height": 32, "width": 32}, image_grid_pinpoints=grid).save_pretrained(folder)
    return folder


def blip_captioner(folder: Path) -> Path:
    """Write a tiny BLIP that captions."""
    import torch
    from transformers import BlipConfig, BlipForConditionalGeneration

    blip(folder)
    config = BlipConfig.from_pretrained(folder)
    torch.manual_seed(0)
    BlipForConditionalGeneration(config).save_pretrained(folder)
    return folder


def clip(folder: Path) -> Path:
    """Write a tiny CLIP with its image processor and tokenizer."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    tokenizer = _pair_words(folder)
    torch.manual_seed(0)
    config = CLIPConfig(
        text_config=_text_tower(tokenizer),
        vision_config={**TOWER, "image_size": 32, "patch_size": 8},
        projection_dim=16,
    )
    CLIPModel(config).save_pretrained(folder)
    size = {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}
    CLIPImageProcessorPil(**size).save_pretrained(folder)
    return folder


def siglip(folder: Path) -> Path:
    """Write a tiny SigLIP with its image processor and tokenizer."""
    import torch
    from transformers import SiglipConfig, SiglipImageProcessorPil, SiglipModel

    tokenizer = _pair_words(folder)
    torch.manual_seed(0)
    config = SiglipConfig(
        text_config={**_text_tower(tokenizer), "projection_size": 32},
        vision_config={**TOWER, "image_size": 32, "patch_size": 8},
    )
    SiglipModel(config).save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def siglip2(folder: Path) -> Path:
    """Write a tiny SigLIP 2 that keeps a picture's proportions, with its image processor and tokenizer."""
    import torch
    from transformers import Siglip2Config, Siglip2ImageProcessorPil, Siglip2Model, Siglip2Tokenizer

    signs = [
        "<pad>",
        "<eos>",
        "<bos>",
        "<unk>",
        "<mask>",
        "▁",
        *map(chr, range(33, 127)),
        *"一张的照片图这是中有猫狗。",
    ]
    tokenizer = Siglip2Tokenizer(vocab={sign: number for number, sign in enumerate(signs)}, merges=[])
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = Siglip2Config(
        text_config={**_text_tower(tokenizer), "projection_size": 32},
        vision_config={**TOWER, "num_patches": 16, "patch_size": 8},
    )
    Siglip2Model(config).save_pretrained(folder)
    Siglip2ImageProcessorPil(patch_size=8, max_num_patches=16).save_pretrained(folder)
    return folder


def chinese_clip(folder: Path) -> Path:
    """Write a tiny Chinese-CLIP with its image processor and tokenizer."""
    import torch
    from transformers import ChineseCLIPConfig, ChineseCLIPImageProcessorPil, ChineseCLIPModel

    tokenizer = _pair_words(folder)
    torch.manual_seed(0)
    config = ChineseCLIPConfig(
        text_config=_text_tower(tokenizer),
        vision_config={**TOWER, "image_size": 32, "patch_size": 8},
        projection_dim=16,
    )
    ChineseCLIPModel(config).save_pretrained(folder)
    ChineseCLIPImageProcessorPil(size={"height": 32, "width": 32}, do_center_crop=False).save_pretrained(folder)
    return folder


def _pair_words(folder: Path):
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    signs = byte_level(list(special.values()))
    ends = [(token, signs.token_to_id(token)) for token in ("<s>", "</s>")]
    signs.post_processor = TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=signs, **special)
    tokenizer.save_pretrained(folder)
    return tokenizer


def _text_tower(tokenizer) -> dict[str, object]:
    special = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("bos", "eos", "pad")}
    return {**TOWER, **special, "max_position_embeddings": 64, "vocab_size": len(tokenizer)}
