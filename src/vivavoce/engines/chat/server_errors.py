"""What can go wrong with a chat server, as errors of one clear sentence. The key never appears in one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from vivavoce.engines.contract import require
from vivavoce.errors import EngineError, NotReady, UsageError

KEY_VARIABLE = "VIVAVOCE_LLM_API_KEY"
MAX_REASON, MAX_CONTENT = 200, 80  # characters of a server's own words in an error

Redact = Callable[[str], str]


class Garbled(Exception):
    """What the server said, none of which is OpenAI's API."""


class GaveUp(Exception):
    """Why the server ended its answer, in its own words."""


def check_address(url: str) -> None:
    """Raise UsageError for what is no address of a server."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise UsageError(
            "“{url}” is no address of a chat server; give one such as http://localhost:11434/v1",
            url=url.rpartition("@")[2],
        )


@contextmanager
def explained(url: str, model: str, redact: Redact) -> Iterator[None]:
    """Turn the errors of the client and of its network library into ours."""
    openai = require("openai", "chat")
    network = require("httpx2", "chat")
    where = _place(url)
    try:
        yield
    except openai.APITimeoutError as error:
        raise _slow(where) from error
    except openai.APIConnectionError as error:
        raise NotReady(
            "no chat server answers at {url}; start it, or name another in VIVAVOCE_LLM_URL", url=where
        ) from error
    except openai.APIStatusError as error:
        raise _by_status(error.status_code, _shortened(redact(_reason(error)), MAX_REASON), where, model) from error
    except Garbled as error:
        raise EngineError(
            "the chat server answered with something else than OpenAI's API (“{content}”); check its address",
            content=_shortened(redact(str(error)), MAX_CONTENT),
        ) from error
    except GaveUp as error:
        raise EngineError(
            "the chat server gave up: {reason}; see its log", reason=_shortened(redact(str(error)), MAX_REASON)
        ) from error
    except network.TimeoutException as error:
        raise _slow(where) from error
    except network.HTTPError as error:
        raise EngineError("the chat server broke off in the middle of its answer; ask again") from error
    except (openai.OpenAIError, network.InvalidURL, ValueError) as error:
        raise EngineError(
            "the chat server at {url} gave an answer that can't be read ({reason}); check its address",
            url=where,
            reason=type(error).__name__,
        ) from error


def _place(url: str) -> str:
    """Return a URL without the name and password that it may hold."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _slow(where: str) -> EngineError:
    return EngineError("the chat server at {url} is too slow to answer; try a smaller model", url=where)


def _reason(error: Exception) -> str:
    """Return what the server says of it."""
    body = getattr(error, "body", None)
    said = body.get("message") or body.get("detail") if isinstance(body, dict) else None
    return str(said or "no reason given")


def without_key(key: str) -> Redact:
    """Return what takes a key out of a server's words; an empty key leaves them as they are."""
    return lambda words: words.replace(key, "…") if key else words


def _shortened(words: str, most: int) -> str:
    """Return words on a line, cut to `most` characters; a key must be out of them before, or a part of it stays."""
    return " ".join(words.split())[:most]


def _by_status(status: int, reason: str, where: str, model: str) -> EngineError | UsageError:
    if status in (401, 403):
        return NotReady(
            "the chat server at {url} refuses the key (status {status}); set {variable}",
            url=where,
            status=status,
            variable=KEY_VARIABLE,
        )
    if status == 404:
        return NotReady(
            "the chat server at {url} does not know the model “{model}”; name another in VIVAVOCE_LLM_MODEL",
            url=where,
            model=model,
        )
    if status == 429:
        return EngineError("the chat server at {url} has too much to do; try again in a while", url=where)
    if status >= 500:
        return EngineError("the chat server at {url} failed (status {status}); see its log", url=where, status=status)
    return EngineError(
        "the chat server at {url} refused the request (status {status}: {reason}); shorten or change it",
        url=where,
        status=status,
        reason=reason,
    )
