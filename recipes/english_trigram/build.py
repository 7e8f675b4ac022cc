"""Build the small English trigram language model that the speech engine ships.

    python build_lm.py TEXT_FOLDER OUT.lm.bin [--exclude SENTENCES]

TEXT_FOLDER holds xz-compressed lines of openly licensed text:
    en_books.txt.xz             novels in the public domain
    en_sentences.txt.xz         Common Voice prompts, CC0
    en_librispeech_tc100.txt.xz id, tab, LibriSpeech transcript, CC BY 4.0

Words are limited to those of pocketsphinx's bundled dictionary. Probabilities are interpolated
modified Kneser-Ney; relative-entropy pruning (Stolcke, 1998) then brings the model down to the
wanted number of n-grams. Nothing is random: the same text gives the same file.
"""

from __future__ import annotations

import argparse
import lzma
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SPOKEN = {"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint"}
START, END, UNKNOWN = 0, 1, 2  # word numbers; UNKNOWN never enters the model
BASE = 1 << 20  # word numbers are below this, so three fit into one 64-bit key


def words_of(line: str) -> list[str]:
    """Return a line's words as spoken: lower case, no punctuation, titles written out."""
    line = line.lower().replace("’", "'").replace("--", " ").replace("-", " ")
    words = (word.strip("'") for word in re.findall(r"[a-z0-9'&]+", line))
    return [SPOKEN.get(word, word) for word in words if word]


def runs(words: list[str], length: int = 6) -> set[tuple[str, ...]]:
    """Return the runs of so many words, or the whole line where it is shorter."""
    return {tuple(words[i : i + length]) for i in range(max(1, len(words) - length + 1))}


