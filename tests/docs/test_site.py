"""The built site, read as text: what stands there is what the package computes."""

import ast
import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from io import StringIO
from pathlib import Path

import lxml.html
import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml
from jupyter_cache import get_cache
from nbclient import NotebookClient

import rnnedu
from rnnedu import _seed_study_csv, seed_study

pytestmark = pytest.mark.site

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "_build" / "html"
EXAMPLES = sorted(
    str(path.relative_to(ROOT / "gallery").with_suffix(""))
    for path in (ROOT / "gallery").rglob("plot_*.py")
)
PRICED = [  # those about IBM; others have data of their own
    stem
    for stem in EXAMPLES
    if re.search(r"^[^#]*load_ibm", (ROOT / "gallery" / f"{stem}.py").read_text(), re.M)
]
CHAPTERS = sorted(path.stem for path in (ROOT / "docs" / "learn").glob("*.md"))
COURSE = [*(f"learn/{stem}.html" for stem in CHAPTERS), "reference/notebook.html"]


@pytest.fixture(scope="module", autouse=True)
def built():
    if not (SITE / "index.html").is_file():
        pytest.fail("there is no built site. Fix: run `make check`, which builds it.")


@cache
def page(name):
    return lxml.html.parse(SITE / name).getroot()


def text(name):
    return " ".join(page(name).text_content().split())


def example(stem):
    return f"auto_gallery/{stem}.html"


def score_tables(name):
    """Every table of a page that has an RMSE, as numbers."""
    tables = [
        pd.read_html(StringIO(lxml.html.tostring(table, encoding="unicode")))[0]
        for table in page(name).iter("table")
    ]
    return [t.set_index(t.columns[0]) for t in tables if "RMSE" in t.columns]


@cache
def windows():
    return rnnedu.make_windows(rnnedu.load_ibm())


@cache
def trained(name):
    return rnnedu.train(name, windows(), seed=0)  # read from the cache of the build


def in_dollars(scaled):
    low, high = windows().train_prices.min(), windows().train_prices.max()
    return np.asarray(scaled, dtype=float).ravel() * (high - low) + low


def off(forecast):
    error = np.asarray(forecast) - windows().test_prices.to_numpy()
    return float(np.sqrt(np.mean(error**2)))


def test_the_promised_pages_are_there():
    for name in ["index", "install", "data", "auto_gallery/index", "reference/index"]:
        assert page(f"{name}.html").findtext(".//h1")
    assert len(EXAMPLES) >= 4


def test_every_public_name_has_a_page_with_its_examples():
    pages = {path.name for path in (SITE / "reference" / "generated").glob("*.html")}
    used = 0
    names = [n for n in rnnedu.__all__ if not inspect.ismodule(getattr(rnnedu, n))]
    for name in names:
        (own,) = [p for p in pages if p.rsplit(".", 2)[1] == name]
        used += "Examples that use it" in text(f"reference/generated/{own}")
    assert used > len(names) / 2


def test_a_name_that_examples_use_lists_them():
    listed = SITE.parents[1] / "reference" / "backreferences"
    names = [path.stem for path in listed.glob("rnnedu.*.examples") if path.stat().st_size]
    pages = {path.stem for path in (SITE / "reference" / "generated").glob("*.html")}
    assert "rnnedu.cells.run_cell" in pages.intersection(names)
    for name in pages.intersection(names):
        assert "Examples that use it" in text(f"reference/generated/{name}.html"), name


def test_no_page_asks_another_host_for_anything():
    asked = []
    for path in SITE.rglob("*.html"):
        root = lxml.html.parse(path).getroot()
        for tag, attribute in [
            ("script", "src"),
            ("link", "href"),
            ("img", "src"),
            ("iframe", "src"),
            ("source", "src"),
        ]:
            for node in root.iter(tag):
                target = node.get(attribute, "")
                if re.match(r"(https?:)?//", target):
                    asked.append((path.name, target))
    assert not asked


