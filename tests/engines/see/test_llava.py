"""Against the plain library on the same random weights; what such models have in common is in test_looking."""

import numpy as np
import pytest

from tiny import see
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.conversation import ChatOptions, Message
from vivavoce.engines.see.llava import PROCESSORS, load
from vivavoce.errors import EngineError
from vivavoce.media.image import Image

PROMPT = "USER: {pictures}{text} ASSISTANT:"


def picture(seed=0, height=40, width=60):
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.fixture(scope="module", params=["llava", "llava_onevision"])
def checkpoint(request, tmp_path_factory):
    folder = getattr(see, request.param)(tmp_path_factory.mktemp(request.param))
    return Checkpoint(alias="tiny", engine="llava", folder=str(folder))


def plain(folder, text, images, counts):
    """Let the library put the pictures where its own tokens stand, as its documentation shows."""
    import torch
    import transformers

    model = transformers.AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    shown = [image.pillow() for image in images]
    onevision = model.config.model_type == "llava_onevision"
    processor = getattr(transformers, PROCESSORS[model.config.model_type]).from_pretrained(folder)
    seen = processor(images=[shown] if onevision else shown, return_tensors="pt")
    pictures = "".join(f"{'<image>' * count}\n" for count in counts)
    words = tokenizer(PROMPT.format(pictures=pictures, text=text), return_tensors="pt")
    with torch.inference_mode():
        ids = model.generate(**words, **seen, max_new_tokens=20, do_sample=False)
    return tokenizer.decode(ids[0, words.input_ids.shape[1] :], skip_special_tokens=True)


# 32 × 32 pixels in patches of 8 have 16 features. OneVision adds to one picture alone those of 2 × 2 tiles, without the
# margins 6 rows of 8, each ended by one more; and to each of several pictures one that ends it.
@pytest.mark.parametrize(
    ("images", "counts"),
    [
        ([picture()], {"llava": [16], "llava_onevision": [16 + 6 * 8 + 6]}),
        ([picture(1), picture(2, 30, 30)], {"llava": [16, 16], "llava_onevision": [17, 17]}),
    ],
    ids=["one", "two"],
)
def test_it_writes_what_the_library_writes(checkpoint, images, counts):
    message = Message("user", "What is this?", images=tuple(images))
    with load(checkpoint, "cpu") as seer:
        ours = "".join(seer.write([message], ChatOptions(temperature=0, max_tokens=20)))
        kind = seer.model.config.model_type
    wanted = plain(checkpoint.folder, "What is this?", images, counts[kind])
    assert ours == wanted
    assert len(wanted) > 3


def test_a_template_without_a_place_for_pictures_is_named(tmp_path):
    folder = see.llava(tmp_path)
    (folder / "chat_template.jinja").write_text("{{ messages[0].content[-1].text }}")
    with load(Checkpoint(alias="tiny", engine="llava", folder=str(folder)), "cpu") as seer:
        with pytest.raises(EngineError, match="the chat template of tiny has no place for pictures"):
            seer.write_each([[Message("user", "What?", images=(picture(),))]], 5)
