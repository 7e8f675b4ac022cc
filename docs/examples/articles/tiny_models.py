"""Tiny models for these programs, where no other is named: true architectures, random weights, made in a moment.

Each function writes a checkpoint into a folder by `save_pretrained`, and the programs load it as they load a published
one. Random weights show that a program works: shapes, masks, files, equalities. What they say or paint means nothing.
Words are single bytes, so no vocabulary need be fetched. Two of the models know one sentence by heart, so that there is
something to read: the Whisper writes it whatever it hears, the chat model answers it whatever it is asked.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tiny_words import (
    ANSWERED,
    CHATML,
    HEARD,
    LANGUAGES,
    LLAVA,
    TASKS,
    byte_tokenizer,
    clip_tokenizer,
    clip_words,
    learn_by_heart,
    whisper_tokenizer,
)

from vivavoce.engines.contract import Weights
from vivavoce.engines.hub import pull

TOWER = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
FLAT = {**TOWER, "num_hidden_layers": 1}


@contextmanager
def checkpoint(model: str, build: Callable[[Path], Path]) -> Iterator[Path]:
    """Yield the folder of `model`: a folder, a repository of the hub, or "" for what `build` writes."""
    if model and Path(model).is_dir():
        yield Path(model)
    elif model:
        yield pull(Weights(repository=model, revision="main", size_mb=0, licence="see its page"))
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield build(Path(folder) / build.__name__)


def whisper(folder: Path) -> Path:
    """Write a Whisper with its tokenizer and feature extractor; it writes HEARD from 0 to 2 s, whatever it hears."""
    import torch
    from transformers import GenerationConfig, WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration

    ids = whisper_tokenizer(folder)
    start, end = ids["<|startoftranscript|>"], ids["<|endoftext|>"]
    special = {"decoder_start_token_id": start, "bos_token_id": end, "eos_token_id": end, "pad_token_id": end}
    torch.manual_seed(0)
    shape = {f"{side}_{what}": 2 for side in ("encoder", "decoder") for what in ("layers", "attention_heads")}
    config = WhisperConfig(vocab_size=len(ids), d_model=64, encoder_ffn_dim=64, decoder_ffn_dim=64, **shape, **special)
    model = WhisperForConditionalGeneration(config)
    _recite(model, ids)
    model.generation_config = GenerationConfig(
        **special,
        suppress_tokens=[],
        begin_suppress_tokens=[end],
        max_length=448,
        max_initial_timestamp_index=50,
        is_multilingual=True,
        lang_to_id={f"<|{code}|>": ids[f"<|{code}|>"] for code in LANGUAGES},
        task_to_id={task: ids[f"<|{task}|>"] for task in TASKS[:2]},
        alignment_heads=[[1, 0], [1, 1]],
        no_timestamps_token_id=ids["<|notimestamps|>"],
        prev_sot_token_id=ids["<|startofprev|>"],
    )
    model.save_pretrained(folder)
    WhisperFeatureExtractor().save_pretrained(folder)
    return folder


def _recite(model: Any, ids: dict[str, int]) -> None:  # noqa: ANN401 - of transformers
    """Let a Whisper's decoder go from token to token, heedless of what it hears and where it is."""
    import torch

    begin, *_ = words = [ids[word] for word in HEARD]
    timed = [ids[f"<|{name}|>"] for name in ("startoftranscript", "en", "transcribe", "0.00")]
    timed += [*words, ids["<|2.00|>"], ids["<|endoftext|>"]]
    decoder, last = model.model.decoder, model.model.decoder.layers[-1]
    with torch.no_grad():
        decoder.embed_positions.weight.zero_()
        for layer in decoder.layers:
            for part in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
                part.weight.zero_()
        last.fc1.bias.fill_(-12)  # between the likeness of a token to itself and to others
    pairs = [*zip(timed, timed[1:], strict=False), (ids["<|notimestamps|>"], begin)]
    learn_by_heart(decoder.embed_tokens.weight, last.fc1.weight, last.fc2.weight, pairs)


