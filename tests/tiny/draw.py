"""Models that paint, film and shape: checkpoints of the true architecture with random weights; see the package."""

from pathlib import Path

from tiny.tokenizers import byte_level

WIDTH = 32  # of every text encoder
_SCHEDULE = {"beta_schedule": "scaled_linear", "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1}


def stable_diffusion(folder: Path, checker: bool = True, flags: bool = False) -> Path:
    """Write a tiny Stable Diffusion 1.5; its safety checker finds everything improper if `flags`, else nothing."""
    import torch
    from diffusers import DDIMScheduler, StableDiffusionPipeline
    from transformers import CLIPImageProcessorPil

    torch.manual_seed(0)
    StableDiffusionPipeline(
        unet=_unet(cross_attention_dim=WIDTH),
        vae=_vae(),
        text_encoder=_clip(),
        tokenizer=_clip_tokenizer(folder),
        scheduler=DDIMScheduler(**_SCHEDULE),
        safety_checker=_safety_checker(flags) if checker else None,
        feature_extractor=CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
        requires_safety_checker=checker,
    ).save_pretrained(folder)
    return folder


def latent_consistency(folder: Path) -> Path:
    """Write a tiny latent consistency model, without a safety checker."""
    import torch
    from diffusers import LatentConsistencyModelPipeline, LCMScheduler

    torch.manual_seed(0)
    LatentConsistencyModelPipeline(
        unet=_unet(cross_attention_dim=WIDTH, time_cond_proj_dim=16),
        vae=_vae(),
        text_encoder=_clip(),
        tokenizer=_clip_tokenizer(folder),
        scheduler=LCMScheduler(**_SCHEDULE),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
    return folder


def stable_diffusion_xl(folder: Path, turbo: bool = False) -> Path:
    """Write a tiny Stable Diffusion XL, or its Turbo form, which differs in the schedule."""
    import torch
    from diffusers import EulerAncestralDiscreteScheduler, EulerDiscreteScheduler, StableDiffusionXLPipeline

    torch.manual_seed(0)
    scheduler = EulerAncestralDiscreteScheduler if turbo else EulerDiscreteScheduler
    StableDiffusionXLPipeline(
        unet=_unet(
            cross_attention_dim=2 * WIDTH,
            attention_head_dim=(2, 4),
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            transformer_layers_per_block=(1, 2),
            projection_class_embeddings_input_dim=6 * 8 + WIDTH,
        ),
        vae=_vae(),
        text_encoder=_clip(),
        text_encoder_2=_clip(projected=True),
        tokenizer=_clip_tokenizer(folder),
        tokenizer_2=_clip_tokenizer(folder),
        scheduler=scheduler(beta_schedule="scaled_linear", timestep_spacing="trailing" if turbo else "leading"),
    ).save_pretrained(folder)
    return folder


def stable_diffusion_3(folder: Path, largest: bool = True) -> Path:
    """Write a tiny Stable Diffusion 3, with or without its largest text encoder."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, SD3Transformer2DModel, StableDiffusion3Pipeline

    torch.manual_seed(0)
    StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(
            sample_size=32,
            patch_size=2,
            in_channels=16,
            num_layers=1,
            attention_head_dim=8,
            num_attention_heads=4,
            joint_attention_dim=2 * WIDTH,
            caption_projection_dim=WIDTH,
            pooled_projection_dim=2 * WIDTH,
            out_channels=16,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=_vae(latent_channels=16, shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=_clip(projected=True),
        tokenizer=_clip_tokenizer(folder),
        text_encoder_2=_clip(projected=True),
        tokenizer_2=_clip_tokenizer(folder),
        text_encoder_3=_t5(2 * WIDTH) if largest else None,
        tokenizer_3=_t5_tokenizer() if largest else None,
    ).save_pretrained(folder)
    return folder


def flux(folder: Path, schnell: bool = False) -> Path:
    """Write a tiny FLUX.1 dev, or schnell, which is not guided."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel

    torch.manual_seed(0)
    FluxPipeline(
        transformer=FluxTransformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            pooled_projection_dim=WIDTH,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=not schnell,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0, use_dynamic_shifting=not schnell),
        vae=_vae(shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=_clip(),
        tokenizer=_clip_tokenizer(folder),
        text_encoder_2=_t5(WIDTH),
        tokenizer_2=_t5_tokenizer(),
    ).save_pretrained(folder)
    return folder


def qwen_image(folder: Path) -> Path:
    """Write a tiny Qwen-Image."""
    import torch
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        QwenImagePipeline,
        QwenImageTransformer2DModel,
    )

    torch.manual_seed(0)
    QwenImagePipeline(
        transformer=QwenImageTransformer2DModel(
            patch_size=2,
            in_channels=16,
            out_channels=4,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            axes_dims_rope=(8, 4, 4),
        ),
        vae=AutoencoderKLQwenImage(
            base_dim=8,
            z_dim=4,
            dim_mult=[1, 2, 2],
            num_res_blocks=1,
            temperal_downsample=[False, True],
            latents_mean=[0.0] * 4,
            latents_std=[1.0] * 4,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0, use_dynamic_shifting=True),
        text_encoder=_qwen(),
        tokenizer=_qwen_tokenizer(folder),
    ).save_pretrained(folder)
    return folder


def _unet(**settings):
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        **{
            "block_out_channels": (16, 32),
            "layers_per_block": 1,
            "sample_size": 32,
            "norm_num_groups": 8,
            "attention_head_dim": 4,
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
            **settings,
        }
    )


