import pytest

from vivavoce.engines.device import DEVICES, choose_device
from vivavoce.errors import UsageError


def test_the_processor_is_always_there():
    assert choose_device("cpu") == "cpu"
    assert choose_device() in DEVICES
    assert choose_device("auto") == choose_device()


def test_an_unknown_device_is_wrong_usage():
    with pytest.raises(UsageError, match="unknown device “abacus”"):
        choose_device("abacus")


def test_an_absent_device_is_said_to_be_absent():
    absent = [device for device in DEVICES if device not in ("cpu", choose_device())]
    assert absent
    with pytest.raises(UsageError, match="there is no"):
        for device in absent:
            choose_device(device)