def test_every_figure_has_an_alt_text_that_is_a_sentence():
    seen = 0
    for name in ["index.html", *map(example, EXAMPLES), *COURSE]:
        for image in page(name).xpath(
            "//article//img[contains(@class, 'sphx-glr-single-img')]"
            " | //article//div[contains(@class, 'cell_output')]//img"
        ):
            alt = image.get("alt", "")
            assert len(alt.split()) > 8, (name, alt)
            assert alt.endswith("."), (name, alt)
            seen += 1
    assert seen >= 9 + 3 * len(CHAPTERS)


def test_persistence_stands_in_the_first_row_of_every_table():
    prices, days, seen = rnnedu.load_ibm(), windows().test_prices.index, 0
    five_years = prices.index[prices.index.year > windows().test_year - 5]
    yesterday = np.array(
        [
            np.sqrt(np.nanmean(prices[column].diff()[span] ** 2))
            for column in ("High", "Close")  # pages score either
            for span in (days, five_years)  # one is about money, over more years
        ]
    )
    for name in [*map(example, PRICED), "learn/forecasting.html", "learn/index.html"]:
        for table in score_tables(name):
            # Of noise, which has no price; and of forecasts many days ahead.
            if table.index[0].startswith("always") or table.index[0] == "last value held":
                continue
            assert table.index[0] == "persistence", name
            assert min(abs(yesterday - table["RMSE"].iloc[0])) < 0.0051, name
            seen += 1
    assert seen >= 6


@pytest.mark.parametrize(
    ("stem", "name", "row"),
    [("plot_02_lstm", "lstm", "LSTM"), ("plot_03_gru", "gru", "GRU")],
)
def test_one_step_scores_are_those_of_the_cached_weights(stem, name, row):
    model = trained(name).model
    expected = off(in_dollars(model.predict(windows().X_test, verbose=0)))
    table, *_ = score_tables(example(stem))
    assert table.loc[row, "RMSE"] == pytest.approx(expected, abs=0.0051)
    if name == "lstm":
        assert f"{expected:.2f}" in text("index.html")
    assert f"{model.count_params():,}" in text(example(stem))


def test_recorded_runs_come_out_again(random_seed):
    """Those of the networks that this build trained, and one chosen afresh each time."""
    recorded = rnnedu.load_study()
    if windows().test_year != recorded["test_year"].iloc[0]:
        pytest.skip("the study is of the notebook's prices, this build is not")
    trained_here = recorded["network"].isin(["lstm", "gru", "lstm_gru_average"])
    some = recorded[trained_here & recorded["seed"].eq(0)]
    # Not the simple RNN: its training is chaotic, and rounding differs by machine.
    afresh = recorded[recorded["network"].ne("simple_rnn")].sample(
        1, random_state=random_seed
    )
    for _, row in pd.concat([some, afresh]).iterrows():
        result = seed_study.run(row["network"], row["seed"], rnnedu.load_ibm())
        for column in [*_seed_study_csv.SCORES, "first_loss", "last_loss"]:
            expected = pytest.approx(row[column], rel=1e-3, abs=1e-3)
            assert result[column] == expected, (row["network"], row["seed"], column)


def test_the_generated_sequence_is_that_of_a_predict_loop():
    model = trained("gru").model
    window, path = windows().X_test[:1].copy(), []
    for _ in windows().test_prices:
        price = model.predict(window, verbose=0)
        path.append(price[0, 0])
        window = np.concatenate([window[:, 1:], price[:, None]], axis=1)
    generated = rnnedu.forecast_recursive(model, windows())
    low, high = windows().train_prices.min(), windows().train_prices.max()
    np.testing.assert_allclose((generated - low) / (high - low), path, rtol=0, atol=1e-5)
    (table,) = score_tables(example("plot_04_sequence_generation"))
    assert table.loc["GRU", "RMSE"] == pytest.approx(off(in_dollars(path)), abs=0.006)
    assert table.index[1] == "last value held"


@pytest.mark.parametrize(
    ("stem", "layers", "reported"),
    [
        ("plot_02_lstm", "layers.LSTM(50, return_sequences=True)", "5.17"),
        ("plot_03_gru", "layers.GRU(50, return_sequences=True)", "3.32"),
        ("plot_04_sequence_generation", None, "10.89"),
    ],
)
def test_the_reader_sees_layers_loss_and_what_the_notebook_reported(stem, layers, reported):
    shown = text(example(stem))
    assert f"The notebook's RMSE for 2017 is {reported}" in shown
    assert any(
        "Training loss" in image.get("alt", "") for image in page(example(stem)).iter("img")
    )
    if layers:
        assert layers in shown
        assert "Total params" in shown


