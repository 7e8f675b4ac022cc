"""The articles' programs run offline on tiny models and print what they promise; here on the same interpreter, in turn.

Numbers in what they print are checked as numbers: parities, losses that fall, the share of trained parameters.
"""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch

from vivavoce.apps.converter import default_converter

PROJECT = Path(__file__).parents[2]
ARTICLES = PROJECT / "docs" / "examples" / "articles"
PAGES = (PROJECT / "docs" / "articles.md", PROJECT / "docs" / "zh" / "articles.md")
SHARED = {"tiny_models.py", "tiny_words.py"}
PROGRAMS = {path.name for path in ARTICLES.glob("*.py")} - SHARED
WRITES = {"assistant_step", "onnx_export", "quantise", "stable_diffusion"}
NUMBER = r"(-?\d+(?:\.\d+)?(?:e[-+]\d+)?)"
# What libraries say of themselves, where the program does what they still offer.
QUANTISED = ("torch.ao.quantization is deprecated", "torch.quantize_per_tensor", "TypedStorage is deprecated")
EXPORTED = (r"# The axis name", r"`isinstance\(treespec, LeafSpec\)` is deprecated")


@pytest.fixture
def run(monkeypatch, tmp_path, capfd):
    """Run a program with a converter of its own, so that no engine of a program's serves another test.

    On one thread: for tensors as small as these, more of them only wait for each other.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.syspath_prepend(str(ARTICLES))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path / "home"))
    default_converter.cache_clear()

    def run_program(name):
        importlib.import_module(name).main(*([str(tmp_path)] if name in WRITES else []))
        return capfd.readouterr().out

    yield run_program
    torch.set_num_threads(threads)
    default_converter().close()
    default_converter.cache_clear()


def number(text, label):
    """Return the number that `label`, a pattern, stands before."""
    found = re.search(label + NUMBER, text)
    assert found, f"{label} is not in\n{text}"
    return float(found[1])


def falls(text, label):
    """Return by which factor a loss is smaller at the end, printed as “label 2.10 to 1.05”."""
    first, last = re.search(rf"{label} {NUMBER} to {NUMBER}", text).groups()
    return float(first) / max(float(last), 0.01)


def test_recogniser_hears_more_than_thirty_seconds_with_times(run):
    out = run("recogniser")
    assert number(out, "recording: ") > 35
    assert "frames: 3000 by default" in out and number(out, "by default, ") > 3500
    for side in ("plain", "ours"):
        assert re.search(rf"{side}: [2-9] segments, times inside the recording: True\n +0\.\d\d", out)
    assert out.count("When does the library open?") >= 4
    assert re.search(r"\n +30\.00 32\.00  ' When", out)  # the second window of plain Whisper


def test_mel_features_are_those_of_transformers(run):
    out = run("mel_features")
    assert "features [80, 3000]" in out and number(out, "difference ") < 1e-4
    assert "states [1500, 64] in torch.bfloat16" in out


def test_clip_vectors_are_those_of_transformers(run):
    out = run("clip_inputs")
    assert "pixels [1, 3, 224, 224]" in out and "vectors [3, 16]" in out
    assert number(out, "difference ") <= 1e-5


def test_llava_answers_alike_on_both_sides(run):
    out = run("llava_question")
    assert "<image>" in out and "tokens of the picture: 16 of" in out
    assert "the same answer: True" in out


def test_stable_diffusion_saves_the_same_pictures_on_both_sides(run, tmp_path):
    out = run("stable_diffusion")
    assert number(out, "difference of a colour: ") <= 1
    for name in ("plain-1", "plain-2", "ours-1", "ours-2"):
        assert (tmp_path / f"{name}.png").stat().st_size > 100
        assert re.search(rf"{name}\.png: 64 × 64", out)


def test_assistant_hears_answers_and_speaks(run, tmp_path):
    out = run("assistant_step")
    for side in ("plain", "ours"):
        assert f"{side}: When does the library open? → It opens at nine in the morning. → {side}.wav" in out
        assert (tmp_path / f"{side}.wav").stat().st_size > 10_000


def test_speech_processor_learns_writes_and_paints(run):
    out = run("speech_processor")
    assert "vectors [3, 1, 16]" in out and re.search(r"heard \[1, \d\d+, 64\]", out)
    assert falls(out, "loss of space:") > 2
    assert falls(out, "loss of words:") > 1.2
    assert falls(out, "loss of noise:") > 1.5
    assert "plain writes [1, 8] tokens, paints (64, 64, 3)" in out
    assert re.search(r"ours paints \(64, 64, 3\): \S+ → \S*whisper\S* → \S*stable_diffusion", out)


@pytest.mark.filterwarnings(*(f"ignore:{words}" for words in QUANTISED))
def test_quantised_model_is_smaller_and_survives_its_file(run, tmp_path):
    out = run("quantise")
    assert number(out, "ratio ") > 2
    assert number(out, "least cosine ") > 0.99
    assert "loaded against saved: equal True" in out
    assert "GPT-2 of two layers: 1 linear layer\n" in out
    assert (tmp_path / "bert-int8.pt").stat().st_size > 100_000


def test_activations_are_found_and_replaced(run):
    lines = run("activations").splitlines()
    assert [re.sub(r" \S+$", "", line) for line in lines] == [
        f"{model}: 0 nn.ReLU and 4 GELUs to {new}, output changed by"
        for model in ("Whisper", "CLIP")
        for new in ("SiLU", "Mish")
    ]
    assert all(1e-4 < number(line, "changed by ") < 10 for line in lines)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")
def test_qlora_trains_few_parameters_of_the_language_model_alone(run):
    out = run("qlora")
    assert re.search(r"names alone hit 14, 6 in the eyes\nadapters: 8, 0 in the eyes", out)
    assert number(out, r"parameters, ") <= 0.7
    losses = [float(loss) for loss in re.search(r"loss: (.+)", out)[1].split(", ")]
    assert losses == sorted(losses, reverse=True) and losses[-1] < losses[0]


def test_gate_gives_the_same_alone_and_in_a_batch(run):
    out = run("gate")
    assert number(out, "ours: .*difference ") < 1e-5
    assert number(out, "as before: .*difference ") > 1e-2
    assert 0 <= number(out, "share of speech: ") <= 1


def test_dynamic_gate_believes_speech_less_in_noise(run):
    out = run("dynamic_gate")
    assert number(out, "ratios of speech to noise: ") < 0.5
    assert falls(out, "loss") > 3
    clear, noisy = (number(out, rf"speech at +{snr_db} dB: weight of speech ") for snr_db in (30, -10))
    assert clear > noisy + 0.2
    assert "without pictures: weight of speech 1.00" in out
    assert "without both: a case without speech and without a picture can't be judged" in out


def test_multitask_head_learns_both_questions(run):
    out = run("multitask_head")
    assert len(set(re.search(r"first step: (\d+) of (\d+)", out).groups())) == 1
    assert falls(out, "loss of mood:") > 1.2
    assert number(out, "loss of speaker: .* to ") < 0.2
    assert number(out, "alone against in a batch: ") < 1e-5


def test_fusion_classifier_learns_class_and_space(run):
    out = run("fusion_classifier")
    assert falls(out, "loss of the class:") > 3
    assert falls(out, "loss of the space:") > 1.2
    assert "right: 8 of 8" in out
    assert number(out, "alone against in a batch: ") < 1e-5


@pytest.mark.slow
@pytest.mark.filterwarnings(*(f"ignore:{words}" for words in EXPORTED))
def test_exported_classifier_agrees_at_other_lengths(run, tmp_path):
    out = run("onnx_export")
    assert "ids [3, 8]" in out and "samples [3, 9000]" in out
    assert number(out, "parity at other lengths: ") <= 1e-5
    assert [path.name for path in tmp_path.glob("fusion*")] == ["fusion.onnx"]  # one file, weights inside


def test_a_program_runs_as_a_script(tmp_path):
    command = [sys.executable, str(ARTICLES / "gate.py")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert "alone against in a batch" in done.stdout


def test_every_program_is_tested():
    tree = ast.parse(Path(__file__).read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    ran = {node.args[0].value for node in calls if node.func.id == "run" and node.args}
    assert {name.removesuffix(".py") for name in PROGRAMS} == ran


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_header_is_the_manual(name):
    header = " ".join(ast.get_docstring(ast.parse((ARTICLES / name).read_text("utf-8"))).split())
    assert re.search(r"What (the original got wrong|goes wrong in programs of this kind, .+?): - ", header)
    assert f"Run: python3 docs/examples/articles/{name}" in header
    assert re.search(r"Makes its own|Needs no input|which makes", header)
    functions = {node.name for node in ast.parse((ARTICLES / name).read_text("utf-8")).body if hasattr(node, "name")}
    assert ("ours" in functions and "plain" in functions) or "no counterpart yet" in header


@pytest.mark.parametrize("page", PAGES, ids=["en", "zh"])
def test_page_lists_every_program_and_every_renamed_model(page):
    text = page.read_text("utf-8")
    assert {path for path in re.findall(r"articles/(\w+\.py)\)", text)} == PROGRAMS | SHARED
    rows = tomllib.loads((PROJECT / "src" / "vivavoce" / "engines" / "renamed.toml").read_text("utf-8"))["renamed"]
    for row in rows:
        line = next(line for line in text.splitlines() if line.startswith(f"| {row['name']} |"))
        assert f"[{row['instead']}](https://huggingface.co/{row['instead']})" in line
