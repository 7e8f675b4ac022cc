"""Where tests find real recordings, and samples that they make."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

PROJECT = Path(__file__).parents[1]
DATA = Path(os.environ.get("VIVAVOCE_DATA", PROJECT.parent / "shared" / "data"))

# On a busy machine a slow example is no failure; continuous integration draws the same examples every time.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_collection_modifyitems(items):
    if not DATA.is_dir():
        skip = pytest.mark.skip(reason=f"needs recordings: no folder {DATA}; set VIVAVOCE_DATA")
        for item in items:
            if "data" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of real recordings; only tests marked `data` may ask for it."""
    return DATA


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory) -> Path:
    """Return a CTranslate2 folder with a Whisper of random weights."""
    from tiny.whisper import whisper_ct2

    return whisper_ct2(tmp_path_factory.mktemp("whisper"))
