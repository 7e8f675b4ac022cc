"""Models that speak: checkpoints of the true architecture with random weights; see the package."""

import json
from pathlib import Path

LETTERS = "_abcdefghijklmnopqrstuvwxyz '-"


def vits(folder: Path, *, speakers: int = 1, uroman: bool = False, phonemize: bool = False, **shape) -> Path:
    """Write a tiny VITS with its tokenizer; with `speakers` it has several voices."""
    import torch
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    letters = LETTERS + ("ˈˌɪəɛɑʌʊɔæɹŋðθʃʒɾɚɜːɐᵻ,.!?" if phonemize else "")
    (folder / "vocab.json").write_text(json.dumps({letter: number for number, letter in enumerate(letters)}))
    torch.manual_seed(0)
    tiny = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "ffn_dim": 32,
        "flow_size": 16,
        "spectrogram_bins": 17,
        "upsample_initial_channel": 16,
        "duration_predictor_filter_channels": 16,
        "prior_encoder_num_flows": 2,
        "prior_encoder_num_wavenet_layers": 1,
        "posterior_encoder_num_wavenet_layers": 1,
    }
    config = VitsConfig(
        vocab_size=len(letters),
        num_speakers=speakers,
        speaker_embedding_size=8 if speakers > 1 else 0,
        **{**tiny, **shape},
    )
    model = VitsModel(config)
    settle_durations(model)
    model.save_pretrained(folder)
    VitsTokenizer(str(folder / "vocab.json"), phonemize=phonemize, is_uroman=uroman, pad_token="_").save_pretrained(
        folder
    )
    return folder


def settle_durations(model) -> None:
    """Let a VITS of random weights take some five frames for each letter, as trained ones do, and not thousands."""
    import torch

    with torch.no_grad():
        for flow in model.duration_predictor.flows:
            if hasattr(flow, "conv_proj"):
                flow.conv_proj.weight.zero_()
                flow.conv_proj.bias.zero_()
        model.duration_predictor.flows[0].translate.fill_(-0.5)
        model.duration_predictor.flows[0].log_scale.zero_()


def speecht5(folder: Path, width: int = 8) -> Path:
    """Write a tiny SpeechT5 with its tokenizer, and its vocoder in the folder `vocoder`."""
    import torch
    from transformers import (
        SpeechT5Config,
        SpeechT5ForTextToSpeech,
        SpeechT5HifiGan,
        SpeechT5HifiGanConfig,
        SpeechT5Tokenizer,
    )

    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    config = SpeechT5Config(
        vocab_size=40,
        hidden_size=16,
        encoder_layers=1,
        encoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=32,
        speaker_embedding_dim=width,
        speech_decoder_prenet_units=16,
        speech_decoder_postnet_units=16,
        speech_decoder_postnet_layers=2,
        conv_dim=(16,),
        conv_stride=(5,),
        conv_kernel=(10,),
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        max_text_positions=200,
        max_speech_positions=2000,
    )
    SpeechT5ForTextToSpeech(config).save_pretrained(folder)
    SpeechT5Tokenizer(str(_letters(folder)), normalize=False).save_pretrained(folder)
    vocoder = SpeechT5HifiGanConfig(upsample_initial_channel=16, upsample_rates=[4, 4, 4, 4])
    SpeechT5HifiGan(vocoder).save_pretrained(folder / "vocoder")
    return folder


