"""Against the back end written for a model, on the same weights; what they share is in see/test_looking."""

import numpy as np
import pytest

from tiny import omni, see
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.conversation import ChatOptions, Message
from vivavoce.engines.omni import any_to_any
from vivavoce.engines.see import llava
from vivavoce.errors import EngineError
from vivavoce.media.image import Image


def picture(seed=0, height=40, width=60):
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def local(folder):
    return Checkpoint(alias="tiny", engine="any-to-any", folder=str(folder))


@pytest.mark.parametrize("images", [(picture(),), (picture(1), picture(2, 30, 90)), ()], ids=["one", "two", "none"])
def test_the_librarys_own_processor_leads_to_the_same_words(tmp_path, images):
    from transformers import AutoTokenizer, CLIPImageProcessorPil, LlavaProcessor

    folder = see.llava(tmp_path)
    LlavaProcessor(
        image_processor=CLIPImageProcessorPil.from_pretrained(folder),
        tokenizer=AutoTokenizer.from_pretrained(folder),
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=see.LLAVA_TEMPLATE,
    ).save_pretrained(folder)
    written = []
    for back_end in (llava, any_to_any):
        with back_end.load(local(folder), "cpu") as seer:
            message = Message("user", "What is this?", images=images)
            written.append("".join(seer.write([message], ChatOptions(temperature=0, max_tokens=30))))
    assert written[0] == written[1]
    assert len(written[0]) > 3


def test_a_model_whose_processor_needs_torchvision_is_refused_with_the_reason(tmp_path):
    folder = see.qwen2_5_vl(tmp_path)
    with pytest.raises(EngineError, match=r"can't be prepared without torchvision .*; choose another model"):
        with any_to_any.load(local(folder), "cpu"):
            pass


def test_the_answer_depends_on_what_gemma_is_shown(tmp_path):
    with any_to_any.load(local(omni.gemma3(tmp_path)), "cpu") as seer:
        asked = [[Message("user", "What is this?", images=(picture(seed),))] for seed in range(4)]
        together = seer.write_each(asked, 12)
        assert together == [seer.write_each([conversation], 12)[0] for conversation in asked]
    assert len(set(together)) > 1
