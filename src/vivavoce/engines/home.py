"""Where this package keeps what it makes on a user's machine."""

import os
from pathlib import Path


def user_folder() -> Path:
    """Return `$VIVAVOCE_HOME`, by default the user's data folder of this platform; it may not exist yet."""
    import platformdirs

    home = os.environ.get("VIVAVOCE_HOME")
    return Path(home) if home else Path(platformdirs.user_data_dir("vivavoce"))
