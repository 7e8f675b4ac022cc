"""Recognisers other than Whisper: checkpoints of the true architecture with random weights; see the package."""

import json
from pathlib import Path

from tiny.tokenizers import byte_level

LETTERS = "<pad> <s> </s> <unk> | E T A O N I H S R D L U M W C F G Y P B V K ' X J Q Z".split()
HANZI = "<pad> <s> </s> <unk> | 你 好 今 天 气 怎 么 样 我 们 在 说 话".split()
SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
# The strides are those of the published models, so that frames have their true times.
CONVOLUTIONS = {
    "conv_dim": (16,) * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}


def wav2vec2(folder: Path) -> Path:
    """Write a tiny wav2vec 2.0 for English whose first layer normalises over the whole recording, as "base" does."""
    from transformers import Wav2Vec2Config, Wav2Vec2ForCTC

    return _heard_as_samples(folder, Wav2Vec2ForCTC, Wav2Vec2Config, LETTERS, feat_extract_norm="group")


def wav2vec2_layered(folder: Path) -> Path:
    """Write a tiny wav2vec 2.0 for Mandarin that normalises frame by frame, as "large" does."""
    from transformers import Wav2Vec2Config, Wav2Vec2ForCTC

    return _heard_as_samples(folder, Wav2Vec2ForCTC, Wav2Vec2Config, HANZI, **LAYERED)


def hubert(folder: Path) -> Path:
    """Write a tiny HuBERT that normalises frame by frame, as "large" does."""
    from transformers import HubertConfig, HubertForCTC

    return _heard_as_samples(folder, HubertForCTC, HubertConfig, LETTERS, **LAYERED)


def hubert_grouped(folder: Path) -> Path:
    """Write a tiny HuBERT whose first layer normalises over the whole recording, as "base" does."""
    from transformers import HubertConfig, HubertForCTC

    return _heard_as_samples(folder, HubertForCTC, HubertConfig, LETTERS, feat_extract_norm="group")


def wavlm(folder: Path) -> Path:
    """Write a tiny WavLM, "base"."""
    from transformers import WavLMConfig, WavLMForCTC

    return _heard_as_samples(folder, WavLMForCTC, WavLMConfig, LETTERS, feat_extract_norm="group")


def wavlm_adapted(folder: Path) -> Path:
    """Write a tiny WavLM with an adapter after the encoder, which halves the frames."""
    from transformers import WavLMConfig, WavLMForCTC

    adapter = {"add_adapter": True, "num_adapter_layers": 1, "output_hidden_size": 32}
    return _heard_as_samples(folder, WavLMForCTC, WavLMConfig, LETTERS, **LAYERED, **adapter)


def wav2vec2_bert(folder: Path) -> Path:
    """Write a tiny w2v-BERT 2.0, which hears a mel filter bank."""
    return _heard_as_features(folder)


def wav2vec2_bert_adapted(folder: Path) -> Path:
    """Write a tiny w2v-BERT 2.0 with an adapter after the encoder, which halves the frames."""
    adapter = {"add_adapter": True, "num_adapter_layers": 1, "output_hidden_size": 32, "adapter_stride": 2}
    return _heard_as_features(folder, **adapter)


LAYERED = {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}


def _heard_as_features(folder: Path, **settings) -> Path:
    import torch
    from transformers import SeamlessM4TFeatureExtractor, Wav2Vec2BertConfig, Wav2Vec2BertForCTC

    torch.manual_seed(0)
    config = Wav2Vec2BertConfig(
        **SMALL, vocab_size=len(LETTERS), pad_token_id=0, feature_projection_input_dim=160, **settings
    )
    model = Wav2Vec2BertForCTC(config)
    _livelier(model)
    model.save_pretrained(folder)
    SeamlessM4TFeatureExtractor().save_pretrained(folder)
    _letters(folder, LETTERS)
    return folder


def _heard_as_samples(folder, model_class, config_class, tokens, **settings) -> Path:
    import torch
    from transformers import Wav2Vec2FeatureExtractor

    torch.manual_seed(0)
    config = config_class(**SMALL, **CONVOLUTIONS, vocab_size=len(tokens), pad_token_id=0, **settings)
    model = model_class(config)
    _livelier(model)
    model.save_pretrained(folder)
    Wav2Vec2FeatureExtractor(return_attention_mask="feat_extract_norm" not in settings).save_pretrained(folder)
    _letters(folder, tokens)
    return folder


def _livelier(model) -> None:
    """Let the head's weights be large, so that random speech gives many tokens, and none that are no text."""
    import torch

    with torch.no_grad():
        model.lm_head.weight.mul_(40)
        model.lm_head.bias[1:4] = -1e4


def _letters(folder: Path, tokens: list[str]) -> None:
    from transformers import Wav2Vec2CTCTokenizer

    file = folder / "vocab.json"
    file.write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    Wav2Vec2CTCTokenizer(str(file)).save_pretrained(folder)


def moonshine(folder: Path) -> Path:
    """Write a tiny Moonshine."""
    import torch
    from transformers import MoonshineConfig, MoonshineForConditionalGeneration

    torch.manual_seed(0)
    size = _written(folder)
    layers = {"encoder_num_hidden_layers": 1, "decoder_num_hidden_layers": 2}
    heads = {"encoder_num_attention_heads": 2, "decoder_num_attention_heads": 2}
    config = MoonshineConfig(
        **_numbered(size), hidden_size=32, intermediate_size=64, initializer_range=0.5, **layers, **heads
    )
    MoonshineForConditionalGeneration(config).save_pretrained(folder)
    return folder


