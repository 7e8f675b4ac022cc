"""Models that listen: checkpoints of the true architecture with random weights; see the package."""

import warnings
from pathlib import Path

from tiny.tokenizers import byte_level

EVENTS = {0: "Dog", 1: "Rain", 2: "Sea waves"}
EMOTIONS = {0: "neutral", 1: "happy", 2: "angry", 3: "sad"}
TOWER = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
CONVOLUTIONS = {
    "conv_dim": (16, 16, 16),
    "conv_kernel": (10, 8, 4),
    "conv_stride": (5, 8, 8),
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
}


def ast(folder: Path) -> Path:
    """Write a tiny Audio Spectrogram Transformer that hears three events, several at once."""
    import torch
    from transformers import ASTConfig, ASTFeatureExtractor, ASTForAudioClassification

    torch.manual_seed(0)
    config = ASTConfig(**TOWER, max_length=128, id2label=EVENTS, problem_type="multi_label_classification")
    ASTForAudioClassification(config).save_pretrained(folder)
    with warnings.catch_warnings(action="ignore"):  # its highest mel filters are empty by design
        ASTFeatureExtractor(max_length=128).save_pretrained(folder)
    return folder


def wav2vec2_classifier(folder: Path) -> Path:
    """Write a tiny wav2vec 2.0 that tells four emotions."""
    import torch
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

    torch.manual_seed(0)
    config = Wav2Vec2Config(**TOWER, **CONVOLUTIONS, id2label=EMOTIONS, classifier_proj_size=16)
    Wav2Vec2ForSequenceClassification(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True).save_pretrained(folder)
    return folder


def xvector(folder: Path) -> Path:
    """Write a tiny WavLM that gives voiceprints of 24 numbers."""
    import torch
    from transformers import Wav2Vec2FeatureExtractor, WavLMConfig, WavLMForXVector

    torch.manual_seed(0)
    config = WavLMConfig(
        **TOWER,
        **CONVOLUTIONS,
        tdnn_dim=(16, 16, 16, 16, 48),
        tdnn_kernel=(5, 3, 3, 1, 1),
        tdnn_dilation=(1, 2, 3, 1, 1),
        xvector_output_dim=24,
    )
    WavLMForXVector(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True).save_pretrained(folder)
    return folder


def clap(folder: Path) -> Path:
    """Write a tiny CLAP with its feature extractor and tokenizer."""
    import torch
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

    tokenizer = wrapped(["<s>", "<pad>", "</s>"], start="<s>", end="</s>", pad="<pad>")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = ClapConfig(
        text_config={
            **TOWER,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 64 + tokenizer.pad_token_id + 1,
            "pad_token_id": tokenizer.pad_token_id,
        },
        audio_config={
            "patch_embeds_hidden_size": 16,
            "depths": [1, 1],
            "num_attention_heads": [2, 2],
            "hidden_size": 32,
            "spec_size": 64,
            "window_size": 4,
            "num_mel_bins": 16,
            "patch_size": 4,
            "patch_stride": [4, 4],
        },
        projection_dim=24,
    )
    ClapModel(config).save_pretrained(folder)
    ClapFeatureExtractor(feature_size=16, max_length_s=1, truncation="rand_trunc").save_pretrained(folder)
    return folder


def wrapped(special: list[str], *, start: str, end: str, pad: str):
    """Return a tokenizer of bytes that puts a token before and after each text ("" for none)."""
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    tokenizer = byte_level(special)
    around = [token for token in (start, end) if token]
    tokenizer.post_processor = TemplateProcessing(
        single=" ".join([token for token in (start, "$A", end) if token]),
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in around],
    )
    named = {"pad_token": pad, "eos_token": end, "unk_token": pad}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **({"bos_token": start} if start else {}), **named)