def test_the_pages_say_which_prices_they_are_about():
    about = rnnedu.load_ibm().attrs
    result = text("data.html")
    for fact in (about["sha256"], about["first"], about["last"], f"{about['rows']:,}"):
        assert fact in result
    for name in ["index.html", *map(example, PRICED)]:
        assert about["sha256"][:12] in text(name)
        assert str(windows().test_year) in text(name)
        said = "was not used for these pages" in text(name)
        assert said == (not about["known"] or about["source"] == "embedded")


def test_no_progress_bar_and_no_hidden_check_is_shown():
    for name in ["index.html", "data.html", *map(example, EXAMPLES), *COURSE]:
        assert not re.search(r"it/s|epoch/s|ms/step|\d+/50 ", text(name)), name
        assert "assert " not in text(name), name


def test_links_within_the_site_lead_somewhere():
    for path in SITE.rglob("*.html"):
        for link in lxml.html.parse(path).getroot().iter("a"):
            target = link.get("href", "").split("#")[0]
            if target and ":" not in target:
                assert (path.parent / target).exists(), (path.name, target)


def some(names, count, seed):
    """A few of many, others in each run: all were run by the build already."""
    return np.random.default_rng(seed).choice(names, count, replace=False)


def test_downloaded_scripts_run_alone(tmp_path, random_seed):
    for stem in some(EXAMPLES, 3, random_seed):
        run_alone(stem, tmp_path)