def bark(folder: Path) -> Path:
    """Write a tiny Bark with its tokenizer and one preset, `v2/en_speaker_6`."""
    import numpy as np
    import torch
    from transformers import BarkConfig, BarkModel, BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    shape = {"num_layers": 1, "num_heads": 2, "hidden_size": 16, "block_size": 1024}
    codec = {
        "model_type": "encodec",
        "num_filters": 4,
        "hidden_size": 16,
        "codebook_dim": 16,
        "codebook_size": 1024,
        "num_lstm_layers": 1,
        "target_bandwidths": [6.0],
    }
    config = BarkConfig(
        semantic_config={**shape, "input_vocab_size": 129_600, "output_vocab_size": 10_048},
        coarse_acoustics_config={**shape, "input_vocab_size": 12_096, "output_vocab_size": 12_096},
        fine_acoustics_config={**shape, "input_vocab_size": 1056, "output_vocab_size": 1056},
        codec_config=codec,
    )
    model = BarkModel(config)
    model.save_pretrained(folder)
    generation = {
        "semantic_config": {"max_new_tokens": 8},
        "coarse_acoustics_config": {},
        "fine_acoustics_config": {},
        "sample_rate": 24_000,
        "codebook_size": 1024,
    }
    (folder / "generation_config.json").write_text(json.dumps(generation))
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz"]
    (folder / "vocab.txt").write_text("\n".join([*words, *(f"##{letter}" for letter in words[5:])]))
    BertTokenizer(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    files = {}
    for name, shape_of in (("semantic_prompt", (20,)), ("coarse_prompt", (2, 30)), ("fine_prompt", (8, 30))):
        files[name] = f"{name}.npy"
        np.save(folder / files[name], np.random.default_rng(0).integers(0, 1024, shape_of))
    (folder / "speaker_embeddings_path.json").write_text(
        json.dumps({"repo_or_path": "nobody/bark", "v2/en_speaker_6": files})
    )
    return folder


def piper(folder: Path, *, speakers: int = 1, language: str = "en_US", name: str = "") -> Path:
    """Write a Piper voice whose model hums a frame of 256 samples, times the length scale, for each id."""
    voice = name or f"{language}-tiny-low"
    inputs = [("input", "int64", [1, "n"]), ("input_lengths", "int64", [1]), ("scales", "float32", [3])]
    if speakers > 1:
        inputs.append(("sid", "int64", [1]))
    folder.mkdir(parents=True, exist_ok=True)
    pitch = "sid" if speakers > 1 else ""
    _hum(folder / f"{voice}.onnx", inputs, ids="input", scale=("scales", 1), divide=False, pitch=pitch, output="output")
    signs = "_^$ abcdefghijklmnopqrstuvwxyzˈˌɪəɛɑʌʊɔæɹŋðθʃʒɾɚɜːɐᵻχɕ,.!?;:0123456789"
    config = {
        "audio": {"sample_rate": 16000},
        "espeak": {"voice": "cmn" if language.startswith("zh") else "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": {sign: [number] for number, sign in enumerate(signs)},
        "num_speakers": speakers,
        "speaker_id_map": {f"speaker{number}": number for number in range(speakers)} if speakers > 1 else {},
        "language": {"code": language},
    }
    (folder / f"{voice}.onnx.json").write_text(json.dumps(config))
    return folder


def kokoro(folder: Path) -> Path:
    """Write a Kokoro with two English voices and a French one; it hums 600 samples for each id over the speed."""
    import numpy as np

    inputs = [("input_ids", "int64", [1, "n"]), ("style", "float32", [1, 256]), ("speed", "float32", [1])]
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    (folder / "voices").mkdir(exist_ok=True)
    scale = ("speed", 0)
    _hum(folder / "onnx" / "model.onnx", inputs, ids="input_ids", scale=scale, divide=True, pitch="", output="waveform")
    for number, voice in enumerate(("af_heart", "bf_emma", "ff_siwis")):
        styles = np.random.default_rng(number).normal(size=(510, 1, 256)).astype("<f4")
        styles.tofile(folder / "voices" / f"{voice}.bin")
    signs = "$;:,.!? abdefhijklmnoprstuvwzɑɔəɛɜɡɪŋɹɾʃʊʌʒˈˌːθðæAIWYOʤʧᵻ"
    vocabulary = {sign: number for number, sign in enumerate(signs)}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))
    (folder / "config.json").write_text(json.dumps({"model_type": "style_text_to_speech_2"}))
    return folder


def _hum(path: Path, inputs, *, ids: str, scale, divide: bool, pitch: str, output: str) -> None:
    """Write a model with a voice's inputs and output: a sine as long as the ids, scaled; `pitch` raises it."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    kinds = {"int64": TensorProto.INT64, "float32": TensorProto.FLOAT}
    constants = {
        "frame": np.array(600.0 if divide else 256.0, np.float32),
        "zero": np.array(0.0, np.float32),
        "one": np.array(1.0, np.float32),
        "step": np.array(2 * np.pi * 200 / 16000, np.float32),
        "quiet": np.array(0.05, np.float32),
        "length_axis": np.array([1], np.int64),
        "which": np.array([scale[1]], np.int64),
        "shape": np.array([1, 1, -1] if output == "output" else [1, -1], np.int64),
        "scalar": np.array([], np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Shape", [ids], ["ids_shape"]),
        node("Gather", ["ids_shape", "length_axis"], ["count"]),
        node("Cast", ["count"], ["count_float"], to=TensorProto.FLOAT),
        node("Gather", [scale[0], "which"], ["factor"]),
        node("Div" if divide else "Mul", ["count_float", "factor"], ["scaled"]),
        node("Mul", ["scaled", "frame"], ["long"]),
        node("Reshape", ["long", "scalar"], ["length"]),
        node("Range", ["zero", "length", "one"], ["ramp"]),
        node("Mul", ["ramp", "step"], ["turns"]),
    ]
    if pitch:
        nodes += [
            node("Cast", [pitch], ["pitch_float"], to=TensorProto.FLOAT),
            node("Add", ["pitch_float", "one"], ["raise"]),
            node("Mul", ["turns", "raise"], ["turned"]),
        ]
    nodes += [
        node("Sin", ["turned" if pitch else "turns"], ["wave"]),
        node("Mul", ["wave", "quiet"], ["soft"]),
        node("Reshape", ["soft", "shape"], [output]),
    ]
    graph = helper.make_graph(
        nodes,
        "hum",
        [helper.make_tensor_value_info(name, kinds[kind], shape) for name, kind, shape in inputs],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["b", 1, "t"] if output == "output" else ["b", "t"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _letters(folder: Path) -> Path:
    """Write a sentencepiece model of single letters and return its file."""
    import sentencepiece

    path = folder / "letters"
    letters = "abcdefghijklmnopqrstuvwxyz"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([" ".join(letters), letters] * 4),
        model_prefix=str(path),
        model_type="char",
        vocab_size=31,
        hard_vocab_limit=False,
        minloglevel=2,
        pad_id=1,
        bos_id=0,
        eos_id=2,
        unk_id=3,
    )
    return path.with_suffix(".model")
