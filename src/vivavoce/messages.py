"""What the user reads, in the user's language: English is the key, `messages_zh.toml` the Chinese.

A message without a translation stays English; a test walks the code and finds any such.
"""

import tomllib
from functools import cache
from importlib import resources

LANGUAGES = ("en", "zh")


class Phrase(str):
    """Words within a message that are translated on their own, such as a reason."""


@cache
def _table(language: str) -> dict[str, str]:
    file = resources.files("vivavoce").joinpath(f"messages_{language}.toml")
    if language == "en" or not file.is_file():
        return {}
    return {entry["en"]: entry[language] for entry in tomllib.loads(file.read_text("utf-8")).get("message", [])}


def translate(template: str, language: str) -> str:
    """Return `template` in `language` ("en", "zh"), `{fields}` untouched."""
    return _table(language).get(template, template)