def run_alone(stem, tmp_path):
    source = download(f"{stem}.py")
    shutil.copy(source, tmp_path)
    quiet = {k: v for k, v in os.environ.items() if not k.startswith("TF_CPP")}
    result = subprocess.run(
        [sys.executable, source.name],
        cwd=tmp_path,
        env=quiet | {"MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == "", "nothing but the example's own words is said"


def download(name):
    """Return the file that an example's page offers."""
    (found,) = (SITE / "_downloads").glob(f"*/{Path(name).name}")
    return found


def run(notebook, folder):
    """Execute a notebook in a folder that holds nothing else."""
    where = {"metadata": {"path": folder}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where).execute()
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    assert not [o.text for o in outputs if o.get("name") == "stderr" and "Warn" in o.text]


IGNORED = re.compile(r"# sphinx_gallery_start_ignore.*?# sphinx_gallery_end_ignore", re.S)


@pytest.mark.parametrize("stem", EXAMPLES)
def test_a_notebook_holds_the_code_of_its_script(stem):
    """The script was run by the build, and runs alone: so does what is the same."""
    script = IGNORED.sub("", download(f"{stem}.py").read_text())
    notebook = nbformat.read(download(f"{stem}.ipynb"), as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert cells and all(source.strip() for source in cells)
    shown, printed = statements("\n".join(cells)), statements(script)
    tables = [
        k for k, (one, other) in enumerate(zip(shown, printed, strict=True)) if one != other
    ]
    assert [printed[k] for k in tables] == [f"print({shown[k]})" for k in tables]
    assert len(tables) == len(page(example(stem)).find_class("dataframe"))


def statements(code):
    """Return statements as text, without comments, docstring, and alt texts."""
    return [
        text
        for statement in ast.parse(code).body
        if not (
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        )
        and not re.match(r"\w*fig\w*\.set_label\(", text := ast.unparse(statement))
    ]


@pytest.mark.parametrize(
    "stem", ["plot_01_ibm_prices", "inside_the_cell/plot_13_gate_traces"]
)
def test_a_downloaded_notebook_runs_alone(stem, tmp_path):
    notebook = nbformat.read(download(f"{stem}.ipynb"), as_version=4)
    run(notebook, tmp_path)
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert pictures


NOTEBOOKS = [
    *(stem for stem in CHAPTERS if stem != "index"),
    *(
        f"{stem}_solutions"
        for stem in CHAPTERS
        if "practice-stub" in (ROOT / "docs" / "learn" / f"{stem}.md").read_text()
    ),
]


@pytest.mark.parametrize("stem", [stem for stem in CHAPTERS if stem != "index"])
def test_what_a_chapter_prints_stands_in_its_notebook(stem):
    notebook = nbformat.read(SITE / "learn" / f"{stem}.ipynb", as_version=4)
    shown = " ".join(page(f"learn/{stem}.html").text_content().split())
    printed = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            first, *_ = output.get("text", "").split("\n")
            assert " ".join(first.split()) in shown
            printed += 1
    assert printed > 5


def test_chapters_run_alone_as_notebooks(tmp_path, random_seed):
    for stem in [*some([s for s in NOTEBOOKS if s != "lstm"], 2, random_seed), "lstm"]:
        notebook = nbformat.read(SITE / "learn" / f"{stem}.ipynb", as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        run(notebook, tmp_path)


SCAFFOLDING = r"""
    \bassert\b | \bglue\b | myst_nb | set_label\(["f\n]   # what is for the build
    | \{[\w:]+\}` | :[a-z:]+:` | ::: | ^```\{             # what Sphinx would make of text
"""


@pytest.mark.parametrize(
    "path", [*(f"learn/{stem}.ipynb" for stem in NOTEBOOKS), *EXAMPLES]
)
def test_a_notebook_is_free_of_scaffolding(path):
    place = SITE / path if path.endswith(".ipynb") else download(f"{path}.ipynb")
    notebook = nbformat.read(place, as_version=4)
    assert "install the package `rnnedu`" in notebook.cells[0].source
    for cell in notebook.cells:
        source = re.sub(r"lines\[\d\]\.set_label", "", cell.source)  # a legend's
        assert not re.search(SCAFFOLDING, source, re.X | re.M), cell.source


def build_here(*words):
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True
    )


def test_where_nothing_has_changed_nothing_is_done():
    result = build_here("docs/_ext/rnnedu_site/build.py")
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr
    assert result.stdout.startswith("Nothing has changed since the last build")


def test_a_second_build_elsewhere_by_the_hosted_command_is_the_same(tmp_path, random_seed):
    """Byte for byte, by the words of the hoster, in a folder of another name.

    Every page is written again. Computed again are some examples and pages, others in each
    run, since to run all of them takes as long as the first build.
    """
    copy = tmp_path / "süß und woanders"
    made = ("_build", "generated", "backreferences", "__pycache__")
    for name in ("rnnedu", "docs", "gallery"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns(*made))
    shutil.copytree(ROOT / "docs/_build/.jupyter_cache", copy / "out/.jupyter_cache")
    examples = some(EXAMPLES, 5, random_seed)
    pages = [*(f"learn/{stem}" for stem in CHAPTERS), "your_own_data", "speed"]
    pages = some(pages, 5, random_seed)
    for stem in examples:
        (copy / "docs" / "auto_gallery" / f"{stem}.py.md5").unlink()
    forget(copy / "out/.jupyter_cache", pages)
    for name in ("constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    hosted = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text())
    (line,) = hosted["build"]["jobs"]["build"]["html"]
    words = shlex.split(line.replace("$READTHEDOCS_OUTPUT", "out"))
    command = [sys.executable, *words[words.index("python") + 1 :]]
    with (tmp_path / "log").open("w+") as log:
        status = subprocess.call(command, cwd=copy, stdout=log, stderr=log)
        log.seek(0)
        said = log.read()
    assert status == 0, said[-3000:]
    assert f"successfully executed {len(examples)} out of {len(examples)} files" in said
    assert len(re.findall(r"^ran \S+ in", said, re.M)) == len(pages)
    first, second = bytes_of(SITE), bytes_of(copy / "out" / "html")
    assert set(first) == set(second)
    assert not [name for name in first if first[name] != second[name]]


def forget(cache_folder, pages):
    """Let the cells of these pages run again."""
    cache = get_cache(cache_folder)
    for record in cache.list_cache_records():
        if Path(record.uri).as_posix().endswith(tuple(f"docs/{page}.md" for page in pages)):
            cache.remove_cache(record.pk)


def bytes_of(folder):
    """Return every file of a built site, but for Sphinx's own notes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".doctrees" not in path.parts
    }
