import pytest

from tiny import draw
from vivavoce.engines.checkpoint import Checkpoint


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """Return the checkpoint of a builder of tiny.draw, written once."""
    written = {}

    def find(name, languages=("en",), **settings):
        key = (name, *sorted(settings.items()))
        if key not in written:
            label = "-".join(map(str, key)).replace("(", "").replace(")", "").replace("'", "").replace(", ", "-")
            written[key] = getattr(draw, name)(tmp_path_factory.mktemp(label), **settings)
        return Checkpoint(alias=name.replace("_", "-"), engine="tiny", folder=str(written[key]), languages=languages)

    return find
