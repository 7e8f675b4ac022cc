"""The gate: how much of a spoken sentence's vector comes from its sound, and how much from its words.

What the original got wrong:
- `TransformerEncoderLayer` without `batch_first=True` attends across the batch: what one person says changes what is
  made of another's words;
- `.mean(1)` counts padding: the mean must be taken under the mask.

Run: python3 docs/examples/articles/gate.py
Makes its own sentences. Vivavoce has no counterpart yet. The weights are random: what is shown is that a sentence gives
the same alone and in a batch, and that with the two mistakes it does not. Method: gated multimodal units, Arevalo et
al., 2017, arXiv:1702.01992.
Shapes: B batch, T frames or letters, D width.
"""

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

import vivavoce as vv
from vivavoce.engines.transcribe.log_mel import RATE_HZ, log_mel

BANDS, WIDTH = 80, 32
SENTENCES = ("The library opens at nine in the morning.", "It rains.")


class Encoder(nn.Module):
    """Sequences [B, T, inputs] to vectors [B, D]."""

    def __init__(self, inputs: int, *, batch_first: bool = True, masked: bool = True) -> None:
        super().__init__()
        self.masked = masked
        self.enter = nn.Linear(inputs, WIDTH)
        self.attend = nn.TransformerEncoderLayer(WIDTH, 4, 2 * WIDTH, dropout=0.0, batch_first=batch_first)

    def forward(self, sequences: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the mean over what `mask` [B, T] lets pass."""
        correct = self.attend.self_attn.batch_first
        padding = ~mask if correct else None  # where the batch is taken for time, no mask of time fits
        states = self.attend(self.enter(sequences), src_key_padding_mask=padding)
        if not self.masked:
            return states.mean(1)
        return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


class Gate(nn.Module):
    """Two vectors [B, D] to one, each number a mixture of both."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.speech, self.text = nn.Linear(width, width), nn.Linear(width, width)
        self.share = nn.Linear(2 * width, width)

    def forward(self, speech: torch.Tensor, text: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the mixture, and the share of speech in it, 0..1, each [B, D]."""
        share = torch.sigmoid(self.share(torch.cat([speech, text], dim=-1)))
        return share * torch.tanh(self.speech(speech)) + (1 - share) * torch.tanh(self.text(text)), share


class GatedSentence(nn.Module):
    """Sound and letters of sentences to vectors [B, D]."""

    def __init__(self, **settings: bool) -> None:
        super().__init__()
        self.hear, self.read = Encoder(BANDS, **settings), Encoder(WIDTH, **settings)
        self.letters = nn.Embedding(256, WIDTH)
        self.gate = Gate()

    def forward(self, sounds: list[torch.Tensor], texts: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what the gate returns for sounds [T, bands] and texts [T] of any lengths."""
        heard, read = padded(sounds), padded(texts)
        return self.gate(self.hear(*heard), self.read(self.letters(read[0]), read[1]))


def padded(sequences: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the sequences as one tensor, and bool [B, T]: what is no padding."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    return pad_sequence(sequences, batch_first=True), torch.arange(int(lengths.max())) < lengths[:, None]


def spoken(sentence: str) -> torch.Tensor:
    """Return the log-mel features [T, bands] of a sentence said aloud."""
    samples = vv.speak(sentence, language="en").at(RATE_HZ)
    return torch.from_numpy(log_mel(samples, BANDS, len(samples) // 160)).T


def main() -> None:
    sounds = [spoken(sentence) for sentence in SENTENCES]
    texts = [torch.tensor(list(sentence.encode())) for sentence in SENTENCES]
    for name, settings in (("ours", {}), ("as before", {"batch_first": False, "masked": False})):
        torch.manual_seed(0)
        model = GatedSentence(**settings).eval()
        with torch.inference_mode():
            together, share = model(sounds, texts)
            alone, _ = model(sounds[1:], texts[1:])
        print(f"{name}: alone against in a batch, difference {(together[1] - alone[0]).abs().max():.1e}")
    print(f"share of speech: {share.min():.2f} to {share.max():.2f}, {list(together.shape)} in all")


if __name__ == "__main__":
    main()
