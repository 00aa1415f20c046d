"""What things cost, each contender in turn in one process of one thread (`make bench`).

Nothing here passes or fails on a time: times go to a JSON file, and `report.py` puts
ratios beside what they should reach. Only what must be equal is asserted.
"""

import functools
import gc
import os
import re
import shutil
import subprocess
import sys
import tracemalloc
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

import rnnedu
from rnnedu import training

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parents[2]
LAYERS, UNITS = 4, 50
EPOCHS = 3  # at a call, as a training makes many: what a call costs is spread over them
BLOCKS = {"lstm": 4, "gru": 3}


@functools.cache
def windows():
    return rnnedu.make_windows(rnnedu.load_ibm())


# -- Epochs at the notebook's settings --------------------------------------------------


def keras_epochs(name, native):
    """Return a function that trains `EPOCHS` epochs and gives the loss of the first."""
    keras.utils.set_random_seed(0)
    model = rnnedu.build_network(name)
    data = windows().X_train, windows().y_train

    def train():
        size = rnnedu.RECIPES[name].batch_size
        fit = model.fit(*data, batch_size=size, epochs=EPOCHS, verbose=0)
        return fit.history["loss"][0]

    if native:
        model.steps_per_execution = training.STEPS_PER_CALL  # as `rnnedu.train` does
        loops = rnnedu.fast_training(model)
        loops.__enter__()  # stays on for all epochs of this model
        return train, loops
    return train, None


def torch_epochs(name):
    """Return the same epochs by PyTorch's own module of the same shape."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[name]

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = kind(1, UNITS, num_layers=LAYERS, dropout=0.2, batch_first=True)
            self.dropout = torch.nn.Dropout(0.2)
            self.output = torch.nn.Linear(UNITS, 1)

        def forward(self, x):
            return self.output(self.dropout(self.layers(x)[0][:, -1]))[:, 0]

    network = Network().train()
    optimizer = {
        "lstm": functools.partial(torch.optim.RMSprop, lr=0.001, alpha=0.9, eps=1e-7),
        "gru": functools.partial(torch.optim.SGD, lr=0.01, momentum=0.9),
    }[name](network.parameters())
    x, y = (torch.from_numpy(np.array(a)) for a in (windows().X_train, windows().y_train))
    size = rnnedu.RECIPES[name].batch_size

    def train():
        for _ in range(EPOCHS):
            for chosen in torch.randperm(len(x)).split(size):
                optimizer.zero_grad()
                torch.nn.functional.mse_loss(network(x[chosen]), y[chosen]).backward()
                optimizer.step()

    return train


def floor_epochs(name):
    """Return the matrix products of the epochs alone: forward once, backward twice."""
    size, n = rnnedu.RECIPES[name].batch_size, len(windows().X_train)
    batches = [min(size, n - first) for first in range(0, n, size)]
    width = BLOCKS[name] * UNITS
    rng = np.random.default_rng(0)

    def matrices(batch, features):
        shapes = [(batch, features + UNITS), (features + UNITS, width), (batch, width)]
        return [rng.normal(size=shape).astype(np.float32) for shape in shapes]

    products = {
        batch: [matrices(batch, 1 if layer == 0 else UNITS) for layer in range(LAYERS)]
        for batch in set(batches)
    }

    def multiply():
        for batch in EPOCHS * batches:
            for inputs, weights, outputs in products[batch]:
                for _ in range(windows().lookback):
                    inputs @ weights
                    outputs @ weights.T
                    inputs.T @ outputs

    return multiply


@pytest.mark.parametrize("name", ["lstm", "gru"])
@pytest.mark.parametrize("contender", ["floor", "stock Keras", "rnnedu", "PyTorch"])
def test_epoch(benchmark, name, contender):
    benchmark.group = f"one epoch, {name}"
    loops = None
    if contender == "floor":
        train = floor_epochs(name)
    elif contender == "PyTorch":
        train = torch_epochs(name)
    else:
        train, loops = keras_epochs(name, native=contender == "rnnedu")
    first = train()  # compiles; its loss is compared
    if first is not None:
        benchmark.extra_info["first loss"] = first
    benchmark.extra_info["epochs"] = EPOCHS
    benchmark.pedantic(train, rounds=5, iterations=1)
    if loops:
        loops.__exit__(None, None, None)


# -- 251 days of free running ------------------------------------------------------------


def predict_loop(model):
    window, path = windows().X_test[:1].copy(), []
    for _ in windows().test_prices:
        price = model.predict(window, verbose=0)
        path.append(price[0, 0])
        window = np.concatenate([window[:, 1:], price[:, None]], axis=1)
    return path


@pytest.mark.parametrize("contender", ["predict loop", "rnnedu, first call", "rnnedu"])
def test_generation(benchmark, contender):
    benchmark.group = "free running for a year, gru"
    keras.utils.set_random_seed(0)
    model = rnnedu.build_network("gru")
    model.predict(windows().X_test[:1], verbose=0)
    forecast = functools.partial(rnnedu.forecast_recursive, model, windows())
    if contender == "predict loop":
        path = benchmark.pedantic(predict_loop, (model,), rounds=1)
        scaled = windows().scaler.transform(forecast().to_numpy()[:, None])[:, 0]
        assert np.abs(scaled - path).max() <= 1e-5
        benchmark.extra_info["largest difference"] = float(np.abs(scaled - path).max())
        return
    if contender == "rnnedu":
        forecast()
    benchmark.pedantic(forecast, rounds=1 if "first" in contender else 20)


# -- Two seeds on two cores ------------------------------------------------------------

TWO_SEEDS = """
import sys, time, keras, rnnedu
windows = rnnedu.make_windows(rnnedu.load_ibm())
jobs = []
for seed in map(int, sys.argv[1:]):
    keras.utils.set_random_seed(seed)
    model = rnnedu.build_network("lstm")
    loops = rnnedu.fast_training(model)
    loops.__enter__()
    model.fit(windows.X_train[:64], windows.y_train[:64], batch_size=32, verbose=0)
    jobs.append(model)
