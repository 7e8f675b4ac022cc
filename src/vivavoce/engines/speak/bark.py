"""Bark (Suno, 2023) by transformers: speech by a chain of language models, in thirteen languages.

A voice is a preset: three arrays of tokens that were said before, in `.npy` files named by
`speaker_embeddings_path.json`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vivavoce.engines.abilities import Speak
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port, require
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.normalise import Clause
from vivavoce.engines.speak.onnx_models import read_json
from vivavoce.engines.speak.prosody import fitting
from vivavoce.engines.speak.voicing import Speaker, Take, no_voice
from vivavoce.engines.torch_models import loaded
from vivavoce.errors import EngineError
from vivavoce.media.audio import Samples
from vivavoce.media.modality import Modality

MODEL_TYPES = ("bark",)
MAX_TEXT_TOKENS = 256
DEFAULT_PRESET = "v2/{language}_speaker_6"
PROMPTS = {"semantic_prompt": 1, "coarse_prompt": 2, "fine_prompt": 2}  # the array of each, and its dimensions


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (BarkSpeaker(model=model),)


@dataclass(frozen=True, kw_only=True)
class BarkSpeaker:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        return self.model.card(
            Ability.SPEAK,
            (port(Modality.TEXT),),
            port(Modality.SPEECH, Trait.SPOKEN),
            "lively voices that laugh and sigh, slow without a GPU",
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Speak]:
        """Yield the speaker; raise NotReady without the library or the weights."""
        folder = self.model.path()
        torch, transformers = require("torch", "hub"), require("transformers", "hub")
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        presets = _presets(folder)
        with loaded(transformers.BarkModel, folder, device) as model:
            rate_hz = int(model.generation_config.sample_rate)

            def tokens(said: str) -> int:
                return len(tokenizer(said, add_special_tokens=False).input_ids)

            def sound(said: str, history: dict[str, Any] | None) -> Samples:
                words = tokenizer(
                    said,
                    max_length=MAX_TEXT_TOKENS,
                    padding="max_length",
                    add_special_tokens=False,
                    return_token_type_ids=False,
                    return_tensors="pt",
                ).to(device)
                with torch.inference_mode():
                    made = model.generate(**words, history_prompt=history)
                return np.asarray(made[0].float().cpu().numpy())

            def say(clause: Clause, voice: Voice) -> Iterator[Take]:
                preset = self._preset(presets, voice.name, clause.language)
                history = _history(folder, preset, device) if preset is not None else None
                parts = fitting(clause.said, tokens, MAX_TEXT_TOKENS)
                yield Take(np.concatenate([sound(part, history) for part in parts]), rate_hz, clause.written)

            yield Speaker(name=self.card.name, languages=self.model.languages, say=say, own_speed=False)

    def _preset(self, presets: Mapping[str, Any], wanted: str, language: str) -> Any:  # noqa: ANN401 - of JSON
        """Return the files of a preset: the one named, else the language's own, else none."""
        if not wanted:
            return presets.get(DEFAULT_PRESET.format(language=language))
        if wanted not in presets:
            raise no_voice(self.card.name, wanted, list(presets))
        return presets[wanted]


def _presets(folder: Path) -> dict[str, Any]:
    listed = folder / "speaker_embeddings_path.json"
    held = read_json(listed) if listed.is_file() else {}
    return {name: files for name, files in held.items() if isinstance(files, dict)}


def _history(folder: Path, preset: Mapping[str, Any], device: str) -> dict[str, Any]:
    """Return the tokens of a preset; raise EngineError for files that are missing, damaged or outside the folder."""
    torch = require("torch", "hub")
    history = {}
    for name, dimensions in PROMPTS.items():
        relative = Path(str(preset.get(name, "")))
        if relative.is_absolute() or ".." in relative.parts:
            raise EngineError(
                "the preset of a voice names {path}, outside its model; get the model again", path=relative
            )
        try:
            tokens = np.load(folder / relative, allow_pickle=False)
        except (OSError, EOFError, ValueError) as error:
            raise EngineError("the file {path} is no preset of a voice; get the model again", path=relative) from error
        if tokens.ndim != dimensions:
            raise EngineError("the file {path} is no preset of a voice; get the model again", path=relative)
        history[name] = torch.from_numpy(tokens.astype(np.int64)).to(device)
    return history
