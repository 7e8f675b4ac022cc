"""Voices and embeddings: how right the diarizer is, and what voiceprints, CLIP batches and sentence batches cost.

Conversations are joined from single utterances, so that who speaks when is known; 2–9 s of each are used, made up to
5 dB louder or softer, and followed by 0.05–0.7 s of silence. The diarization error rate counts missed, false and
confused speech outside 0.25 s around each border; pauses inside the references are found by the same voice activity
detector on each utterance alone. English: LibriSpeech test-other (5 speakers). Mandarin: Common Voice, speakers that
were not used to choose the constants. CLIP and MiniLM have the true sizes and random weights: only their speed counts.
Needs the data folder (VIVAVOCE_DATA, or ../shared/data), scipy and torch. Run: python benchmarks/hear.py   Prints JSON.
"""

import csv
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

import vivavoce as vv
from vivavoce.engines.abilities import Diarize, Embed, Turn, Voiceprint
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.diarize.clustering import PAUSE_S, VoiceprintClusters
from vivavoce.engines.embed import clip, sentence_transformers
from vivavoce.engines.voiceprint.ge2e import VoiceEncoder

RATE_HZ = 16_000
COLLAR_S = 0.25
STEP_S = 0.01
FEWEST_CLIPS = 8  # of a Mandarin speaker
MOST_PEOPLE = 24
Speakers = dict[str, list[Path]]


def librispeech(data: Path) -> Speakers:
    found: Speakers = defaultdict(list)
    for file in sorted((data / "librispeech").glob("*.opus")):
        found[file.name.split("-")[0]].append(file)
    return dict(found)