print("ready", flush=True)
sys.stdin.readline()
for model in jobs:
    model.fit(windows.X_train, windows.y_train, batch_size=32, epochs=4, verbose=0)
print("done", flush=True)
"""


@pytest.mark.parametrize(
    "contender", ["one process of two threads", "two processes of one"]
)
def test_two_seeds(benchmark, contender):
    benchmark.group = "two seeds, lstm"
    together = contender.startswith("one")
    groups = [["0", "1"]] if together else [["0"], ["1"]]
    threads = "2" if together else "1"
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", TWO_SEEDS, *seeds],
            env=os.environ | dict.fromkeys(names, threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for seeds in groups
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"

    def run():
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        for worker in workers:
            assert worker.stdout.readline() == "done\n"

    benchmark.pedantic(run, rounds=1)
    for worker in workers:
        worker.communicate()


# -- Importing and cutting windows -----------------------------------------------------


@pytest.mark.parametrize("contender", ["numpy", "numpy, rnnedu"])
def test_import(benchmark, contender):
    benchmark.group = "import"
    command = [sys.executable, "-c", f"import {contender}"]
    benchmark.pedantic(
        subprocess.run, (command,), {"check": True}, rounds=15, warmup_rounds=1
    )


@pytest.mark.parametrize("count", [10**3, 10**4, 10**5])
def test_windows(benchmark, count):
    benchmark.group = "windows"
    days = pd.date_range(end="2017-12-31", periods=count)  # the last are 270 years
    prices = pd.DataFrame({"High": 100 + np.sin(np.arange(count) / 50)}, index=days)
    gc.collect()
    tracemalloc.start()
    made = rnnedu.make_windows(prices)
    benchmark.extra_info["peak bytes"] = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(made.X_train) + len(made.X_test) == count - 60
    benchmark.pedantic(rnnedu.make_windows, (prices,), rounds=3)


# -- The site --------------------------------------------------------------------------


SECTIONS = ["ibm", "inside_the_cell", "when_recurrence_helps"]
MADE = [
    "docs/_build",
    "docs/auto_gallery",
    "docs/reference/generated",
    "docs/reference/backreferences",
    "cache",
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of course and first four examples, with a cache of its own, to build in."""
    root = tmp_path_factory.mktemp("site")
    for name in ("rnnedu", "gallery", "docs"):
        ignored = shutil.ignore_patterns(*map(os.path.basename, MADE), *SECTIONS)
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in ("constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return root


TOUCHED = {
    "cold": None,
    "unchanged": None,
    "one page touched": ("docs/data.md", "\n```{code-cell} python\nprices.head(1)\n```\n"),
    "one example touched": ("gallery/plot_01_ibm_prices.py", "\n# %%\n# More.\n"),
    "rnnedu/metrics/errors.py touched": ("rnnedu/metrics/errors.py", "\n# touched\n"),
    "cold, all examples": None,
}


def memory(process):
    """Bytes of a process; pages that it shares with others count by its share."""
    result = process.memory_full_info()
    return getattr(result, "pss", result.rss)  # only Linux tells the share


@pytest.mark.parametrize("case", TOUCHED)
def test_site(benchmark, copy, case):
    psutil = pytest.importorskip("psutil")
    benchmark.group = "the site"
    if TOUCHED[case]:
        name, more = TOUCHED[case]
        with (copy / name).open("a") as file:
            file.write(more)
    if case == "cold, all examples":
        for name in SECTIONS:
            shutil.copytree(ROOT / "gallery" / name, copy / "gallery" / name)
        for name in MADE:
            shutil.rmtree(copy / name)
    log = copy / "log"
    peak = 0

    def build():
        nonlocal peak
        settings = {"RNNEDU_CACHE_DIR": str(copy / "cache"), "PYTHONPATH": str(copy)}
        command = [sys.executable, "docs/_ext/rnnedu_site/build.py"]
        with log.open("w") as out:
            sphinx = psutil.Popen(
                command, cwd=copy, env=os.environ | settings, stdout=out, stderr=out
            )
            while True:
                try:
                    family = [sphinx, *sphinx.children(recursive=True)]
                    peak = max(peak, sum(map(memory, family)))
                except psutil.Error:
                    pass  # a process that ended while it was looked at
                try:
                    return sphinx.wait(0.2)
                except psutil.TimeoutExpired:
                    continue

    assert benchmark.pedantic(build, rounds=1) == 0, log.read_text()[-3000:]
    said = log.read_text()
    benchmark.extra_info["peak bytes"] = peak
    benchmark.extra_info["executed"] = executed(said)


def executed(said):
    """Name the pages, and count the examples, that a build's log says were executed."""
    pages = re.findall(r"^ran (\S+) in \d+ s", said, re.M)
    examples = re.search(r"successfully executed (\d+) out of", said)
    count = int(examples[1]) if examples else 0
    return [*sorted(pages), *([f"{count} of the examples"] if count else [])]


@pytest.mark.parametrize("name", ["index.html", "auto_gallery/plot_02_lstm.html"])
def test_bytes(benchmark, copy, chromium, name):
    from playwright.sync_api import sync_playwright

    benchmark.group = "bytes of a page"
    total = {"all": 0, "image": 0}

    def add(response):
        size = len(response.body())
        total["all"] += size
        total["image"] += size * (response.request.resource_type == "image")

    def visit():
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**chromium)
            page = browser.new_page()
            page.on("response", add)
            page.goto((copy / "docs/_build/html" / name).as_uri(), wait_until="networkidle")
            browser.close()

    benchmark.pedantic(visit, rounds=1)
    benchmark.extra_info |= {
        "bytes": total["all"],
        "without pictures": total["all"] - total["image"],
    }