def _vae(**settings):
    """Build a decoder that makes two pixels a side of a latent."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        **{
            "block_out_channels": (16, 32),
            "down_block_types": ("DownEncoderBlock2D",) * 2,
            "up_block_types": ("UpDecoderBlock2D",) * 2,
            "latent_channels": 4,
            "norm_num_groups": 8,
            "sample_size": 64,
            **settings,
        }
    )


def _clip(projected: bool = False):
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=1000,
        hidden_size=WIDTH,
        projection_dim=WIDTH,
        intermediate_size=37,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=77,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()


def _clip_tokenizer(folder: Path):
    """Build CLIP's tokenizer over single letters."""
    import json

    from tokenizers import pre_tokenizers
    from transformers import CLIPTokenizer

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary, merges = folder / "clip-vocab.json", folder / "clip-merges.txt"
    vocabulary.write_text(json.dumps({piece: number for number, piece in enumerate(pieces)}))
    merges.write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(vocabulary), str(merges), model_max_length=77)
    vocabulary.unlink()
    merges.unlink()
    return tokenizer


def _t5(width: int):
    from transformers import T5Config, T5EncoderModel

    config = T5Config(
        vocab_size=300, d_model=width, d_kv=8, d_ff=37, num_layers=2, num_heads=4, decoder_start_token_id=0
    )
    return T5EncoderModel(config).eval()


def _t5_tokenizer():
    """Build T5's tokenizer over single letters."""
    from transformers import T5TokenizerFast

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(chr(code), -3.0) for code in range(33, 127)]
    return T5TokenizerFast(vocab=pieces, extra_ids=0, model_max_length=512)


def _qwen():
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    config = Qwen2_5_VLConfig(
        text_config={
            "hidden_size": WIDTH,
            "intermediate_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "vocab_size": 300,
            "bos_token_id": 256,
            "eos_token_id": 256,
            "pad_token_id": 256,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [2, 3, 3]},
        },
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "num_heads": 2,
            "intermediate_size": 16,
            "out_hidden_size": WIDTH,
        },
        vision_start_token_id=257,
        vision_end_token_id=258,
        image_token_id=259,
        video_token_id=260,
    )
    return Qwen2_5_VLForConditionalGeneration(config).eval()


def _qwen_tokenizer(folder: Path):
    from transformers import Qwen2Tokenizer

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    folder.mkdir(parents=True, exist_ok=True)
    return Qwen2Tokenizer(tokenizer_object=byte_level(special), model_max_length=2048)


