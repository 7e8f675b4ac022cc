"""Checkpoints of the true architecture with random weights, a few hundred kilobytes each.

They prove wiring and shapes through the same loading path as published weights; what they say means nothing.
`BUILDERS` has a function for each back end of the catalog, which writes one into a folder and returns the folder.
"""

from collections.abc import Callable
from pathlib import Path

from tiny import draw, embed, hear, language, omni, recognisers, see, speak, whisper

BUILDERS: dict[str, Callable[[Path], Path]] = {
    "blip": see.blip,
    "llava": see.llava,
    "qwen-vl": see.qwen2_5_vl,
    "qwen-omni": omni.qwen2_5_omni,
    "any-to-any": omni.gemma3,
    "clip": embed.clip,
    "clap": hear.clap,
    "sentence-transformers": embed.sentence_bert,
    "audio-classification": hear.ast,
    "xvector": hear.xvector,
    "diffusion": draw.stable_diffusion,
    "video-diffusion": draw.ltx,
    "shap-e": draw.shap_e,
    "whisper-ct2": whisper.whisper_ct2,
    "whisper": whisper.whisper,
    "ctc": recognisers.wav2vec2,
    "moonshine": recognisers.moonshine,
    "seamless-m4t-v2": recognisers.seamless,
    "vits": speak.vits,
    "speecht5": speak.speecht5,
    "bark": speak.bark,
    "kokoro": speak.kokoro,
    "piper": speak.piper,
    "seq2seq": language.marian,
    "seq2seq-ct2": language.marian_ct2,
    "causal-lm": language.causal,
}
