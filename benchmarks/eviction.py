"""Memory that an engine gives back when the pool closes it: BLIP in its published size, random weights.

Prints JSON: resident MB before, while the engine is warm, and after it was closed, three times over.

    python benchmarks/eviction.py
"""

import gc
import json
import re
import tempfile
from pathlib import Path

import numpy as np

from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.device import give_back
from vivavoce.engines.pool import Pool
from vivavoce.engines.see.blip import engines
from vivavoce.media.image import Image
from vivavoce.media.text import Text

ROUNDS = 3


def resident_mb() -> float:
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def checkpoint(folder: Path) -> Checkpoint:
    from transformers import BertTokenizer, BlipConfig, BlipForQuestionAnswering, BlipImageProcessorPil

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]", *(f"w{n}" for n in range(30_000))]
    (folder / "vocab.txt").write_text("\n".join(words))
    BlipForQuestionAnswering(BlipConfig()).save_pretrained(folder)
    BertTokenizer(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    BlipImageProcessorPil().save_pretrained(folder)
    return Checkpoint(alias="blip", engine="blip", folder=str(folder))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (engine,) = engines(checkpoint(Path(folder)))[:1]
        gc.collect()
        give_back("cpu")
        before = resident_mb()
        rounds = []
        for _ in range(ROUNDS):
            with Pool("cpu") as pool:
                with pool.use(engine) as answer:
                    answer([Image(np.zeros((64, 64, 3), np.uint8))], Text("w1 w2", "en"))
                    del answer
                warm = resident_mb()
            rounds.append({"warm_mb": round(warm), "after_mb": round(resident_mb())})
    kept = (rounds[-1]["after_mb"] - before) / (rounds[-1]["warm_mb"] - before)
    print(json.dumps({"before_mb": round(before), "rounds": rounds, "share_kept": round(kept, 3)}, indent=2))


if __name__ == "__main__":
    main()
