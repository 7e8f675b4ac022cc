"""The multi-task head: who speaks and in which mood, from one shared encoder with a head for each question.

What goes wrong in programs of this kind, and is shown here not to:
- parts in a plain list are no parameters and never learn: each parameter changes in the first step;
- `.mean(1)` counts padding: the mean is taken under the mask;
- `TransformerEncoderLayer` without `batch_first=True` attends across the batch;
- one sum hides which question is learnt: the losses have names.

Run: python3 docs/examples/articles/multitask_head.py
Makes its own speech: three moods of two voices, learnt by heart in seconds; that says nothing of moods of people.
Vivavoce has no counterpart yet. Weights of the losses are learnt too: Kendall et al., 2018, arXiv:1705.07115.
Shapes: B batch, T frames, C classes of a question.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

import vivavoce as vv
from vivavoce.engines.options import Emotion
from vivavoce.engines.transcribe.log_mel import RATE_HZ, log_mel

MOODS: tuple[Emotion, ...] = ("neutral", "happy", "sad")
PITCHES = (30, 75)  # of the two voices
SENTENCE = vv.Text("The library opens at nine.", "en")
ESPEAK = vv.Wishes(via=("espeak",))  # a voice with moods
BANDS, WIDTH = 40, 32


@dataclass(frozen=True)
class Answers:
    """Logits [B, C] to each question."""

    mood: torch.Tensor
    speaker: torch.Tensor


@dataclass(frozen=True)
class Losses:
    """The loss of each question, and both weighted together."""

    mood: torch.Tensor
    speaker: torch.Tensor
    total: torch.Tensor


class MultiTaskHead(nn.Module):
    """Features [B, T, bands] to an answer for each question."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(BANDS, WIDTH)
        self.attend = nn.TransformerEncoderLayer(WIDTH, 4, 2 * WIDTH, dropout=0.0, batch_first=True)
        self.mood, self.speaker = (
            nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, classes))
            for classes in (len(MOODS), len(PITCHES))
        )
        self.doubts = nn.Parameter(torch.zeros(2))  # log-variances

    def forward(self, features: torch.Tensor, mask: torch.Tensor) -> Answers:
        """Answer; `mask` [B, T] is true where there is sound."""
        states = self.attend(self.enter(features), src_key_padding_mask=~mask)
        shared = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return Answers(mood=self.mood(shared), speaker=self.speaker(shared))

    def losses(self, answers: Answers, moods: torch.Tensor, speakers: torch.Tensor) -> Losses:
        """Return the losses against labels [B]."""
        mood = nn.functional.cross_entropy(answers.mood, moods)
        speaker = nn.functional.cross_entropy(answers.speaker, speakers)
        weighted = torch.stack([mood, speaker]) * torch.exp(-self.doubts) + self.doubts
        return Losses(mood=mood, speaker=speaker, total=weighted.sum())


def spoken() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return features [B, T, bands], their mask [B, T], and the labels [B] of mood and speaker."""
    features, moods, speakers = [], [], []
    for speaker, pitch in enumerate(PITCHES):
        for mood, name in enumerate(MOODS):
            moody = vv.Preferences(voice=vv.Voice(pitch=pitch, emotion=name, intensity=0.9))
            samples = vv.convert(SENTENCE, to="speech", wishes=ESPEAK, preferences=moody).at(RATE_HZ)
            features.append(torch.from_numpy(log_mel(samples, BANDS, len(samples) // 160)).T)
            moods.append(mood)
            speakers.append(speaker)
    lengths = torch.tensor([len(feature) for feature in features])
    mask = torch.arange(int(lengths.max())) < lengths[:, None]
    padded = pad_sequence(features, batch_first=True)
    padded = (padded - padded[mask].mean(0)) / padded[mask].std(0)
    return padded, mask, torch.tensor(moods), torch.tensor(speakers)


def main() -> None:
    features, mask, moods, speakers = spoken()
    torch.manual_seed(0)
    model = MultiTaskHead()
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.003)
    before = {name: part.detach().clone() for name, part in model.named_parameters()}
    history: list[Losses] = []
    for step in range(60):
        losses = model.losses(model(features, mask), moods, speakers)
        history.append(losses)
        optimiser.zero_grad()
        losses.total.backward()
        optimiser.step()
        if step == 0:
            changed = sum(not torch.equal(part, before[name]) for name, part in model.named_parameters())
            print(f"changed by the first step: {changed} of {len(before)} parameters")
    for name in ("mood", "speaker"):
        first, last = (getattr(losses, name).item() for losses in (history[0], history[-1]))
        print(f"loss of {name}: {first:.2f} to {last:.2f}")
    model.eval()
    with torch.inference_mode():
        together, length = model(features, mask).mood[1], int(mask[1].sum())
        alone = model(features[1:2, :length], mask[1:2, :length]).mood[0]
    print(f"alone against in a batch: {(together - alone).abs().max():.1e}")


if __name__ == "__main__":
    main()
