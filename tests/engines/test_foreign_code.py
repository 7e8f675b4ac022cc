"""A model folder that brings Python code: every back end refuses it before anything of it runs."""

import json

import pytest

from tiny import embed, hear, language, omni, see
from vivavoce.engines.catalog import engines_named
from vivavoce.errors import EngineError

BUILDERS = (
    *(embed.sentence_bert, embed.clip, hear.clap, hear.ast, hear.xvector),
    *(see.blip, see.blip_captioner, see.llava, see.qwen2_5_vl, omni.qwen2_5_omni, omni.gemma3),
    *(language.causal, language.marian, language.nllb),
)
READ_FIRST = {  # files of settings, what names the class in each, and by which loader it is read
    "config.json": ("model_type", "AutoConfig"),
    "tokenizer_config.json": ("tokenizer_class", "AutoTokenizer"),
    "preprocessor_config.json": ("feature_extractor_type", "AutoFeatureExtractor"),
}


@pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)
def test_no_code_of_a_model_runs_even_where_somebody_would_say_yes(build, tmp_path, monkeypatch):
    folder = build(tmp_path / "model")
    canary = tmp_path / "canary"
    (folder / "evil.py").write_text(f"open({str(canary)!r}, 'w')\nclass Evil: pass\n")
    found = engines_named(str(folder))
    for name, (key, loader) in READ_FIRST.items():
        held = json.loads((folder / name).read_text()) if (folder / name).is_file() else {}
        code = "evil.Evil" if name != "tokenizer_config.json" else ["evil.Evil", "evil.Evil"]
        (folder / name).write_text(json.dumps({**held, key: "Evil", "auto_map": {loader: code}}))
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    for engine in found:
        with pytest.raises(EngineError, match="Python code of its own"), engine.open("cpu"):
            pass
    assert not canary.exists()
