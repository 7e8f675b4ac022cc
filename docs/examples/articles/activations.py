"""Activation replacement: the GELUs of Whisper and CLIP become SiLU (Swish) or Mish.

What the original got wrong:
- it replaced `nn.ReLU`, of which these models have none, and so changed nothing: Whisper uses `GELUActivation`, CLIP
  `QuickGELUActivation`.

Run: python3 docs/examples/articles/activations.py [WHISPER CLIP]
The models are folders or hub repositories; without them tiny ones of random weights. Needs no input. Vivavoce has no
counterpart yet. A trained model must be trained on after such a change, or it is worse than before. The GELUs between
Whisper's convolutions are calls of a function, not modules, and stay.
"""

import sys

import tiny_models
import torch
from torch import nn
from transformers import CLIPModel, WhisperModel
from transformers.activations import GELUActivation, QuickGELUActivation

GELUS = (nn.GELU, GELUActivation, QuickGELUActivation)


def replaced(model: nn.Module, old: tuple[type[nn.Module], ...], new: type[nn.Module]) -> int:
    """Put a `new` in the place of each module of the `old` kinds; return how many there were."""
    places = [
        (module, name)
        for module in model.modules()
        for name, child in module.named_children()
        if isinstance(child, old)
    ]
    for module, name in places:
        setattr(module, name, new())
    return len(places)


def heard(model: WhisperModel) -> torch.Tensor:
    """Return the encoder's states of noise."""
    noise = torch.randn(1, model.config.num_mel_bins, 3000, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return model.encoder(noise).last_hidden_state


def seen(model: CLIPModel) -> torch.Tensor:
    """Return the picture vector of noise."""
    side = model.config.vision_config.image_size
    noise = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return model.get_image_features(pixel_values=noise).pooler_output


def main(*named: str) -> None:
    whisper, clip = named or ("", "")
    with (
        tiny_models.checkpoint(whisper, tiny_models.whisper) as hearing,
        tiny_models.checkpoint(clip, tiny_models.clip) as sight,
    ):
        arms = (("Whisper", WhisperModel, hearing, heard), ("CLIP", CLIPModel, sight, seen))
        for name, kind, folder, run in arms:
            for new in (nn.SiLU, nn.Mish):
                model = kind.from_pretrained(folder).eval()
                before, none = run(model), replaced(model, (nn.ReLU,), new)
                count = replaced(model, GELUS, new)
                change = (run(model) - before).abs().max()
                print(f"{name}: {none} nn.ReLU and {count} GELUs to {new.__name__}, output changed by {change:.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
