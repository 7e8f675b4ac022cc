import numpy as np
import pytest

from vivavoce.engines.embed.wordllama import WIDTH, WordLlama
from vivavoce.media.text import Text


@pytest.fixture(scope="module")
def embed():
    with WordLlama().open("cpu") as ability:
        yield ability


def test_like_meanings_lie_closer_than_unlike_ones(embed):
    cat, kitten, invoice = embed([Text("a cat on a mat"), Text("a kitten on a rug"), Text("the invoice is overdue")])
    assert cat @ kitten > cat @ invoice + 0.2


def test_vectors_have_length_one_and_no_texts_give_none(embed):
    vectors = embed([Text("one"), Text("two words"), Text("三个字")])
    assert vectors.shape == (3, WIDTH) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert embed([]).shape == (0, WIDTH)
