"""Against the plain library on the same random weights; what such models have in common is in test_looking."""

import numpy as np
import pytest

from tiny import see
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.conversation import ChatOptions, Message
from vivavoce.engines.see.patches import ALL_PICTURES_TOKENS, PICTURE_TOKENS, patches, tokens_of
from vivavoce.engines.see.qwen_vl import MODEL_TYPES, load
from vivavoce.media.image import Image

PROMPT = "<|im_start|>user\n{pictures}{text}<|im_end|>\n<|im_start|>assistant\n"


def picture(seed=0, height=40, width=60):
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.fixture(scope="module", params=["qwen2_5_vl", "qwen3_vl"])
def checkpoint(request, tmp_path_factory):
    folder = getattr(see, request.param)(tmp_path_factory.mktemp(request.param))
    return Checkpoint(alias="tiny", engine="qwen-vl", folder=str(folder))


def plain(folder, text, images):
    """Write by hand what the library's documentation shows, with no code of ours."""
    import torch
    from transformers import AutoModelForImageTextToText, AutoTokenizer, Qwen2VLImageProcessorPil

    model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert model.config.model_type in MODEL_TYPES
    seen = Qwen2VLImageProcessorPil.from_pretrained(folder)(images=[i.pillow() for i in images], return_tensors="pt")
    shown = ""
    for grid in seen["image_grid_thw"]:
        shown += f"<|vision_start|>{'<|image_pad|>' * (int(grid.prod()) // 4)}<|vision_end|>"
    words = tokenizer(PROMPT.format(pictures=shown, text=text), return_tensors="pt")
    kinds = (words.input_ids == model.config.image_token_id).int()
    with torch.inference_mode():
        ids = model.generate(**words, **seen, mm_token_type_ids=kinds, max_new_tokens=20, do_sample=False)
    return tokenizer.decode(ids[0, words.input_ids.shape[1] :], skip_special_tokens=True)


@pytest.mark.parametrize("images", [[picture()], [picture(1, 100, 64), picture(2, 30, 30)]], ids=["one", "two"])
def test_it_writes_what_the_library_writes(checkpoint, images):
    message = Message("user", "What is this?", images=tuple(images))
    with load(checkpoint, "cpu") as seer:
        ours = "".join(seer.write([message], ChatOptions(temperature=0, max_tokens=20)))
    wanted = plain(checkpoint.folder, "What is this?", images)
    assert ours == wanted
    assert len(wanted) > 3


@pytest.mark.parametrize(("count", "side", "most"), [(1, 20_000, PICTURE_TOKENS), (12, 750, ALL_PICTURES_TOKENS // 12)])
def test_huge_pictures_are_kept_to_so_many_tokens(checkpoint, count, side, most):
    from transformers import Qwen2VLImageProcessorPil

    processor = Qwen2VLImageProcessorPil.from_pretrained(checkpoint.folder)
    huge = Image(np.zeros((side, 750, 3), np.uint8))
    found = tokens_of(processor, patches(processor, [huge] * count))
    assert len(found) == count
    assert 0.6 * most < max(found) <= most


def test_engines_on_one_checkpoint_share_its_weights(checkpoint):
    with load(checkpoint, "cpu") as first, load(checkpoint, "cpu") as second:
        assert first.model is second.model
        assert first.turn is second.turn
    with load(checkpoint, "cpu") as third:
        assert third.model is not first.model
