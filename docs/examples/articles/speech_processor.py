"""The multimodal speech processor: speech, text and picture in one space, and out of it text and pictures again.

What the original got wrong:
- `WhisperModel(features)` fails: `model.encoder(features).last_hidden_state`, of exactly 3000 frames;
- `get_text_features` and `get_image_features` return an object: the vectors are its `pooler_output`;
- GPT-2 reads an encoder's states only with `add_cross_attention=True`; those layers are new and must be trained;
- its first token is 50256, CLIP's 49406 being none of its own: take it from the configuration;
- `UNet2DModel` comes from diffusers, and needs a timestep, a scheduler and a decoder of latents; `out_channels` must be
  that of the latents;
- `.mean(1)` counts padding: of 3000 frames those that hold sound.

Run: python3 docs/examples/articles/speech_processor.py [WHISPER CLIP GPT2 STABLE_DIFFUSION]
The models are folders or hub repositories, such as openai/whisper-tiny, openai/clip-vit-base-patch32,
openai-community/gpt2 and stable-diffusion-v1-5/stable-diffusion-v1-5; without them tiny ones, which paint noise. Makes
its own speech and picture. Plain is one model, trained a few steps on one example. Ours has no single model of this
kind: it takes a route from speech to text to picture, an engine a step.
Shapes: B batch, T tokens or states, D width.
"""

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import PIL.Image
import tiny_models
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from torch import nn
from transformers import (
    AutoTokenizer,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPTokenizer,
    GPT2LMHeadModel,
    WhisperFeatureExtractor,
    WhisperModel,
)

import vivavoce as vv

RATE_HZ, STATES_PER_S = 16_000, 50
SENTENCE = "A small red house at a lake."


@dataclass(frozen=True)
class Example:
    """Features [B, bands, 3000] of speech that lasts `states` states, words for CLIP and GPT-2 [B, T], pixels."""

    features: torch.Tensor
    states: int
    words: torch.Tensor
    letters: torch.Tensor
    pixels: torch.Tensor


@dataclass(frozen=True)
class Losses:
    """How far apart the vectors are, how unlikely the words, how wrong the noise."""

    space: torch.Tensor
    words: torch.Tensor
    noise: torch.Tensor


class SpeechProcessor(nn.Module):
    """Whisper hears, CLIP reads and looks, GPT-2 writes, a U-Net paints."""

    def __init__(self, whisper: Path, clip: Path, gpt2: Path, painter: Path) -> None:
        super().__init__()
        self.hearing = WhisperModel.from_pretrained(whisper).encoder
        self.clip = CLIPModel.from_pretrained(clip)
        self.writer = GPT2LMHeadModel.from_pretrained(gpt2, add_cross_attention=True)
        self.painter = UNet2DConditionModel.from_pretrained(painter, subfolder="unet")
        self.latents = AutoencoderKL.from_pretrained(painter, subfolder="vae")
        self.scheduler = DDIMScheduler.from_pretrained(painter, subfolder="scheduler")
        heard, width = self.hearing.config.d_model, self.clip.config.projection_dim
        self.to_space = nn.Linear(heard, width)
        self.to_writer = nn.Linear(heard, self.writer.config.n_embd)
        self.to_painter = nn.Linear(heard, self.painter.config.cross_attention_dim)

    def states(self, example: Example) -> torch.Tensor:
        """Return what is heard, [B, T, D], without the silence that fills the 30 s."""
        return self.hearing(example.features).last_hidden_state[:, : example.states]

    def vectors(self, example: Example) -> torch.Tensor:
        """Return unit vectors [3, B, D] of speech, text and picture."""
        spoken = self.to_space(self.states(example).mean(1))
        written = self.clip.get_text_features(input_ids=example.words).pooler_output
        seen = self.clip.get_image_features(pixel_values=example.pixels).pooler_output
        return nn.functional.normalize(torch.stack([spoken, written, seen]), dim=-1)

    def losses(self, example: Example) -> Losses:
        """Return what is to become small, for one example."""
        spoken, written, seen = self.vectors(example)
        heard = self.states(example)
        words = self.writer(
            input_ids=example.letters, labels=example.letters, encoder_hidden_states=self.to_writer(heard)
        ).loss
        side = self.painter.config.sample_size
        clean = torch.zeros(len(heard), self.painter.config.in_channels, side, side)
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
        step = torch.tensor([500])
        noisy = self.scheduler.add_noise(clean, noise, step)
        guess = self.painter(noisy, step, encoder_hidden_states=self.to_painter(heard)).sample
        apart = (1 - (spoken * written).sum(-1)) + (1 - (spoken * seen).sum(-1))
        return Losses(space=apart.mean(), words=words, noise=nn.functional.mse_loss(guess, noise))

    @torch.inference_mode()
    def write(self, example: Example, tokens: int) -> torch.Tensor:
        """Return the likeliest tokens [B, tokens] for what is heard."""
        begin = torch.full((len(example.features), 1), self.writer.config.bos_token_id)
        heard = self.to_writer(self.states(example))
        return self.writer.generate(
            begin,
            attention_mask=torch.ones_like(begin),
            encoder_hidden_states=heard,
            max_new_tokens=tokens,
            do_sample=False,
            pad_token_id=self.writer.config.eos_token_id,
        )[:, 1:]

    @torch.inference_mode()
    def paint(self, example: Example, steps: int) -> vv.Image:
        """Return a picture of what is heard."""
        side, heard = self.painter.config.sample_size, self.to_painter(self.states(example))
        noisy = torch.randn(1, self.painter.config.in_channels, side, side, generator=torch.Generator().manual_seed(0))
        self.scheduler.set_timesteps(steps)
        for step in self.scheduler.timesteps:
            guess = self.painter(noisy, step, encoder_hidden_states=heard).sample
            noisy = self.scheduler.step(guess, step, noisy).prev_sample
        pixels = self.latents.decode(noisy / self.latents.config.scaling_factor).sample[0]
        return vv.Image(((pixels.clamp(-1, 1) + 1) * 127.5).byte().permute(1, 2, 0).numpy())