def clip(folder: Path) -> Path:
    """Write a CLIP with its tokenizer and image processor."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    text = {**TOWER, **clip_words(clip_tokenizer(folder))}
    torch.manual_seed(0)
    config = CLIPConfig(
        text_config=text, vision_config={**TOWER, "image_size": 224, "patch_size": 32}, projection_dim=16
    )
    CLIPModel(config).save_pretrained(folder)
    CLIPImageProcessorPil().save_pretrained(folder)
    return folder


def llava(folder: Path) -> Path:
    """Write a LLaVA 1.5, which is CLIP's eyes before a Llama, with its processor."""
    import torch
    from transformers import (
        CLIPImageProcessorPil,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    special = ["<pad>", "<s>", "</s>", "<image>"]
    tokenizer = byte_tokenizer(folder, special, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    pad, begin, end, image = tokenizer.convert_tokens_to_ids(special)
    torch.manual_seed(0)
    language = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=512,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=1024,
        pad_token_id=pad,
        bos_token_id=begin,
        eos_token_id=end,
    )
    eyes = CLIPVisionConfig(**TOWER, image_size=32, patch_size=8, projection_dim=32)
    config = LlavaConfig(vision_config=eyes, text_config=language, image_token_index=image)
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    LlavaProcessor(
        image_processor=CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
        tokenizer=tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=LLAVA,
    ).save_pretrained(folder)
    return folder


def chat_model(folder: Path) -> Path:
    """Write a Qwen2 with its tokenizer and chat template; it answers ANSWERED, whatever it is asked."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = byte_tokenizer(folder, special, ANSWERED, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    (folder / "chat_template.jinja").write_text(CHATML)
    pad, _, end = tokenizer.convert_tokens_to_ids(special)
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=pad,
    )
    model = Qwen2ForCausalLM(config)
    answer = tokenizer.convert_tokens_to_ids(["Ċ", *ANSWERED])  # Ċ is how tokenizers write a line end
    layers = model.model.layers
    with torch.no_grad():
        for layer in layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
    last = layers[-1].mlp
    pairs = list(zip(answer, [*answer[1:], end], strict=True))
    learn_by_heart(model.model.embed_tokens.weight, last.gate_proj.weight, last.down_proj.weight, pairs)
    with torch.no_grad():
        last.up_proj.weight.copy_(last.gate_proj.weight)
    model.save_pretrained(folder)
    return folder


def vits(folder: Path) -> Path:
    """Write a VITS that speaks letters, with its tokenizer."""
    import torch
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    letters = "_abcdefghijklmnopqrstuvwxyz '-"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({letter: number for number, letter in enumerate(letters)}))
    torch.manual_seed(0)
    config = VitsConfig(
        vocab_size=len(letters),
        hidden_size=16,
        num_hidden_layers=1,
        ffn_dim=32,
        flow_size=16,
        spectrogram_bins=17,
        upsample_initial_channel=16,
        duration_predictor_filter_channels=16,
        prior_encoder_num_flows=2,
        prior_encoder_num_wavenet_layers=1,
        posterior_encoder_num_wavenet_layers=1,
    )
    model = VitsModel(config)
    with torch.no_grad():  # some five frames a letter, as trained ones take, and not thousands
        for flow in model.duration_predictor.flows:
            if hasattr(flow, "conv_proj"):
                flow.conv_proj.weight.zero_()
                flow.conv_proj.bias.zero_()
        model.duration_predictor.flows[0].translate.fill_(-0.5)
        model.duration_predictor.flows[0].log_scale.zero_()
    model.save_pretrained(folder)
    words = VitsTokenizer(str(folder / "vocab.json"), phonemize=False, is_uroman=False, pad_token="_")
    words.save_pretrained(folder)
    return folder


def stable_diffusion(folder: Path) -> Path:
    """Write a Stable Diffusion 1.5 with its safety checker, set so that it lets everything pass."""
    import torch
    from diffusers import DDIMScheduler, StableDiffusionPipeline
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    tokenizer = clip_tokenizer(folder)
    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    eyes = {**small, "image_size": 32, "patch_size": 16}
    checker = StableDiffusionSafetyChecker(
        CLIPConfig(text_config={**small, "vocab_size": 10}, vision_config=eyes, projection_dim=16)
    )
    with torch.no_grad():  # no cosine is over 2
        checker.concept_embeds_weights.fill_(2.0)
        checker.special_care_embeds_weights.fill_(2.0)
    text = CLIPTextConfig(**TOWER, **clip_words(tokenizer))
    StableDiffusionPipeline(
        unet=unet(TOWER["hidden_size"]),
        vae=vae(),
        text_encoder=CLIPTextModel(text),
        tokenizer=tokenizer,
        scheduler=DDIMScheduler(
            beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1
        ),
        safety_checker=checker,
        feature_extractor=CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
    ).save_pretrained(folder)
    return folder


def unet(width: int) -> Any:  # noqa: ANN401 - of diffusers
    """Return a denoiser of latents [B, 4, 32, 32], told what to paint by states [B, T, width]."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=32,
        in_channels=4,
        out_channels=4,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        attention_head_dim=4,
        cross_attention_dim=width,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )


def vae() -> Any:  # noqa: ANN401 - of diffusers
    """Return what turns pictures into latents of half the side, and back."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(16, 32),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=64,
    )


def bert(folder: Path) -> Path:
    """Write a BERT with its tokenizer; wide enough that its weights, not their names, decide the size of the file."""
    import torch
    from transformers import BertConfig, BertModel

    special = ["[PAD]", "[CLS]", "[SEP]"]
    tokenizer = byte_tokenizer(folder, special, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]")
    torch.manual_seed(0)
    shape = {"hidden_size": 128, "intermediate_size": 512, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = BertConfig(vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id, **shape)
    BertModel(config).save_pretrained(folder)
    return folder


def vit(folder: Path) -> Path:
    """Write a ViT with its image processor."""
    import torch
    from transformers import ViTConfig, ViTImageProcessorPil, ViTModel

    torch.manual_seed(0)
    ViTModel(ViTConfig(**FLAT, image_size=32, patch_size=8)).save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def wav2vec2(folder: Path) -> Path:
    """Write a wav2vec 2.0 with its feature extractor: a state for every 400 samples or so."""
    import torch
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model

    torch.manual_seed(0)
    config = Wav2Vec2Config(
        **FLAT,
        vocab_size=32,
        conv_dim=(32, 32, 32),
        conv_stride=(10, 8, 4),
        conv_kernel=(10, 8, 4),
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        apply_spec_augment=False,
    )
    Wav2Vec2Model(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(return_attention_mask=True).save_pretrained(folder)
    return folder


def gpt2(folder: Path) -> Path:
    """Write a GPT-2 with its tokenizer."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    end = "<|endoftext|>"
    tokenizer = byte_tokenizer(folder, [end], bos_token=end, eos_token=end, pad_token=end)
    torch.manual_seed(0)
    ids = {"bos_token_id": tokenizer.eos_token_id, "eos_token_id": tokenizer.eos_token_id}
    GPT2LMHeadModel(GPT2Config(vocab_size=len(tokenizer), n_embd=32, n_layer=2, n_head=2, **ids)).save_pretrained(
        folder
    )
    return folder