def moonshine_streaming(folder: Path) -> Path:
    """Write a tiny Moonshine whose encoder looks ahead by a few frames only."""
    import torch
    from transformers import MoonshineStreamingConfig, MoonshineStreamingForConditionalGeneration

    torch.manual_seed(0)
    size = _written(folder)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2}
    encoder = {**shape, "num_hidden_layers": 2, "num_key_value_heads": 2, "sliding_windows": [[16, 4], [16, 0]]}
    config = MoonshineStreamingConfig(
        **shape,
        **_numbered(size),
        num_hidden_layers=2,
        num_key_value_heads=2,
        encoder_config={**encoder, "initializer_range": 0.5},
        initializer_range=0.5,
    )
    MoonshineStreamingForConditionalGeneration(config).save_pretrained(folder)
    return folder


def _numbered(size: int) -> dict[str, int]:
    """Return the numbers of the special tokens, the last of the vocabulary, as a configuration names them."""
    start, end = size - 2, size - 1
    return {
        "vocab_size": size,
        "bos_token_id": start,
        "decoder_start_token_id": start,
        "eos_token_id": end,
        "pad_token_id": end,
    }


def _written(folder: Path) -> int:
    """Write a byte-level tokenizer and a feature extractor as Moonshine's; return the size of the vocabulary."""
    from transformers import PreTrainedTokenizerFast, Wav2Vec2FeatureExtractor

    tokenizer = byte_level(["<unk>", "<s>", "</s>"])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="</s>"
    ).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=False, return_attention_mask=True).save_pretrained(folder)
    return tokenizer.get_vocab_size()


SEAMLESS_LANGUAGES = ("eng", "cmn", "cmn_Hant", "deu", "fra", "arb", "zul")
SEAMLESS_VOICED = ("eng", "cmn", "deu", "fra")


def seamless(folder: Path) -> Path:
    """Write a tiny SeamlessM4T v2 with its vocoder, in which every token is a letter."""
    import torch
    from transformers import SeamlessM4TFeatureExtractor, SeamlessM4TTokenizer, SeamlessM4Tv2Config, SeamlessM4Tv2Model

    letters = ["▁", *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,?!'-你好今天"]
    marks = ["<pad>", "<unk>", "<s>", "</s>"]
    tokens = [*marks, *letters, *(f"__{language}__" for language in SEAMLESS_LANGUAGES)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = SeamlessM4TTokenizer(
        vocab=vocabulary, additional_special_tokens=[f"__{language}__" for language in SEAMLESS_LANGUAGES]
    )
    tokenizer.save_pretrained(folder)
    SeamlessM4TFeatureExtractor().save_pretrained(folder)
    torch.manual_seed(0)
    model = SeamlessM4Tv2Model(SeamlessM4Tv2Config(**_seamless_shape(), vocab_size=len(tokens)))
    with torch.no_grad():
        model.t2u_model.lm_head.weight[:4] = 0  # units below the vocoder's offset are no sound
        for layer in model.text_decoder.layers:  # what is heard must count, not the last letter alone
            layer.cross_attention.out_proj.weight.mul_(30)
            layer.ffn.fc2.weight.mul_(10)
    settings = model.generation_config
    settings._from_model_config = False  # or the tables would be dropped on loading
    settings.text_decoder_lang_to_code_id = {code: vocabulary[f"__{code}__"] for code in SEAMLESS_LANGUAGES}
    settings.t2u_lang_code_to_id = {code: number for number, code in enumerate(SEAMLESS_VOICED)}
    settings.vocoder_lang_code_to_id = {code: number for number, code in enumerate(SEAMLESS_VOICED)}
    settings.char_to_id = {token: number for number, token in enumerate([*marks, *letters])}
    settings.id_to_text = {str(number): token for token, number in vocabulary.items()}
    settings.decoder_start_token_id = settings.eos_token_id = 3
    settings.pad_token_id = 0
    settings.max_new_tokens = 12
    model.save_pretrained(folder)
    return folder


def _seamless_shape() -> dict[str, object]:
    heads = {
        f"{part}_attention_heads": 2 for part in ("encoder", "decoder", "speech_encoder", "t2u_encoder", "t2u_decoder")
    }
    layers = {f"{part}_layers": 1 for part in ("encoder", "decoder", "speech_encoder", "t2u_encoder", "t2u_decoder")}
    widths = {f"{part}_ffn_dim": 32 for part in ("encoder", "decoder", "t2u_encoder", "t2u_decoder")} | {
        "speech_encoder_intermediate_size": 32
    }
    vocoder = {
        "upsample_initial_channel": 64,
        "unit_hifi_gan_vocab_size": 40,
        "unit_embed_dim": 16,
        "lang_embed_dim": 4,
        "spkr_embed_dim": 4,
        "vocoder_num_langs": len(SEAMLESS_VOICED),
        "vocoder_num_spkrs": 3,
    }
    return {
        **heads, **layers, **widths, **vocoder, "hidden_size": 16, "num_adapter_layers": 1, "t2u_vocab_size": 44,
        "char_vocab_size": 90, "t2u_variance_predictor_embed_dim": 16, "t2u_variance_predictor_hidden_dim": 8,
        "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 3,
        "initializer_range": 0.5, "feature_projection_input_dim": 160, "max_position_embeddings": 512,
        "left_max_position_embeddings": 16, "t2u_max_position_embeddings": 512,
    }  # fmt: skip
