"""What every test stands on: no network, and nothing of the user's cache."""

import os
import shutil
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

matplotlib.use("agg")

ROOT = Path(__file__).parent.parent
CACHE, DATA_DIR = "RNNEDU_CACHE_DIR", "RNNEDU_DATA_DIR"
GIVEN = {name: os.environ.get(name) for name in (CACHE, DATA_DIR)}


@pytest.fixture(autouse=True)
def own_settings(request, tmp_path, monkeypatch):
    """Embedded prices and an empty cache, unless the test reads the built site."""
    if request.node.get_closest_marker("site"):
        return
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    monkeypatch.setenv("RNNEDU_DATA", "embedded")
    monkeypatch.delenv(DATA_DIR, raising=False)


@pytest.fixture(scope="session")
def notebook_file():
    """The notebook's price file, where RNNEDU_DATA_DIR names a folder that holds it."""
    file = Path(GIVEN[DATA_DIR] or "nowhere") / "IBM_2006-01-01_to_2018-01-01.csv"
    if not file.is_file():
        pytest.skip("needs the notebook's file: set RNNEDU_DATA_DIR to its folder")
    return file


@pytest.fixture
def random_seed():
    """Another seed for each run, so that in time all is tried; printed, to repeat a run."""
    seed = int(os.environ.get("RNNEDU_TEST_SEED") or int.from_bytes(os.urandom(4)))
    print(f"random picks with RNNEDU_TEST_SEED={seed}")  # pytest shows it if the test fails
    return seed


@pytest.fixture(scope="session")
def chromium():
    """The browser's path and how to start it without a screen, as playwright wants them."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if not program:
        pytest.fail("no Chromium found. Fix: install it, by apt-get install chromium say.")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": program, "args": options}


@pytest.fixture
def prices():
    """Three years of made-up prices: a wave on a slope, every weekday."""
    days = pd.bdate_range("2001-01-01", "2003-12-31", name="Date")
    t = np.arange(len(days))
    return pd.DataFrame({"High": 50 + 0.05 * t + 5 * np.sin(t / 20)}, index=days)
