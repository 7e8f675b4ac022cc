"""The fusion classifier with InfoNCE: BERT reads, ViT looks, wav2vec 2.0 listens; one space, one class.

What the original got wrong:
- names: bert-base and google/vit-base are google-bert/bert-base-uncased and google/vit-base-patch16-224;
- `TransformerEncoderLayer` without `batch_first=True` attends across the batch;
- `.mean(1)` counts padding: the mean is taken under the mask.
The contrastive loss normalises, keeps its temperature in bounds, and takes all pairs of a class as right ones, which
many programs of this kind do not.

Run: python3 docs/examples/articles/fusion_classifier.py [BERT VIT WAV2VEC2]
The models are folders or hub repositories, such as those above and facebook/wav2vec2-base-960h; without them tiny ones
of random weights. Makes its own commands, written, on cards and spoken. Vivavoce has no counterpart yet.
Method: van den Oord et al., 2018, arXiv:1807.03748; several positives: Khosla et al., 2020, arXiv:2004.11362.
Shapes: B batch, T tokens or frames, D width, S samples.
"""

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import PIL.Image
import tiny_models
import torch
from torch import nn
from transformers import (
    AutoTokenizer,
    BertModel,
    ViTImageProcessorPil,
    ViTModel,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2Model,
)

import vivavoce as vv

WORDS = ("open", "closed", "turn left", "turn right")
RATES = (0.9, 1.2)  # of speaking: two of each command
RATE_HZ, WIDTH = 16_000, 32


