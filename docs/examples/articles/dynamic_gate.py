"""The dynamic gate: how far speech and picture are believed depends on how good each of them is, case by case.

What goes wrong in programs of this kind, and is shown here not to:
- a fixed mixture falls below the better input alone once the other is noisy: the weights must follow the quality;
- an absent input taken as zeros still has its say: its weight is 0, by −inf before the softmax;
- nothing there at all is an error, not a guess;
- noise is mixed by the power of the speech, pauses left out, and what came of it is measured.

Run: python3 docs/examples/articles/dynamic_gate.py
Makes its own words, spoken and on cards; the gate is trained on them in seconds. Vivavoce has no counterpart yet.
Shapes: B batch, M inputs (speech, picture), C classes.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

import vivavoce as vv
from vivavoce.engines.transcribe.log_mel import RATE_HZ, log_mel

WORDS = ("open", "closed", "left", "right")
SNRS_DB = (30, 20, 10, 0, -10)
BANDS, SIDE, TAKES = 40, 16, 6

Samples = npt.NDArray[np.float32]


class DynamicGate(nn.Module):
    """A head and a measure of trust for each input; the answer is the mean of the heads by trust."""

    def __init__(self, widths: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(width, classes) for width in widths)
        self.trusts = nn.ModuleList(
            nn.Sequential(nn.Linear(width, 16), nn.Tanh(), nn.Linear(16, 1)) for width in widths
        )

    def forward(self, inputs: list[torch.Tensor], present: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return log-probabilities [B, C] and weights [B, M] for inputs [B, width] and what is there, bool [B, M]."""
        if not present.any(dim=1).all():
            raise ValueError("a case without speech and without a picture can't be judged; give one of them")
        trust = torch.cat([measure(given) for measure, given in zip(self.trusts, inputs, strict=True)], dim=1)
        weights = trust.masked_fill(~present, -torch.inf).softmax(dim=1)
        each = torch.stack([head(given).softmax(-1) for head, given in zip(self.heads, inputs, strict=True)], dim=1)
        return (weights[..., None] * each).sum(1).clamp_min(1e-9).log(), weights


def with_noise(audio: vv.Audio, snr_db: float, dice: np.random.Generator) -> tuple[Samples, float]:
    """Return samples with white noise, and the ratio that came of it, in dB, where somebody speaks."""
    samples = audio.at(RATE_HZ)
    active = np.abs(samples) > 0.02 * np.abs(samples).max()
    noise = dice.standard_normal(len(samples)).astype(np.float32)
    noise *= np.sqrt((samples[active] ** 2).mean() / (noise**2).mean() / 10 ** (snr_db / 10))
    measured = 10 * np.log10((samples[active] ** 2).mean() / (noise[active] ** 2).mean())
    return samples + noise, float(measured)


def heard(samples: Samples) -> torch.Tensor:
    """Return mean and deviation over time of log-mel features, [2 × bands]."""
    features = torch.from_numpy(log_mel(samples, BANDS, len(samples) // 160))
    return torch.cat([features.mean(1), features.std(1)])


def seen(word: str) -> torch.Tensor:
    """Return a card with a word on it as gray values [side²], around 0."""
    card = torch.from_numpy(vv.draw(word, vv.DrawOptions(width=128, height=128)).rgb.copy()).float().mean(-1) / 255
    return nn.functional.adaptive_avg_pool2d(card[None], SIDE).flatten() - 0.5


def made() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return speech [B, 2 × bands], pictures [B, side²], labels [B] and the ratios of speech to noise [B, 2].

    Of those the first was asked for, the second measured, in dB.
    """
    dice = np.random.default_rng(0)
    speech, pictures, labels, ratios = [], [], [], []
    for label, word in enumerate(WORDS):
        audio, card = vv.speak(word, language="en"), seen(word)
        for snr_db in SNRS_DB * TAKES:
            samples, measured = with_noise(audio, snr_db, dice)
            speech.append(heard(samples))
            pictures.append(card + 0.5 * torch.from_numpy(dice.standard_normal(SIDE**2)).float())
            labels.append(label)
            ratios.append((snr_db, measured))
    return torch.stack(speech), torch.stack(pictures), torch.tensor(labels), torch.tensor(ratios)


def main() -> None:
    speech, pictures, labels, ratios = made()
    speech = (speech - speech.mean(0)) / speech.std(0)
    there = torch.ones(len(labels), 2, dtype=torch.bool)
    torch.manual_seed(0)
    model = DynamicGate((2 * BANDS, SIDE**2), len(WORDS))
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.02)
    losses = []
    for _ in range(60):
        loss = nn.functional.nll_loss(model([speech, pictures], there)[0], labels)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    off_db = (ratios[:, 0] - ratios[:, 1]).abs().max()
    print(f"ratios of speech to noise: {off_db:.2f} dB at most from what was asked for")
    print(f"{len(labels)} cases, loss {losses[0]:.2f} to {losses[-1]:.2f}")
    with torch.inference_mode():
        weights = model([speech, pictures], there)[1]
        for snr_db in SNRS_DB:
            print(f"speech at {snr_db:3d} dB: weight of speech {weights[ratios[:, 0] == snr_db, 0].mean():.2f}")
        there[:, 1] = False
        print(f"without pictures: weight of speech {model([speech, pictures], there)[1][:, 0].min():.2f}")
    there[:, 0] = False
    try:
        model([speech, pictures], there)
    except ValueError as error:
        print(f"without both: {error}")


if __name__ == "__main__":
    main()
