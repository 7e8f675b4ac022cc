import pytest

from vivavoce.engines.language.langid import LangId
from vivavoce.media.text import Text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ship sailed at dawn, and nobody saw it leave.", "en"),
        ("今天天气很好，我们去公园散步吧。", "zh"),
        ("你好，世界", "zh"),
        ("Wo ist der nächste Bahnhof, bitte?", "de"),
        ("Où est la gare, s'il vous plaît ?", "fr"),
        ("駅はどこですか。教えてください。", "ja"),
    ],
)
def test_languages_are_told_apart(text, language):
    with LangId().open("cpu") as identify_language:
        code, probability = identify_language(Text(text))
    assert code == language
    assert 0 < probability <= 1
