"""Models that translate and converse: checkpoints of the true architecture with random weights; see the package."""

import json
from pathlib import Path

from tiny.tokenizers import byte_level

CORPUS = (
    "The quick brown fox jumps over the lazy dog.",
    "She sells sea shells by the sea shore, and he buys every one.",
    "今天天气很好，我们去公园散步吧。",
    "Guten Morgen! Wie geht es Ihnen heute?",
    "Please bring 3 apples, 2 pears and the book.",
)
SHAPE = {
    "d_model": 32,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": 64,
}
FLORES = ("eng_Latn", "zho_Hans", "zho_Hant", "deu_Latn", "yue_Hant")
CHATML = (
    "{% if tools %}<|im_start|>system\n{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}<|im_end|>\n{% endif %}"
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}"
    "{% for call in message.tool_calls or [] %}<tool_call>{{ call.function | tojson }}</tool_call>{% endfor %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def _sentence_pieces(target: Path, size: int = 120) -> list[str]:
    """Train a SentencePiece model on a few lines and return its pieces."""
    import sentencepiece

    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(CORPUS),
            model_writer=file,
            vocab_size=size,
            hard_vocab_limit=False,
            character_coverage=1.0,
            minloglevel=2,
        )
    model = sentencepiece.SentencePieceProcessor(model_file=str(target))
    return [model.id_to_piece(number) for number in range(model.get_piece_size())]


def marian(folder: Path, languages: tuple[str, ...] = ()) -> Path:
    """Write a tiny Marian translator; with `languages` it is told the target by a token such as >>cmn_Hans<<."""
    import torch
    from transformers import MarianConfig, MarianMTModel

    found = _sentence_pieces(folder / "source.spm")
    (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    words = ["</s>", "<unk>", *(f">>{code}<<" for code in languages)]
    words += [piece for piece in found if piece not in ("</s>", "<unk>", "<s>")] + ["<pad>"]
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {"tokenizer_class": "MarianTokenizer", "model_max_length": 64, "source_lang": "en", "target_lang": "zh"}
        )
    )
    pad = len(words) - 1
    torch.manual_seed(0)
    config = MarianConfig(
        **SHAPE,
        vocab_size=len(words),
        pad_token_id=pad,
        decoder_start_token_id=pad,
        eos_token_id=0,
        forced_eos_token_id=0,
        static_position_embeddings=True,
        scale_embedding=True,
        share_encoder_decoder_embeddings=True,
    )
    model = MarianMTModel(config)
    model.generation_config.bad_words_ids = [[pad]]
    model.generation_config.num_beams = 4
    model.save_pretrained(folder)
    return folder


def marian_ct2(folder: Path) -> Path:
    """Write a tiny Marian translator as a CTranslate2 folder, with the tokenizer beside."""
    import warnings

    from ctranslate2.converters import TransformersConverter

    source, target = marian(folder / "transformers"), folder / "ct2"
    copied = ["source.spm", "target.spm", "vocab.json", "tokenizer_config.json"]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*sacremoses")
        TransformersConverter(str(source), copy_files=copied).convert(str(target), quantization="int8")
    return target


def nllb(folder: Path) -> Path:
    """Write a tiny NLLB translator of five languages."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    letters = sorted({letter for line in CORPUS for letter in line if letter != " "} | {"▁"})
    words = ["<s>", "<pad>", "</s>", "<unk>", *letters]
    tokenizer = NllbTokenizer(
        model_max_length=64,
        vocab={word: number for number, word in enumerate(words)},
        merges=[],
        extra_special_tokens=list(FLORES),
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = M2M100Config(**SHAPE, vocab_size=len(tokenizer), decoder_start_token_id=2, scale_embedding=True)
    M2M100ForConditionalGeneration(config).save_pretrained(folder)
    return folder


def m2m100(folder: Path) -> Path:
    """Write a tiny M2M100 translator; its tokenizer knows the hundred languages of the published one."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    found = _sentence_pieces(folder / "sentencepiece.bpe.model")
    words = ["<s>", "<pad>", "</s>", "<unk>", *(piece for piece in found if piece not in ("<s>", "</s>", "<unk>"))]
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    tokenizer = M2M100Tokenizer(
        str(folder / "vocab.json"), str(folder / "sentencepiece.bpe.model"), model_max_length=64
    )
    tokenizer.add_special_tokens({"extra_special_tokens": list(tokenizer.lang_code_to_token.values())})
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    size = len(words) + len(tokenizer.lang_code_to_token) + tokenizer.num_madeup_words
    config = M2M100Config(**SHAPE, vocab_size=size, decoder_start_token_id=2, scale_embedding=True)
    model = M2M100ForConditionalGeneration(config)
    with torch.no_grad():
        model.get_input_embeddings().weight[len(words) :] *= 0.1  # so that it says more than language tokens
    model.save_pretrained(folder)
    return folder


def causal(folder: Path, template: str = CHATML, context: int = 512) -> Path:
    """Write a tiny Qwen2 language model of single bytes, with a chat template of the Qwen kind."""
    import torch
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=byte_level(special),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        extra_special_tokens=["<|im_start|>"],
    )
    tokenizer.chat_template = template or None
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        intermediate_size=64,
        max_position_embeddings=context,
        eos_token_id=tokenizer.convert_tokens_to_ids("<|im_end|>"),
        pad_token_id=tokenizer.convert_tokens_to_ids("<|endoftext|>"),
        bos_token_id=None,
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
    return folder
