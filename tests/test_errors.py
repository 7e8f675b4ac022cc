"""The tree of errors: templates, fields and languages."""

import pytest

from vivavoce import errors
from vivavoce.errors import CorruptMedia, EngineError, InputError, MissingFile, NotReady, RouteFailed, VivavoceError

TREE = errors.__doc__


def classes():
    return [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, VivavoceError)]


def test_the_drawing_in_the_docstring_is_the_tree():
    drawn, parents = {}, {}
    for line in TREE.splitlines():
        name = next((word for word in line.split() if word.isidentifier() and hasattr(errors, word)), None)
        if name and ("──" in line or line.strip() == name):
            depth = line.index(name)
            parents[depth] = name
            above = [at for at in parents if at < depth]
            drawn[name] = parents[max(above)] if above else None
    actual = {c.__name__: c.__mro__[1].__name__ if c is not VivavoceError else None for c in classes()}
    assert drawn == actual


def test_each_kind_of_error_says_what_it_is_for():
    assert all(c.__doc__ for c in classes())


def test_a_message_is_its_template_with_the_fields_filled_in():
    error = MissingFile("there is no file {path}; check the name", path="a{b}.wav")
    assert str(error) == "there is no file a{b}.wav; check the name"
    assert isinstance(error, InputError)


def test_a_message_comes_in_chinese_where_there_is_a_translation():
    error = MissingFile("there is no file {path}; check the name", path="a.wav")
    assert error.localized("en") == str(error)
    assert "a.wav" in error.localized("zh")
    assert "没有" in error.localized("zh") or "不存在" in error.localized("zh")
    assert VivavoceError("never translated {x}", x=1).localized("zh") == "never translated 1"
    assert error.localized("xx") == str(error)


def test_an_error_inside_another_is_translated_too():
    inner = MissingFile("there is no file {path}; check the name", path="a.wav")
    outer = EngineError("it broke: {reason}", reason=inner)
    assert inner.localized("zh") in outer.localized("zh")


def test_a_missing_field_is_noticed_at_once():
    with pytest.raises(KeyError):
        CorruptMedia("the {format} content")


def test_errors_carry_causes_and_artefacts():
    assert RouteFailed("it broke").artefacts == ()
    try:
        try:
            raise OSError("disk")
        except OSError as cause:
            raise NotReady("install it") from cause
    except NotReady as error:
        assert isinstance(error.__cause__, OSError)
