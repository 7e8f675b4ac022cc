"""What a value is to the person who holds it."""

from enum import StrEnum

from vivavoce.errors import UsageError


class Modality(StrEnum):
    """The kinds of value that can be converted into each other."""

    TEXT = "text"
    SPEECH = "speech"
    IMAGE = "image"
    VIDEO = "video"
    TABLE = "table"
    MESH = "mesh"


ALIASES = {"audio": Modality.SPEECH, "sound": Modality.SPEECH, "picture": Modality.IMAGE, "photo": Modality.IMAGE}


def parse_modality(name: str) -> Modality:
    """Return the modality called `name` ("speech", "audio", …); raise UsageError for any other word."""
    word = name.strip().lower()
    if word in ALIASES:
        return ALIASES[word]
    try:
        return Modality(word)
    except ValueError:
        known = ", ".join(Modality)
        raise UsageError(
            "there is no file and no modality “{name}”; choose one of {known}", name=name, known=known
        ) from None
