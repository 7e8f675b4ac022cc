import pytest

from vivavoce.engines.draw.prompts import language_of, prompt_of, styles
from vivavoce.engines.options import Brush
from vivavoce.errors import EmptyInput, UsageError
from vivavoce.media.text import Text


def test_without_a_style_the_words_are_those_of_the_user():
    assert prompt_of(Text("  a red\nfox ", "en"), Brush(negative="a cat")).words == "a red fox"
    assert prompt_of(Text("a red fox", "en"), Brush(negative="a cat")).negative == "a cat"


@pytest.mark.parametrize("style", styles())
def test_a_style_holds_the_words_and_adds_to_them_in_their_language(style):
    english, chinese = (prompt_of(text, Brush(style=style)) for text in (Text("a fox", "en"), Text("狐狸")))
    assert english.words.startswith("a fox, ") and english.words.isascii()
    assert chinese.words.startswith("狐狸，") and not any(letter.isascii() for letter in chinese.words)
    assert english.negative.isascii() and not any(letter.isascii() for letter in chinese.negative)


def test_what_the_user_leaves_out_comes_before_what_the_style_does():
    assert prompt_of(Text("a fox"), Brush(style="photo", negative="snow")).negative.startswith("snow, painting")


def test_braces_in_the_words_are_words():
    assert "{0} {prompt} {x" in prompt_of(Text("{0} {prompt} {x"), Brush(style="photo")).words


def test_the_language_is_told_by_the_letters_where_it_is_not_said():
    assert [language_of(text) for text in (Text("fox"), Text("a 狐狸"), Text("renard", "fr"))] == ["en", "zh", "fr"]


def test_no_words_and_no_such_style_are_errors():
    with pytest.raises(EmptyInput, match="nothing to paint"):
        prompt_of(Text(" \n"), Brush())
    with pytest.raises(UsageError, match="unknown style “x”; choose one of photo, painting"):
        prompt_of(Text("a fox"), Brush(style="x"))
