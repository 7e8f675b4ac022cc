import pytest

from vivavoce.engines.hub_files import refuse, selected
from vivavoce.errors import EngineError

REPOSITORIES = {
    "transformers": (
        ["config.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5", "tokenizer.json", "onnx/model.onnx"],
        None,
        ["config.json", "model.safetensors", "tokenizer.json"],
    ),
    "parts": (
        [
            "config.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "consolidated.safetensors",
        ],
        None,
        ["config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
    ),
    "diffusers": (
        [
            "model_index.json",
            "v1-5-pruned.safetensors",
            "unet/config.json",
            "unet/diffusion_pytorch_model.safetensors",
            "unet/diffusion_pytorch_model.fp16.safetensors",
            "vae_1_0/diffusion_pytorch_model.safetensors",
            "tokenizer/merges.txt",
        ],
        {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "x"], "tokenizer": ["transformers", "y"]},
        ["model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "tokenizer/merges.txt"],
    ),
    "half precision alone": (
        ["model_index.json", "prior/config.json", "prior/weights.bin", "prior/weights.fp16.safetensors"],
        {"_class_name": "ShapEPipeline", "prior": ["shap_e", "PriorTransformer"]},
        ["model_index.json", "prior/config.json", "prior/weights.fp16.safetensors"],
    ),
    "ctc with n-grams": (
        ["config.json", "model.safetensors", "language_model/3gram.bin", "language_model/attrs.json"],
        None,
        ["config.json", "model.safetensors", "language_model/3gram.bin"],
    ),
    "sentence transformers": (
        ["modules.json", "config.json", "model.safetensors", "1_Pooling/config.json", "openvino/openvino_model.bin"],
        None,
        ["modules.json", "config.json", "model.safetensors", "1_Pooling/config.json"],
    ),
    "ctranslate2": (
        ["config.json", "model.bin", "vocabulary.txt"],
        None,
        ["config.json", "model.bin", "vocabulary.txt"],
    ),
}


@pytest.mark.parametrize(("names", "index", "taken"), REPOSITORIES.values(), ids=REPOSITORIES.keys())
def test_what_a_back_end_loads_is_fetched_and_nothing_else(names, index, taken):
    assert selected(names, index) == taken


def test_patterns_of_a_model_take_the_place_of_the_rules_but_not_of_safety():
    names = ["en/voice.onnx", "en/voice.onnx.json", "de/other.onnx", "en/setup.py", "en/weights.pt", "voices/a.bin"]
    assert selected(names, None, ("en/*", "voices/*.bin")) == ["en/voice.onnx", "en/voice.onnx.json", "voices/a.bin"]


def test_a_repository_of_pickles_alone_is_refused():
    names = ["config.json", "pytorch_model.bin"]
    with pytest.raises(EngineError, match="are pickles"):
        refuse("a/b", names, selected(names, None))
    with pytest.raises(EngineError, match="holds no weights"):
        refuse("a/b", ["README.md"], [])
