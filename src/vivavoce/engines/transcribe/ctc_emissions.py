"""Speech to the log-probability of each token in each frame, by the encoders that are trained with CTC.

B batch, T frames, V tokens. Pieces of unlike length are batched such that each gets what it would get alone:
models whose first layer normalises over the whole recording ("group") hear every piece alone up to there, since
padding would change its mean; only what comes after, the transformer, runs on the batch, under a mask.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.engines.contract import require
from vivavoce.engines.torch_models import data_type
from vivavoce.engines.transcribe.pieces import RATE_HZ
from vivavoce.media.audio import Samples

LogProbs = npt.NDArray[np.float32]

FILTER_BANK_HOP = 160  # samples from one frame of a mel filter bank to the next


class Emissions:
    """A model with its feature extractor, both of transformers; raises nothing of its own."""

    def __init__(self, model: Any, extractor: Any, device: str) -> None:  # noqa: ANN401
        self._torch = require("torch", "hub")
        self._model, self._extractor, self._device = model, extractor, device
        self._hears_features = model.main_input_name == "input_features"
        self._grouped = getattr(model.config, "feat_extract_norm", "layer") == "group"
        self._adapted = bool(getattr(model.config, "add_adapter", False))

    @property
    def frame_s(self) -> float:
        """Seconds from one frame to the next."""
        if not self._hears_features:
            stride = int(self._model.config.inputs_to_logits_ratio)
        else:
            stride = FILTER_BANK_HOP * int(self._extractor.stride)
        config = self._model.config
        return stride * (config.adapter_stride**config.num_adapter_layers if self._adapted else 1) / RATE_HZ

    @property
    def alone(self) -> bool:
        """Whether pieces must go one by one: an adapter's convolutions look into the padding."""
        return self._adapted

    def __call__(self, pieces: Sequence[Samples]) -> list[LogProbs]:
        """Return for each piece, mono samples [frames] at `RATE_HZ`, natural logarithms float32 [T, V]."""
        torch = self._torch
        inputs = self._extractor(
            list(pieces), sampling_rate=RATE_HZ, padding=True, return_attention_mask=True, return_tensors="pt"
        )
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", "Support for mismatched key_padding_mask"
            )  # transformers' WavLM makes it so
            values = inputs[self._model.main_input_name].to(self._device, data_type(self._device))
            mask = inputs["attention_mask"].to(self._device)
            lengths = self._model._get_feat_extract_output_lengths(mask.sum(-1)).tolist()
            if self._grouped and not self._adapted:
                logits = self._logits_of_grouped(values, mask)
            else:
                logits = self._model(values, attention_mask=mask).logits
            found = torch.log_softmax(logits.float(), dim=-1).cpu().numpy()
        return [row[:length] for row, length in zip(found, lengths, strict=True)]

    def _logits_of_grouped(self, values: Any, mask: Any) -> Any:  # noqa: ANN401 - torch tensors
        torch, encoder = self._torch, self._model.base_model
        rows = [
            encoder.feature_extractor(row[: int(length)].unsqueeze(0)).squeeze(0).T  # [T, channels]
            for row, length in zip(values, mask.sum(-1), strict=True)
        ]
        frames = torch.tensor([len(row) for row in rows], device=self._device)
        heard = torch.arange(int(frames.max()), device=self._device) < frames.unsqueeze(1)  # [B, T]
        projected = encoder.feature_projection(torch.nn.utils.rnn.pad_sequence(rows, batch_first=True))
        hidden = projected[0] if isinstance(projected, tuple) else projected  # HuBERT's gives it alone
        return self._model.lm_head(encoder.encoder(hidden, attention_mask=heard)[0])