def read_lines(folder: Path, exclude: set[tuple[str, ...]], without: set[str]) -> Iterator[list[str]]:
    """Yield the words of every line that shares no run with an excluded one and no banned word."""
    for path in sorted(folder.glob("en_*.txt.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                words = words_of(line.rpartition("\t")[2])
                if words and exclude.isdisjoint(runs(words)) and without.isdisjoint(words):
                    yield words


def dictionary_words() -> set[str]:
    """Return the words that the bundled pronunciation dictionary knows."""
    path = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    return {line.split(" ", 1)[0] for line in path.read_text(encoding="utf-8").splitlines()}


def number_text(lines: list[list[str]], known: set[str], min_count: int) -> tuple[list[str], Ints]:
    """Choose the vocabulary and turn the text into one row of word numbers."""
    counts = Counter(word for words in lines for word in words if word in known)
    chosen = sorted(word for word, count in counts.items() if count >= min_count)
    vocabulary = ["<s>", "</s>", "<unk>", *chosen]
    number = {word: index for index, word in enumerate(vocabulary)}
    text: list[int] = []
    for words in lines:
        text.append(START)
        text.extend(number.get(word, UNKNOWN) for word in words)
        text.append(END)
    return vocabulary, np.array(text, dtype=np.int64)


def count_ngrams(text: Ints, order: int) -> tuple[Ints, Floats]:
    """Return the sorted n-gram keys and their counts, within sentences, without UNKNOWN."""
    parts = [text[i : len(text) - order + 1 + i] for i in range(order)]
    valid = np.ones(len(parts[0]), dtype=bool)
    for index, part in enumerate(parts):
        valid &= part != UNKNOWN
        if index > 0:
            valid &= part != START
    key = np.zeros(int(valid.sum()), dtype=np.int64)
    for part in parts:
        key = key * BASE + part[valid]
    keys, counts = np.unique(key, return_counts=True)
    return keys, counts.astype(np.float64)


def discounts(counts: Floats) -> Floats:
    """Return the modified Kneser-Ney discount of every count (for 1, 2, and 3 or more)."""
    n = [float((counts == i).sum()) or 1.0 for i in range(1, 5)]
    y = n[0] / (n[0] + 2 * n[1])
    table = np.array([i + 1 - (i + 2) * y * n[i + 1] / n[i] for i in range(3)])
    return table.clip(0.1, [0.95, 1.9, 2.8])[np.minimum(counts, 3).astype(int) - 1]


def find(keys: Ints, wanted: Ints) -> Ints:
    """Return the place of each wanted key in the sorted keys; all must be there."""
    place = np.searchsorted(keys, wanted)
    if not np.array_equal(keys[place], wanted):
        raise ValueError("an n-gram lacks its shorter form")
    return place


class Level:
    """One order's n-grams: sorted keys, probabilities, back-off weights, and the order below."""

    def __init__(self, order: int, keys: Ints, p: Floats, lower: Level | None) -> None:
        self.order = order
        self.keys = keys
        self.p = p
        self.backoff: Floats = np.ones(len(keys))
        self.lower = lower
        if lower is not None:
            self.history = find(lower.keys, keys // BASE)
            self.p_below = lower.score(keys % BASE ** (order - 1))

    def score(self, wanted: Ints) -> Floats:
        """Return the probability of each wanted n-gram, backing off where it is not kept."""
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        p = self.p[place]
        missing = self.keys[place] != wanted
        if self.lower is not None and missing.any():
            keys = wanted[missing]
            weight = self.lower.backoff[find(self.lower.keys, keys // BASE)]
            p[missing] = weight * self.lower.score(keys % BASE ** (self.order - 1))
        return p


def estimate(order: int, keys: Ints, counts: Floats, lower: Level) -> Level:
    """Estimate interpolated probabilities of one order from its counts and the order below."""
    level = Level(order, keys, counts, lower)
    cut = discounts(counts)
    total = np.bincount(level.history, counts, len(lower.keys))
    freed = np.bincount(level.history, cut, len(lower.keys))
    lower.backoff = np.where(total > 0, freed / np.maximum(total, 1), 1.0)
    level.p = (counts - cut) / total[level.history]
    level.p += lower.backoff[level.history] * level.p_below
    return level


def renormalise(level: Level, lower: Level) -> None:
    """Recompute the back-off weights of the lower order from the n-grams that are left."""
    kept = np.bincount(level.history, level.p, len(lower.keys))
    kept_below = np.bincount(level.history, level.p_below, len(lower.keys))
    lower.backoff = np.maximum(1 - kept, 1e-9) / np.maximum(1 - kept_below, 1e-9)


def prune(level: Level, lower: Level, weight: Floats, keep: int, needed: Ints) -> Level:
    """Keep the n-grams whose loss would cost most relative entropy, and all those needed.

    weight is the probability of each history, by the lower order's index.
    """
    history = level.history
    kept = np.bincount(history, level.p, len(lower.keys))[history]
    kept_below = np.bincount(history, level.p_below, len(lower.keys))[history]
    left = np.maximum(1 - kept, 1e-9)
    new = (left + level.p) / np.maximum(1 - kept_below + level.p_below, 1e-9)
    change = np.log(new) - np.log(lower.backoff[history])
    loss = level.p * (np.log(level.p) - np.log(level.p_below * new)) - change * left
    cost = weight[history] * loss
    cost[np.isin(level.keys, needed)] = np.inf
    chosen = np.sort(np.argsort(-cost, kind="stable")[: max(keep, int(np.isinf(cost).sum()))])
    level = Level(level.order, level.keys[chosen], level.p[chosen], lower)
    renormalise(level, lower)
    return level


def build(text: Ints, size: int, bigrams: int, trigrams: int) -> tuple[Level, Level, Level]:
    """Estimate and prune the model for a vocabulary of the given size."""
    keys3, counts3 = count_ngrams(text, 3)
    keys2, counts2 = count_ngrams(text, 2)
    continuation = counts2.copy()  # bigrams after <s> keep their own counts
    inner = keys2 // BASE != START
    different = np.bincount(find(keys2, keys3 % BASE**2), minlength=len(keys2))
    continuation[inner] = np.maximum(different[inner], 1)
    unigram = np.bincount(keys2 % BASE, minlength=size).astype(np.float64)
    unigram[[START, UNKNOWN]] = 0
    words = np.delete(np.arange(size), UNKNOWN)
    p1 = (unigram[words] + 0.5) / (unigram[words] + 0.5).sum()
    first = Level(1, words, p1, None)
    second = estimate(2, keys2, continuation, first)
    third = estimate(3, keys3, counts3, second)
    weight2 = counts2 / counts2.sum()
    weight1 = np.bincount(second.history, weight2, len(words))
    third = prune(third, second, weight2, trigrams, np.zeros(0, dtype=np.int64))
    second = prune(second, first, weight1, bigrams, third.keys // BASE)
    third = Level(3, third.keys, third.p, second)
    renormalise(third, second)
    return first, second, third


def write_arpa(path: Path, vocabulary: list[str], levels: tuple[Level, ...]) -> None:
    """Write the model in the ARPA text format."""
    with path.open("w", encoding="utf-8") as file:
        file.write("\\data\\\n")
        for order, level in enumerate(levels, 1):
            file.write(f"ngram {order}={len(level.keys)}\n")
        for order, level in enumerate(levels, 1):
            file.write(f"\n\\{order}-grams:\n")
            logp = np.log10(np.maximum(level.p, 1e-10))
            backoff = np.log10(np.maximum(level.backoff, 1e-6))
            for key, p, weight in zip(level.keys.tolist(), logp, backoff, strict=True):
                parts = [key // BASE**i % BASE for i in reversed(range(order))]
                p = -99.0 if order == 1 and key == START else p
                tail = f"\t{weight:.4f}" if order < len(levels) else ""
                file.write(f"{p:.4f}\t{' '.join(vocabulary[i] for i in parts)}{tail}\n")
        file.write("\n\\end\\\n")


def main() -> None:
    """Read the text, build the model and write it in pocketsphinx's binary form."""
    parser = argparse.ArgumentParser(description="Build the English trigram model.")
    parser.add_argument("text", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--exclude", type=Path, help="test sentences to keep out")
    parser.add_argument("--without", default="", help="words whose lines to leave out, by comma")
    parser.add_argument("--min-count", type=int, default=2)
    parser.add_argument("--bigrams", type=int, default=185_000)
    parser.add_argument("--trigrams", type=int, default=365_000)
    args = parser.parse_args()
    exclude: set[tuple[str, ...]] = set()
    if args.exclude:
        for line in args.exclude.read_text("utf-8").splitlines():
            exclude |= runs(words_of(line.rpartition("\t")[2]))
    lines = list(read_lines(args.text, exclude, set(args.without.split(","))))
    vocabulary, text = number_text(lines, dictionary_words(), args.min_count)
    levels = build(text, len(vocabulary), args.bigrams, args.trigrams)
    print("n-grams:", [len(level.keys) for level in levels])
    with tempfile.TemporaryDirectory() as folder:
        arpa = Path(folder) / "model.lm"
        write_arpa(arpa, vocabulary, levels)
        pocketsphinx.NGramModel.readfile(str(arpa)).write(str(args.out))
    print("bytes:", args.out.stat().st_size)


if __name__ == "__main__":
    main()