def example_of(speech: vv.Audio, picture: vv.Image, whisper: Path, clip: Path, gpt2: Path) -> Example:
    """Return what the models take."""
    samples = speech.at(RATE_HZ)
    hear, look = WhisperFeatureExtractor.from_pretrained(whisper), CLIPImageProcessorPil.from_pretrained(clip)
    writer = AutoTokenizer.from_pretrained(gpt2)
    return Example(
        features=hear(samples, sampling_rate=RATE_HZ, return_tensors="pt")["input_features"],
        states=max(1, round(len(samples) / RATE_HZ * STATES_PER_S)),
        words=CLIPTokenizer.from_pretrained(clip)(SENTENCE, return_tensors="pt")["input_ids"],
        letters=writer(writer.bos_token + SENTENCE, return_tensors="pt")["input_ids"],
        pixels=look(images=PIL.Image.fromarray(picture.rgb), return_tensors="pt")["pixel_values"],
    )


def plain(model: SpeechProcessor, example: Example, steps: int) -> tuple[Losses, Losses]:
    """Take some steps on the example; return the losses before and after."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.003)
    history = []
    for _ in range(steps):
        losses = model.losses(example)
        history.append(losses)
        optimiser.zero_grad()
        (losses.space + losses.words + losses.noise).backward()
        optimiser.step()
    return history[0], history[-1]


def ours(speech: vv.Audio, whisper: Path, painter: Path) -> vv.Image:
    """Return a picture of what is said, by way of its words."""
    brush = vv.Preferences(draw=vv.DrawOptions(width=64, height=64, brush=vv.Brush(steps=3, seed=0)))
    route = vv.Wishes(via=(str(whisper), str(painter)))
    return vv.convert(speech, to="image", language="en", wishes=route, preferences=brush)


def main(*named: str) -> None:
    speech, picture = vv.speak(SENTENCE), vv.draw(SENTENCE, vv.DrawOptions(width=224, height=224))
    with ExitStack() as stack:
        pairs = zip(
            named or ("",) * 4,
            (tiny_models.whisper, tiny_models.clip, tiny_models.gpt2, tiny_models.stable_diffusion),
            strict=True,
        )
        whisper, clip, gpt2, painter = (stack.enter_context(tiny_models.checkpoint(*pair)) for pair in pairs)
        torch.manual_seed(0)
        model = SpeechProcessor(whisper, clip, gpt2, painter).eval()
        example = example_of(speech, picture, whisper, clip, gpt2)
        print(f"heard {list(model.states(example).shape)}, vectors {list(model.vectors(example).shape)}")
        first, last = plain(model, example, 8)
        for name in ("space", "words", "noise"):
            print(f"loss of {name}: {getattr(first, name).item():.2f} to {getattr(last, name).item():.2f}")
        print(f"plain writes {list(model.write(example, 8).shape)} tokens, paints {model.paint(example, 3).rgb.shape}")
        painted = ours(speech, whisper, painter)
        print(f"ours paints {painted.rgb.shape}: " + " → ".join(step.engine for step in painted.origin))


if __name__ == "__main__":
    main(*sys.argv[1:])