def common_voice(data: Path) -> Speakers:
    found: Speakers = defaultdict(list)
    with (data / "asr/zh/manifest.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found[row["speaker"]].append(data / "asr/zh" / row["file"])
    names = sorted(name for name, files in found.items() if len(files) >= FEWEST_CLIPS)
    return {name: found[name] for name in names[len(names) // 2 :][:MOST_PEOPLE]}  # the first half chose the constants


def samples_of(file: Path) -> npt.NDArray[np.float32]:
    return vv.open(file, rate_hz=RATE_HZ, mono=True).samples[:, 0]


def conversation(
    speakers: Speakers, count: int, seconds: float, rng: np.random.Generator
) -> tuple[vv.Audio, list[Turn]]:
    """Return a sound of about `seconds` in which `count` people speak in turn, and when each does."""
    people = [str(name) for name in rng.choice(sorted(speakers), count, replace=False)]
    parts: list[npt.NDArray[np.float32]] = []
    turns: list[Turn] = []
    at_s, last = 0.0, ""
    with SileroVad(min_silence_s=PAUSE_S).open("cpu") as detect_speech:
        while at_s < seconds or len({turn.speaker for turn in turns}) < count:
            last = str(rng.choice([name for name in people if name != last or count == 1]))
            piece = samples_of(Path(rng.choice([str(file) for file in speakers[last]])))
            length = min(len(piece), round(rng.uniform(2, 9) * RATE_HZ))
            start = int(rng.integers(0, len(piece) - length + 1))
            piece = piece[start : start + length] * np.float32(10 ** (rng.uniform(-5, 5) / 20))
            spans = detect_speech(vv.Audio(piece, RATE_HZ))
            turns += [Turn(last, at_s + span.start_s, at_s + span.end_s) for span in spans]
            parts += [piece, np.zeros(round(rng.uniform(0.05, 0.7) * RATE_HZ), np.float32)]
            at_s += (len(parts[-2]) + len(parts[-1])) / RATE_HZ
    return vv.Audio(np.concatenate(parts), RATE_HZ), turns


def activity(turns: Sequence[Turn], steps: int) -> npt.NDArray[np.bool_]:
    names = sorted({turn.speaker for turn in turns})
    active = np.zeros((max(1, len(names)), steps), bool)
    for turn in turns:
        active[names.index(turn.speaker), round(turn.start_s / STEP_S) : round(turn.end_s / STEP_S)] = True
    return active


def error_rate(reference: Sequence[Turn], found: Sequence[Turn], seconds: float) -> float:
    """Return the share of reference speech that is missed, false or given to the wrong speaker."""
    steps = round(seconds / STEP_S) + 1
    scored = np.ones(steps, bool)
    for edge_s in [edge_s for turn in reference for edge_s in (turn.start_s, turn.end_s)]:
        scored[max(0, round((edge_s - COLLAR_S) / STEP_S)) : round((edge_s + COLLAR_S) / STEP_S)] = False
    truth, guess = activity(reference, steps)[:, scored], activity(found, steps)[:, scored]
    together = (truth[:, None] & guess[None]).sum(axis=2)
    right = together[linear_sum_assignment(-together)].sum()
    return float((np.maximum(truth.sum(axis=0), guess.sum(axis=0)).sum() - right) / truth.sum())


def diarization(diarize: Diarize, speakers: Speakers, seconds: float, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    errors, told, counted, took_s, length_s = [], [], [], 0.0, 0.0
    for number in range(20):
        count = 1 + number % min(5, len(speakers))
        audio, reference = conversation(speakers, count, seconds, rng)
        began_s = time.perf_counter()
        found = diarize(audio, None)
        took_s, length_s = took_s + time.perf_counter() - began_s, length_s + audio.duration_s
        errors.append(error_rate(reference, found, audio.duration_s))
        counted.append(len({turn.speaker for turn in found}) - count)
        told.append(error_rate(reference, diarize(audio, count), audio.duration_s))
    return {
        "conversations": len(errors),
        "error_rate_mean": round(statistics.mean(errors), 4),
        "error_rate_median": round(statistics.median(errors), 4),
        "error_rate_mean_speakers_told": round(statistics.mean(told), 4),
        "count_right": round(statistics.mean(miss == 0 for miss in counted), 3),
        "count_off_by_one_at_most": round(statistics.mean(abs(miss) <= 1 for miss in counted), 3),
        "seconds_per_second": round(took_s / length_s, 4),
    }


def ten_minutes(diarize: Diarize, speakers: Speakers) -> dict[str, float]:
    audio, reference = conversation(speakers, 4, 600, np.random.default_rng(7))
    began_s = time.perf_counter()
    found = diarize(audio, None)
    took_s = time.perf_counter() - began_s
    return {
        "audio_s": round(audio.duration_s, 1),
        "seconds": round(took_s, 2),
        "error_rate": round(error_rate(reference, found, audio.duration_s), 4),
        "speakers": 4,
        "speakers_found": len({turn.speaker for turn in found}),
    }


def voiceprints(voiceprint: Voiceprint, speakers: Speakers) -> dict[str, float]:
    """Return the equal error rate over all pairs of utterances of different length, and the cost of a voiceprint."""
    chosen = [(name, vv.open(file)) for name, files in speakers.items() for file in files[:8]]
    began_s = time.perf_counter()
    rows = np.stack([voiceprint(audio) for _, audio in chosen])
    took_s = time.perf_counter() - began_s
    first, second = np.triu_indices(len(rows), 1)
    likeness = (rows @ rows.T)[first, second]
    same = np.array([chosen[a][0] == chosen[b][0] for a, b in zip(first, second, strict=True)])
    borders = np.sort(likeness)
    missed = np.searchsorted(np.sort(likeness[same]), borders) / same.sum()
    false = 1 - np.searchsorted(np.sort(likeness[~same]), borders) / (~same).sum()
    at = int(np.abs(missed - false).argmin())
    return {
        "utterances": len(rows),
        "speakers": len(speakers),
        "equal_error_rate": round(float((missed[at] + false[at]) / 2), 4),
        "at_likeness": round(float(borders[at]), 3),
        "seconds_per_second": round(took_s / sum(audio.duration_s for _, audio in chosen), 4),
    }


def random_clip(folder: Path) -> Path:
    """Write a CLIP ViT-B/32 of the true size with random weights and a tokenizer of bytes."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: at for at, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<|endoftext|>").save_pretrained(folder)
    CLIPModel(CLIPConfig()).save_pretrained(folder)
    CLIPImageProcessorPil().save_pretrained(folder)
    return folder


def random_minilm(folder: Path) -> Path:
    """Write a MiniLM-L6 of the true size with random weights and a tokenizer of single letters."""
    from transformers import BertConfig, BertModel, BertTokenizer

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *TEXT_WORDS]), "utf-8")
    shape = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
    BertModel(BertConfig(**shape)).save_pretrained(folder)
    BertTokenizer(vocab=str(folder / "vocab.txt"), model_max_length=256).save_pretrained(folder)
    return folder


TEXT_WORDS = "the old bridge was built in spring every evening people walk across it on their way home".split()


def batches(embed: Embed, values: Sequence[vv.Text | vv.Image]) -> dict[str, float]:
    """Time the values in one call against one call each, in turn; the ratio is that of the medians."""
    together, singly = [], []
    for _ in range(3):
        together.append(_timed(lambda: embed(values)))
        singly.append(_timed(lambda: [embed([value]) for value in values]))
    most, least = statistics.median(singly), statistics.median(together)
    return {
        "values": len(values),
        "batched_s": round(least, 3),
        "one_by_one_s": round(most, 3),
        "ratio": round(most / least, 2),
    }


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def embedders() -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(0)
    texts = [vv.Text(" ".join(rng.choice(TEXT_WORDS, rng.integers(3, 60)))) for _ in range(128)]
    short = [vv.Text(text.text[:60]) for text in texts[:64]]
    images = [vv.Image(rng.integers(0, 256, (480, 640, 3), dtype=np.uint8)) for _ in range(32)]
    with tempfile.TemporaryDirectory() as folder:
        seeing = Checkpoint(alias="clip", engine="clip", folder=str(random_clip(Path(folder) / "clip")))
        reading = Checkpoint(alias="minilm", engine="st", folder=str(random_minilm(Path(folder) / "minilm")))
        with clip.engines(seeing)[0].open("cpu") as embed:
            result = {"clip images": batches(embed, images), "clip texts": batches(embed, short)}
        with sentence_transformers.engines(reading)[0].open("cpu") as embed:
            return {**result, "minilm texts": batches(embed, texts)}


def main() -> None:
    data = Path(os.environ.get("VIVAVOCE_DATA", "../shared/data"))
    if not data.is_dir():
        print(json.dumps({"skipped": "needs the recordings of the data folder; set VIVAVOCE_DATA"}))
        return
    english, mandarin = librispeech(data), common_voice(data)
    result: dict[str, dict[str, object]] = {"embedders, random weights": {**embedders()}}
    with VoiceEncoder().open("cpu") as voiceprint:
        result["voiceprints"] = {
            "english": voiceprints(voiceprint, english),
            "mandarin": voiceprints(voiceprint, mandarin),
        }
    with VoiceprintClusters().open("cpu") as diarize:
        result["diarization"] = {
            "english, 90 s": diarization(diarize, english, 90, 1),
            "mandarin, 60 s": diarization(diarize, mandarin, 60, 2),
            "english, 10 min": ten_minutes(diarize, english),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
