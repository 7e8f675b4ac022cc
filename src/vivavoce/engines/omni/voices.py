"""The voices of Qwen's omni models. Qwen3-Omni has them in itself; those of Qwen2.5-Omni are published as a pickle.

A pickle is never read unasked, so a user converts it once:
`python -m vivavoce.engines.omni.voices spk_dict.pt FOLDER` reads the pickle as data alone (torch's `weights_only`)
and writes `speakers.safetensors` beside the model.
"""

import json
import sys
from pathlib import Path
from typing import Any

from vivavoce.engines.contract import require
from vivavoce.errors import EngineError, NotReady

Parts = dict[str, Any]

VOICES = "speakers.safetensors"
PARTS = ("bos_token", "cond", "ref_mel")  # the token that begins a reply, a voiceprint, and a sample as log-mel


def voices_of(folder: Path, engine: str) -> dict[str, Parts]:
    """Return the voices by name, with no parts where the model has them in itself; raise NotReady without any."""
    path = folder / "config.json"
    held = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    known = (held.get("talker_config") or {}).get("speaker_id")
    return {name: {} for name in known} if known else load_voices(folder, engine)


def load_voices(folder: Path, engine: str) -> dict[str, Parts]:
    """Return each voice's parts, as the model takes them; raise NotReady with the command that converts them."""
    path = folder / VOICES
    if not path.is_file():
        raise NotReady(
            "the voices of {engine} come as a pickle; fetch its spk_dict.pt and run: "
            "python -m vivavoce.engines.omni.voices spk_dict.pt {folder}",
            engine=engine,
            folder=folder,
        )
    voices: dict[str, Parts] = {}
    for key, tensor in require("safetensors.torch", "hub").load_file(path).items():
        name, _, part = key.rpartition(".")
        voices.setdefault(name, {})[part] = int(tensor) if part == "bos_token" else tensor
    return voices


def convert(source: Path, folder: Path) -> Path:
    """Write the voices of a spk_dict.pt into `folder`; raise EngineError when it holds anything but numbers."""
    torch = require("torch", "hub")
    try:
        read = torch.load(source, weights_only=True, map_location="cpu")
        tensors = {
            f"{name}.{part}": torch.as_tensor(voice[part]).clone() for name, voice in read.items() for part in PARTS
        }
    except Exception as error:  # torch, pickle and zipfile raise classes of their own
        raise EngineError(
            "the file {path} holds no voices ({reason}); name the model's own spk_dict.pt",
            path=source,
            reason=str(error).split("\n")[0][:200],
        ) from error
    require("safetensors.torch", "hub").save_file(tensors, folder / VOICES)
    return folder / VOICES


if __name__ == "__main__":
    sys.stdout.write(f"{convert(Path(sys.argv[1]), Path(sys.argv[2]))}\n")
