"""Models that embed: checkpoints of the true architecture with random weights; see the package."""

import json
from pathlib import Path

from tiny.hear import TOWER, wrapped
from tiny.tokenizers import byte_level

WORDS = "the a cat dog red of in is what bank river money ? , . query : passage".split()


def clip(folder: Path) -> Path:
    """Write a tiny CLIP with its image processor and tokenizer."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    tokenizer = wrapped(
        ["<|startoftext|>", "<|endoftext|>"], start="<|startoftext|>", end="<|endoftext|>", pad="<|endoftext|>"
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = CLIPConfig(
        text_config={
            **TOWER,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 77,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={**TOWER, "image_size": 32, "patch_size": 16},
        projection_dim=24,
    )
    CLIPModel(config).save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def siglip(folder: Path) -> Path:
    """Write a tiny SigLIP (version 2 at a fixed size is the same) with its image processor and tokenizer."""
    import torch
    from transformers import SiglipConfig, SiglipImageProcessorPil, SiglipModel

    tokenizer = wrapped(["<pad>", "<eos>"], start="", end="<eos>", pad="<pad>")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = SiglipConfig(
        text_config={
            **TOWER,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 64,
            "projection_size": 32,
            "pad_token_id": tokenizer.pad_token_id,
            "bos_token_id": tokenizer.eos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
        },
        vision_config={**TOWER, "image_size": 32, "patch_size": 16},
    )
    SiglipModel(config).save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def siglip2(folder: Path) -> Path:
    """Write a tiny SigLIP 2 of pictures in their own proportions, with its image processor and tokenizer."""
    import torch
    from transformers import Siglip2Config, Siglip2ImageProcessorPil, Siglip2Model, Siglip2Tokenizer

    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *"abcdefghijklmnopqrstuvwxyz一只狗在河边红"]
    tokenizer = Siglip2Tokenizer(vocab={piece: number for number, piece in enumerate(pieces)}, merges=[])
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = Siglip2Config(
        text_config={
            **TOWER,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 64,
            "projection_size": 32,
            "pad_token_id": tokenizer.pad_token_id,
            "bos_token_id": tokenizer.eos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
        },
        vision_config={**TOWER, "num_patches": 16, "patch_size": 16},
    )
    Siglip2Model(config).save_pretrained(folder)
    Siglip2ImageProcessorPil(patch_size=16, max_num_patches=16).save_pretrained(folder)
    return folder


def chinese_clip(folder: Path) -> Path:
    """Write a tiny Chinese-CLIP with its image processor and BERT tokenizer."""
    import torch
    from transformers import BertTokenizer, ChineseCLIPConfig, ChineseCLIPImageProcessorPil, ChineseCLIPModel

    vocabulary = _vocabulary(folder, list("一只猫狗在红色的河边"))
    torch.manual_seed(0)
    config = ChineseCLIPConfig(
        text_config={**TOWER, "vocab_size": vocabulary, "max_position_embeddings": 128, "pad_token_id": 0},
        vision_config={**TOWER, "image_size": 32, "patch_size": 16},
        projection_dim=24,
    )
    ChineseCLIPModel(config).save_pretrained(folder)
    BertTokenizer(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    size = {"height": 32, "width": 32}
    ChineseCLIPImageProcessorPil(size=size, do_center_crop=False).save_pretrained(folder)
    return folder


def sentence_bert(folder: Path) -> Path:
    """Write a tiny BERT in the layout of sentence-transformers: the mean over tokens, at most 16, normalised."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    vocabulary = _vocabulary(folder, WORDS)
    torch.manual_seed(0)
    BertModel(BertConfig(**TOWER, vocab_size=vocabulary, max_position_embeddings=32)).save_pretrained(folder)
    BertTokenizer(vocab=str(folder / "vocab.txt"), model_max_length=32).save_pretrained(folder)
    return laid_out(folder, "pooling_mode_mean_tokens", longest=16)


def sentence_qwen3(folder: Path) -> Path:
    """Write a tiny Qwen3-Embedding: the last token's vector, padded on the left."""
    import torch
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3Model

    inner = byte_level(["<|endoftext|>"])
    from tokenizers.processors import TemplateProcessing

    end = inner.token_to_id("<|endoftext|>")
    inner.post_processor = TemplateProcessing(single="$A <|endoftext|>", special_tokens=[("<|endoftext|>", end)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<|endoftext|>", eos_token="<|endoftext|>", padding_side="left"
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = Qwen3Config(
        **TOWER,
        vocab_size=len(tokenizer),
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=128,
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
    )
    Qwen3Model(config).save_pretrained(folder)
    return laid_out(folder, "pooling_mode_lasttoken", longest=128)


def laid_out(folder: Path, pooling: str, longest: int) -> Path:
    """Write the JSON files that sentence-transformers keeps beside a model."""
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for number, (path, kind) in enumerate(kinds.items())
    ]
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "2_Normalize").mkdir(exist_ok=True)
    written = {
        "modules.json": modules,
        "1_Pooling/config.json": {"word_embedding_dimension": TOWER["hidden_size"], pooling: True},
        "sentence_bert_config.json": {"max_seq_length": longest, "do_lower_case": False},
    }
    if pooling != "pooling_mode_mean_tokens":  # it is what the library takes where nothing is said
        written["1_Pooling/config.json"]["pooling_mode_mean_tokens"] = False
    for name, content in written.items():
        (folder / name).write_text(json.dumps(content))
    return folder


def _vocabulary(folder: Path, words: list[str]) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    entries = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    (folder / "vocab.txt").write_text("\n".join(entries), "utf-8")
    return len(entries)