@dataclass(frozen=True)
class Fused:
    """Logits [B, classes], and unit vectors [B, D] of text, picture and speech."""

    logits: torch.Tensor
    vectors: tuple[torch.Tensor, torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Batch:
    """Words and their mask [B, T], pixels [B, 3, side, side], samples and their mask [B, S], labels [B]."""

    ids: torch.Tensor
    mask: torch.Tensor
    pixels: torch.Tensor
    samples: torch.Tensor
    sound: torch.Tensor
    labels: torch.Tensor


class FusionClassifier(nn.Module):
    """Text, picture and speech to a class."""

    def __init__(self, text: BertModel, sight: ViTModel, hearing: Wav2Vec2Model, classes: int) -> None:
        super().__init__()
        self.text, self.sight, self.hearing = text, sight, hearing
        towers = (text, sight, hearing)
        self.project = nn.ModuleList(nn.Linear(tower.config.hidden_size, WIDTH) for tower in towers)
        self.fuse = nn.TransformerEncoderLayer(WIDTH, 4, 2 * WIDTH, dropout=0.0, batch_first=True)
        self.head = nn.Linear(WIDTH, classes)
        self.heat = nn.Parameter(torch.tensor(2.0))  # logarithm of one over the temperature

    def forward(self, batch: Batch) -> Fused:
        """Return class and vectors."""
        read = self.text(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
        seen = self.sight(pixel_values=batch.pixels).last_hidden_state[:, 0]
        heard = self.hearing(batch.samples, attention_mask=batch.sound).last_hidden_state
        frames = torch.arange(heard.shape[1]) < self.frames(batch.sound.sum(1))[:, None]
        pooled = (masked_mean(read, batch.mask), seen, masked_mean(heard, frames))
        states = torch.stack([project(vector) for project, vector in zip(self.project, pooled, strict=True)], dim=1)
        text, sight, hearing = nn.functional.normalize(states, dim=-1).unbind(1)
        return Fused(self.head(self.fuse(states).mean(1)), (text, sight, hearing))  # nothing is padded there

    def frames(self, samples: torch.Tensor) -> torch.Tensor:
        """Return how many states [B] come of so many samples [B]."""
        config = self.hearing.config
        for kernel, stride in zip(config.conv_kernel, config.conv_stride, strict=True):
            samples = (samples - kernel) // stride + 1
        return samples


def masked_mean(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean [B, D] of states [B, T, D] where `mask` [B, T] is not 0."""
    kept = mask[..., None].to(states.dtype)
    return (states * kept).sum(1) / kept.sum(1)


def info_nce(one: torch.Tensor, other: torch.Tensor, labels: torch.Tensor, heat: torch.Tensor) -> torch.Tensor:
    """Return the contrastive loss of unit vectors [B, D], those of one label [B] being right for each other."""
    logits = one @ other.T * heat.clamp(0, 4.6).exp()  # a temperature of 1 to 0.01
    right = (labels[:, None] == labels).float()
    ways = (logits.log_softmax(1) * right / right.sum(1, keepdim=True)).sum(1)
    back = (logits.log_softmax(0) * right / right.sum(0, keepdim=True)).sum(0)
    return -(ways + back).mean() / 2


def losses(model: FusionClassifier, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the loss of the class, and that of the space over all pairs of inputs."""
    fused = model(batch)
    pairs = [info_nce(one, other, batch.labels, model.heat) for one, other in combinations(fused.vectors, 2)]
    return nn.functional.cross_entropy(fused.logits, batch.labels), torch.stack(pairs).mean()


def loaded(text: Path, sight: Path, hearing: Path) -> FusionClassifier:
    """Return a classifier of the commands on the three models."""
    torch.manual_seed(0)
    return FusionClassifier(
        BertModel.from_pretrained(text),
        ViTModel.from_pretrained(sight),
        Wav2Vec2Model.from_pretrained(hearing),
        len(WORDS),
    )


def commands(text: Path, sight: Path, hearing: Path) -> Batch:
    """Return each command at each speed of speaking: what is written, on a card, and said."""
    said = [vv.speak(word, language="en", voice=vv.Voice(rate=rate)).at(RATE_HZ) for word in WORDS for rate in RATES]
    cards = [vv.draw(word, vv.DrawOptions(width=160, height=160)).rgb for word in WORDS]
    words = AutoTokenizer.from_pretrained(text)(
        [word for word in WORDS for _ in RATES], padding=True, return_tensors="pt"
    )
    pixels = ViTImageProcessorPil.from_pretrained(sight)(
        images=[PIL.Image.fromarray(card) for card in cards for _ in RATES], return_tensors="pt"
    )["pixel_values"]
    sound = Wav2Vec2FeatureExtractor.from_pretrained(hearing)(
        said, sampling_rate=RATE_HZ, padding=True, return_attention_mask=True, return_tensors="pt"
    )
    labels = torch.arange(len(WORDS)).repeat_interleave(len(RATES))
    return Batch(
        words["input_ids"], words["attention_mask"], pixels, sound["input_values"], sound["attention_mask"], labels
    )


def trained(model: FusionClassifier, batch: Batch, steps: int) -> list[tuple[float, float]]:
    """Take some steps on one batch; return both losses before each."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.001)
    model.train()
    history = []
    for _ in range(steps):
        of_class, of_space = losses(model, batch)
        history.append((of_class.item(), of_space.item()))
        optimiser.zero_grad()
        (of_class + of_space).backward()
        optimiser.step()
    return history


def main(*named: str) -> None:
    builders = (tiny_models.bert, tiny_models.vit, tiny_models.wav2vec2)
    with ExitStack() as stack:
        pairs = zip(named or ("", "", ""), builders, strict=True)
        folders = [stack.enter_context(tiny_models.checkpoint(name, build)) for name, build in pairs]
        model, batch = loaded(*folders), commands(*folders)
    history = trained(model, batch, 25)
    for number, name in enumerate(("class", "space")):
        print(f"loss of the {name}: {history[0][number]:.2f} to {history[-1][number]:.2f}")
    model.eval()
    with torch.inference_mode():
        together = model(batch).logits
        short = int(batch.sound[0].sum()), int(batch.mask[0].sum())
        one = Batch(
            batch.ids[:1, : short[1]],
            batch.mask[:1, : short[1]],
            batch.pixels[:1],
            batch.samples[:1, : short[0]],
            batch.sound[:1, : short[0]],
            batch.labels[:1],
        )
        alone = model(one).logits
    print(f"right: {(together.argmax(1) == batch.labels).sum()} of {len(batch.labels)}, learnt by heart")
    print(f"alone against in a batch: {(together[0] - alone[0]).abs().max():.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