def _safety_checker(flags: bool):
    import torch
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig

    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = CLIPConfig(
        text_config={**shape, "vocab_size": 10},
        vision_config={**shape, "image_size": 32, "patch_size": 16},
        projection_dim=16,
    )
    checker = StableDiffusionSafetyChecker(config)
    with torch.no_grad():  # a cosine is never over 1, and always over -2
        checker.concept_embeds_weights.fill_(-2.0 if flags else 2.0)
        checker.special_care_embeds_weights.fill_(-2.0 if flags else 2.0)
    return checker


def shap_e(folder: Path, solid: bool = True) -> Path:
    """Write a tiny Shap-E that finds something solid everywhere in its box, or nowhere."""
    import torch
    from diffusers import HeunDiscreteScheduler, PriorTransformer, ShapEPipeline
    from diffusers.pipelines.shap_e import ShapERenderer

    torch.manual_seed(0)
    renderer = ShapERenderer(
        param_shapes=((8, 93), (8, 8), (8, 8), (8, 8)), d_latent=16, d_hidden=8, n_output=12, background=(0.0,) * 3
    )
    with torch.no_grad():  # the first output is the distance to the surface, positive inside
        renderer.mesh_decoder.cases[:], renderer.mesh_decoder.masks[:] = _marching_cubes()
        renderer.mlp.mlp[-1].weight[0] = 0
        renderer.mlp.mlp[-1].bias[0] = 1 if solid else -1
    ShapEPipeline(
        prior=PriorTransformer(
            num_attention_heads=2,
            attention_head_dim=16,
            embedding_dim=16,
            num_embeddings=32,
            embedding_proj_dim=WIDTH,
            time_embed_dim=64,
            num_layers=1,
            clip_embed_dim=32,
            additional_embeddings=0,
            time_embed_act_fn="gelu",
            norm_in_type="layer",
            encoder_hid_proj_type=None,
            added_emb_type=None,
        ),
        text_encoder=_clip(projected=True),
        tokenizer=_clip_tokenizer(folder),
        scheduler=HeunDiscreteScheduler(
            beta_schedule="exp",
            num_train_timesteps=1024,
            prediction_type="sample",
            use_karras_sigmas=False,
            clip_sample=True,
        ),
        shap_e_renderer=renderer,
    ).save_pretrained(folder)
    return folder


def _marching_cubes():
    """Return the decoder's tables for cubes whose inside is a corner, an edge or a side, as those of a box are.

    For each set of corners inside (bit x + 2 y + 4 z): up to 5 triangles of edges, int64 [256, 5, 3], and which are
    used, bool [256, 5]. Published weights hold the whole tables.
    """
    import numpy as np
    import torch

    corners = np.array([[n & 1, n >> 1 & 1, n >> 2 & 1] for n in range(8)])
    edges = []
    for axis, others in ((0, (1, 2)), (1, (0, 2)), (2, (0, 1))):
        for second in (0, 1):
            for first in (0, 1):
                start = np.zeros(3, int)
                start[others[0]], start[others[1]] = first, second
                end = start + np.eye(3, dtype=int)[axis]
                edges.append((start @ (1, 2, 4), end @ (1, 2, 4)))
    cases, masks = torch.zeros(256, 5, 3, dtype=torch.long), torch.zeros(256, 5, dtype=torch.bool)
    for case in range(1, 255):
        inside = np.array([case >> n & 1 for n in range(8)], bool)
        cut = [number for number, (start, end) in enumerate(edges) if inside[start] != inside[end]]
        if np.ptp(corners[inside], axis=0).sum() > 2 or inside.sum() not in (1, 2, 4) or len(cut) > 4:
            continue
        outwards = corners[~inside].mean(axis=0) - corners[inside].mean(axis=0)
        middles = np.array([corners[list(edges[number])].mean(axis=0) for number in cut])
        spokes = middles - middles.mean(axis=0)
        across = np.cross(outwards, spokes[0])
        around = np.arctan2(spokes @ across / np.linalg.norm(across), spokes @ spokes[0] / np.linalg.norm(spokes[0]))
        ring = [cut[at] for at in np.argsort(around)]
        for number in range(len(ring) - 2):
            cases[case, number] = torch.tensor([ring[0], ring[number + 1], ring[number + 2]])
            masks[case, number] = True
    return cases, masks


