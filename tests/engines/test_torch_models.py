"""Loading, batches and stopping, on a BLIP of random weights and on functions that run out of memory to order."""

import json
import struct
import time

import pytest
import torch

from tiny.see import blip
from vivavoce.engines.torch_models import Stop, data_type, in_batches, loaded, refuse_code
from vivavoce.errors import EngineError, OutOfMemory


@pytest.fixture
def folder(tmp_path):
    return blip(tmp_path / "model")


def load(folder):
    from transformers import BlipForQuestionAnswering

    with loaded(BlipForQuestionAnswering, folder, "cpu") as model:
        return model.training, next(model.parameters()).dtype


def test_a_model_comes_ready_to_infer_in_the_data_type_of_its_device(folder):
    assert load(folder) == (False, torch.float32)
    assert data_type("cpu") is torch.float32
    assert data_type("mps") is torch.float16


def header(content):
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return struct.pack("<Q", len(text)) + text


MALFORMED = {
    "empty": b"",
    "no header": b"\x08\0\0",
    "a header longer than the file": struct.pack("<Q", 1 << 60) + b"{}",
    "a header that is no JSON": header(b"{not json"),
    "a tensor beyond the end": header({"x": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}),
    "overlapping tensors": header({n: {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]} for n in "ab"})
    + b"\0" * 16,
    "an unknown type": header({"x": {"dtype": "Q9", "shape": [1], "data_offsets": [0, 4]}}) + b"\0" * 4,
    "a pickle": b"\x80\x04\x95",
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
def test_damaged_weights_are_an_error_within_a_second(folder, content):
    (folder / "model.safetensors").write_bytes(content)
    from transformers import BlipForQuestionAnswering  # imported before the clock runs

    began = time.perf_counter()
    with pytest.raises(EngineError, match="can be loaded"), loaded(BlipForQuestionAnswering, folder, "cpu"):
        pass
    assert time.perf_counter() - began < 5  # a second when nothing else runs


def test_a_pickle_beside_no_safetensors_is_never_loaded(folder, tmp_path):
    canary = tmp_path / "canary"

    class Evil:
        def __reduce__(self):
            return (open, (str(canary), "w"))

    (folder / "model.safetensors").unlink()
    torch.save({"x": Evil()}, folder / "pytorch_model.bin")
    with pytest.raises(EngineError, match="can be loaded"):
        load(folder)
    assert not canary.exists()


def test_code_that_a_model_brings_is_refused_and_never_imported(folder, tmp_path):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModel": "evil.Model"}}))
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'canary')!r}, 'w')")
    with pytest.raises(EngineError, match="Python code of its own"):
        refuse_code(folder)
    with pytest.raises(EngineError, match="Python code of its own"):
        load(folder)
    assert not (tmp_path / "canary").exists()


def test_a_batch_that_does_not_fit_is_halved_and_nothing_is_lost():
    sizes = []

    def run(batch):
        sizes.append(len(batch))
        if len(batch) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return [item * 2 for item in batch]

    assert in_batches(run, range(10), 8, "cpu") == [item * 2 for item in range(10)]
    assert sizes == [8, 4, 2, 2, 2, 2, 2]


def test_a_single_item_that_does_not_fit_is_an_error_of_its_own():
    def run(batch):
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")

    with pytest.raises(OutOfMemory):
        in_batches(run, range(4), 4, "cpu")


def test_other_failures_pass_through_unchanged():
    def run(batch):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        in_batches(run, range(4), 4, "cpu")


def test_generation_stops_after_the_token_at_which_it_is_asked_to():
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    config = GPT2Config(
        n_embd=16, n_layer=1, n_head=2, vocab_size=20, bos_token_id=0, eos_token_id=None, pad_token_id=0
    )
    stop = Stop()

    class AskAtFive(Stop):
        def __call__(self, input_ids, scores, **rest):
            if input_ids.shape[1] >= 5:
                stop.ask()
            return stop(input_ids, scores, **rest)

    ids = GPT2LMHeadModel(config).generate(
        torch.tensor([[1]]), attention_mask=torch.tensor([[1]]), max_new_tokens=50, stopping_criteria=[AskAtFive()]
    )
    assert ids.shape[1] == 5
