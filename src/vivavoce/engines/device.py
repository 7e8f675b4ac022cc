"""Which processor to run on."""

import ctypes
import gc
import importlib.util
import os
import platform
import sys

from vivavoce.errors import UsageError

DEVICES = ("cpu", "cuda", "mps")


def choose_device(wanted: str | None = None) -> str:
    """Return `wanted`, or the fastest device at hand; raise UsageError for an unknown or absent one.

    A GPU is only looked for where torch or CTranslate2 is installed, since nothing else here can use one.
    """
    if wanted in (None, "auto"):
        return next((device for device in ("cuda", "mps") if _present(device)), "cpu")
    if wanted not in DEVICES:
        raise UsageError("unknown device “{device}”; choose one of {known}", device=wanted, known=", ".join(DEVICES))
    if not _present(str(wanted)):
        raise UsageError("there is no {device} device on this machine; use cpu", device=wanted)
    return str(wanted)


def _present(device: str) -> bool:
    if device == "cpu":
        return True
    if device == "mps":
        return platform.system() == "Darwin" and platform.machine() == "arm64"
    if not os.path.exists("/proc/driver/nvidia/version"):
        return False
    if importlib.util.find_spec("ctranslate2") is not None:
        import ctranslate2

        return bool(ctranslate2.get_cuda_device_count())
    if importlib.util.find_spec("torch") is not None:
        import torch

        return bool(torch.cuda.is_available())
    return False


def give_back(device: str) -> None:
    """Return to the system, and to others on the device, what closed engines held; nothing may refer to it any more."""
    gc.collect()
    if device == "cuda" and "torch" in sys.modules:
        sys.modules["torch"].cuda.empty_cache()
    if platform.system() == "Linux" and platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)  # the C library keeps freed memory to itself otherwise
