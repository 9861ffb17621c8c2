"""Measuring the console says what it needs where it is not there."""

import pytest

from perfuse.parameters.problems import InputError
from perfuse.views.console import bench


def test_without_chromium_it_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="Chromium"):
        bench.bench(0.0)
