"""Translation on a CPU: CTranslate2 with 8-bit weights against transformers, on the same weights side by side.

The model has the architecture of OPUS-MT (Marian, 6 + 6 layers, width 512, 65,001 tokens) and random weights, which
prove speed, never accuracy. 32 sentences of English books (VIVAVOCE_DATA, or ../shared/data) are translated to exactly
as many tokens by both; the tokens that come back are counted. The arms take turns; the ratio is that of the medians.

Run: python benchmarks/translate.py [--tokens 40] [--rounds 5] [--beams 4] [--threads 2]   Prints JSON.
"""

import argparse
import json
import lzma
import os
import platform
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

SENTENCES = 32
PIECES = 8000  # of the tokenizer, trained on the sentences' own source; OPUS-MT's are of this order
VOCABULARY = 65_001


def read_sentences() -> list[str]:
    file = Path(os.environ.get("VIVAVOCE_DATA", "../shared/data")) / "text" / "en_sentences.txt.xz"
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        return [line.strip() for _, line in zip(range(20_000), lines, strict=False) if line.strip()]


def make_model(folder: Path, sentences: list[str]) -> None:
    """Write a checkpoint of random weights with a tokenizer trained on `sentences`."""
    import sentencepiece
    import torch
    from transformers import MarianConfig, MarianMTModel

    with (folder / "source.spm").open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=file,
            vocab_size=PIECES,
            hard_vocab_limit=False,
            minloglevel=2,
        )
    (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    pieces = [model.id_to_piece(number) for number in range(model.get_piece_size())]
    words = ["</s>", "<unk>", *(piece for piece in pieces if piece not in ("<s>", "</s>", "<unk>"))]
    words += [f"filler{number}" for number in range(VOCABULARY - 1 - len(words))] + ["<pad>"]
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "MarianTokenizer"}')
    torch.manual_seed(0)
    config = MarianConfig(
        vocab_size=VOCABULARY,
        d_model=512,
        encoder_layers=6,
        decoder_layers=6,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        encoder_ffn_dim=2048,
        decoder_ffn_dim=2048,
        max_position_embeddings=512,
        activation_function="swish",
        scale_embedding=True,
        static_position_embeddings=True,
        pad_token_id=VOCABULARY - 1,
        decoder_start_token_id=VOCABULARY - 1,
        eos_token_id=0,
        forced_eos_token_id=None,
    )
    MarianMTModel(config).save_pretrained(folder)


def arms(folder: Path, sentences: list[str], tokens: int, beams: int, threads: int) -> dict[str, Callable[[], int]]:
    """Return each arm: a function that translates the batch and returns how many tokens came back."""
    import ctranslate2
    import torch
    from transformers import MarianMTModel, MarianTokenizer

    from vivavoce.engines.conversion import converted

    torch.set_num_threads(threads)
    tokenizer = MarianTokenizer.from_pretrained(folder)
    model = MarianMTModel.from_pretrained(folder, use_safetensors=True).eval()
    given = tokenizer(sentences, return_tensors="pt", padding=True)
    spelled = [tokenizer.convert_ids_to_tokens(tokenizer(sentence).input_ids) for sentence in sentences]

    def by_transformers() -> int:
        with torch.inference_mode():
            made = model.generate(
                **given, num_beams=beams, do_sample=False, min_new_tokens=tokens, max_new_tokens=tokens
            )
        return int(made[:, 1:].numel())  # the first is the one that the decoder starts from

    def by_ctranslate2(number_format: str) -> Callable[[], int]:
        folder_of_it = converted(folder, number_format)
        translator = ctranslate2.Translator(
            str(folder_of_it), device="cpu", compute_type=number_format, inter_threads=1, intra_threads=threads
        )
        settings = {"beam_size": beams, "min_decoding_length": tokens, "max_decoding_length": tokens}
        return lambda: sum(len(r.hypotheses[0]) for r in translator.translate_batch(spelled, **settings))

    return {
        "transformers_float32": by_transformers,
        "ctranslate2_float32": by_ctranslate2("float32"),
        "ctranslate2_int8": by_ctranslate2("int8"),
    }


def measure(runs: dict[str, Callable[[], int]], rounds: int) -> dict[str, dict[str, float]]:
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    returned: dict[str, int] = {}
    for number in range(rounds + 1):
        for name, run in runs.items():
            began_s = time.perf_counter()
            returned[name] = run()
            if number:  # the first round warms up
                seconds[name].append(time.perf_counter() - began_s)
    return {
        name: {
            "median_s": round(statistics.median(taken), 3),
            "spread_s": round(max(taken) - min(taken), 3),
            "returned_tokens": returned[name],
            "tokens_per_s": round(returned[name] / statistics.median(taken)),
        }
        for name, taken in seconds.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--beams", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    warnings.filterwarnings("ignore", message=".*sacremoses")
    everything = read_sentences()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["VIVAVOCE_HOME"] = scratch  # where the conversions go
        folder = Path(scratch) / "model"
        folder.mkdir()
        make_model(folder, everything)
        runs = arms(folder, everything[:SENTENCES], given.tokens, given.beams, given.threads)
        found = measure(runs, given.rounds)
    counts = {figures["returned_tokens"] for figures in found.values()}
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "settings": vars(given),
        "sentences": SENTENCES,
        "equal_tokens": len(counts) == 1,
        **found,
        "ratio_int8": round(found["transformers_float32"]["median_s"] / found["ctranslate2_int8"]["median_s"], 2),
        "ratio_float32": round(found["transformers_float32"]["median_s"] / found["ctranslate2_float32"]["median_s"], 2),
        "targets": {"ratio_int8": 3},
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