def ltx(folder: Path) -> Path:
    """Write a tiny LTX-Video."""
    import torch
    from diffusers import (
        AutoencoderKLLTXVideo,
        FlowMatchEulerDiscreteScheduler,
        LTXPipeline,
        LTXVideoTransformer3DModel,
    )

    torch.manual_seed(0)
    LTXPipeline(
        transformer=LTXVideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=2,
            attention_head_dim=16,
            cross_attention_dim=WIDTH,
            num_layers=1,
            caption_channels=WIDTH,
        ),
        vae=AutoencoderKLLTXVideo(
            latent_channels=8,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1, 1),
            spatio_temporal_scaling=(True, True, True, False),
            decoder_spatio_temporal_scaling=(True, True, True, False),
            decoder_inject_noise=(False,) * 5,
            upsample_residual=(False,) * 4,
            upsample_factor=(1,) * 4,
            timestep_conditioning=False,
            patch_size=4,
            patch_size_t=1,
            encoder_causal=True,
            decoder_causal=False,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        text_encoder=_t5(WIDTH),
        tokenizer=_t5_tokenizer(),
    ).save_pretrained(folder)
    return folder


def wan(folder: Path) -> Path:
    """Write a tiny Wan 2."""
    import torch
    from diffusers import AutoencoderKLWan, FlowMatchEulerDiscreteScheduler, WanPipeline, WanTransformer3DModel

    torch.manual_seed(0)
    WanPipeline(
        transformer=WanTransformer3DModel(
            patch_size=(1, 2, 2),
            num_attention_heads=2,
            attention_head_dim=12,
            in_channels=16,
            out_channels=16,
            text_dim=WIDTH,
            freq_dim=32,
            ffn_dim=32,
            num_layers=1,
            cross_attn_norm=True,
            qk_norm="rms_norm_across_heads",
            rope_max_seq_len=32,
        ),
        vae=AutoencoderKLWan(
            base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        text_encoder=_umt5(),
        tokenizer=_t5_tokenizer(),
    ).save_pretrained(folder)
    return folder


def cogvideox(folder: Path) -> Path:
    """Write a tiny CogVideoX."""
    import torch
    from diffusers import AutoencoderKLCogVideoX, CogVideoXDDIMScheduler, CogVideoXPipeline, CogVideoXTransformer3DModel

    torch.manual_seed(0)
    CogVideoXPipeline(
        transformer=CogVideoXTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=16,
            in_channels=4,
            out_channels=4,
            time_embed_dim=2,
            text_embed_dim=WIDTH,
            num_layers=1,
            sample_width=8,
            sample_height=8,
            sample_frames=9,
            patch_size=2,
            temporal_compression_ratio=4,
            max_text_seq_length=226,
        ),
        vae=AutoencoderKLCogVideoX(
            down_block_types=("CogVideoXDownBlock3D",) * 4,
            up_block_types=("CogVideoXUpBlock3D",) * 4,
            block_out_channels=(8, 8, 8, 8),
            latent_channels=4,
            layers_per_block=1,
            norm_num_groups=2,
            temporal_compression_ratio=4,
        ),
        scheduler=CogVideoXDDIMScheduler(),
        text_encoder=_t5(WIDTH),
        tokenizer=_t5_tokenizer(),
    ).save_pretrained(folder)
    return folder


def _umt5():
    from transformers import UMT5Config, UMT5EncoderModel

    config = UMT5Config(
        vocab_size=300, d_model=WIDTH, d_kv=8, d_ff=37, num_layers=2, num_heads=4, decoder_start_token_id=0
    )
    return UMT5EncoderModel(config).eval()
