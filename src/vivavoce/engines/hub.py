"""Model weights from a hub: what is on disk, and fetching what a user asks for. Nothing else here goes online."""

from functools import cache
from pathlib import Path

from vivavoce.engines.contract import Weights
from vivavoce.errors import NotReady

# Files that are data alone. Pickles and Python files run code when they are loaded, so they are never fetched.
SAFE_FILES = ("*.safetensors", "*.json", "*.txt", "model.bin", "vocabulary.*")


def folder_of(weights: Weights) -> Path | None:
    """Return the folder in the standard hub cache that holds the weights, or None if they are not on disk."""
    return _cached_folder(weights.repository, weights.revision)


@cache
def hub_cache() -> Path:
    """Return the folder of the standard hub cache."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return Path(HF_HUB_CACHE)


def _cached_folder(repository: str, revision: str) -> Path | None:
    root = hub_cache() / f"models--{repository.replace('/', '--')}"
    reference = root / "refs" / revision
    commit = reference.read_text().strip() if reference.is_file() else revision
    folder = root / "snapshots" / commit
    return folder if (folder / "config.json").is_file() and any(folder.glob("model*")) else None


def pull(weights: Weights) -> Path:
    """Fetch the weights into the hub cache (resumed if cut off before) and return their folder.

    Raises NotReady when the hub can't be reached, the repository does not exist or needs a token.
    """
    import huggingface_hub
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    try:
        return Path(
            huggingface_hub.snapshot_download(
                weights.repository, revision=weights.revision, allow_patterns=list(SAFE_FILES)
            )
        )
    except (GatedRepoError, RepositoryNotFoundError) as error:
        raise NotReady(
            "the repository {repository} is gated or does not exist; set HF_TOKEN to an account that may read it",
            repository=weights.repository,
        ) from error
    except (HfHubHTTPError, OSError, ValueError, TypeError, KeyError) as error:  # no answer, or none that makes sense
        raise NotReady(
            "the model hub can't be reached for {repository}; try again with a network",
            repository=weights.repository,
        ) from error
