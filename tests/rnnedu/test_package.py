"""The package as a whole: light to import, whole in its wheel, usable from a shell."""

import ast
import inspect
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import rnnedu

ROOT = Path(__file__).parents[2]


def run(*arguments, cwd=None, **env):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | env,
        capture_output=True,
        text=True,
    )


def test_importing_is_light():
    heavy = "{'tensorflow', 'keras', 'pandas', 'matplotlib', 'sklearn'}"
    code = f"import sys, rnnedu; print({heavy} & set(sys.modules))"
    assert run("-c", code).stdout == "set()\n"


def test_every_public_name_is_there_and_explained():
    assert dir(rnnedu) == sorted(rnnedu.__all__)
    for name in rnnedu.__all__:
        value = getattr(rnnedu, name)
        if inspect.ismodule(value):
            assert value.__doc__, name
            continue
        if callable(value):
            assert value.__doc__, name
            assert value.__module__.startswith("rnnedu."), name


def test_every_module_is_an_attribute_of_the_package():
    modules = {path.stem for path in (ROOT / "rnnedu").glob("[a-z]*.py")}
    modules |= {path.parent.name for path in (ROOT / "rnnedu").glob("*/__init__.py")}
    assert modules <= set(rnnedu.__all__)
    code = (
        f"import rnnedu; print(*[getattr(rnnedu, m).__name__ for m in {sorted(modules)}])"
    )
    assert run("-c", code).stdout.split() == [f"rnnedu.{name}" for name in sorted(modules)]


ORDER = [
    "_quiet_import",
    "_cache",
    "_download",
    "_price_text",
    "_price_fields",
    "_price_checks",
    "_price_csv",
    "datasets",
    "windows",
    "forecaster",
    "tasks",
    "cells",
    "gradients",
    "probes",
    "_custom_gradients",
    "keras_speedups",
    "models",
    "_weights_cache",
    "training",
    "forecasting",
    "metrics",
    "_seed_study_csv",
    "_seed_study_forecasts",
    "_seed_study_workers",
    "seed_study",
    "study_summary",
    "task_runs",
    "improvements",
    "plots",
    "diagrams",
    "practice",
    "__main__",
]


def imported_by(path):
    """The modules of the package that a file imports, at its top or within functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "rnnedu":
            names = [f"rnnedu.{alias.name}" for alias in node.names]
        else:
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
        found |= {name.split(".")[1] for name in names if name.startswith("rnnedu.")}
    return found


def test_arrows_point_one_way():
    """A module imports only modules that come before it."""
    seen = set()
    for path in (ROOT / "rnnedu").rglob("*.py"):
        module = path.relative_to(ROOT / "rnnedu").parts[0].removesuffix(".py")
        if module == "__init__":
            continue
        seen.add(module)
        before = set(ORDER[: ORDER.index(module) + 1])  # a folder imports its own files
        assert imported_by(path) <= before, path
    assert seen == set(ORDER)


def test_imports_over_several_lines_and_within_functions_are_found(tmp_path):
    code = "from rnnedu import (\n    a,\n    b as c,\n)\ndef f():\n    import rnnedu.d.e\n"
    (tmp_path / "code.py").write_text(code)
    assert imported_by(tmp_path / "code.py") == {"a", "b", "d"}


def test_data_says_what_would_be_used():
    result = run("-m", "rnnedu", "data")
    assert result.returncode == 0, result.stderr
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert lines["source"].startswith("embedded")
    assert lines["rows"] == "3270"
    assert lines["dates"] == "2000-03-01 to 2013-03-01"
    assert len(lines["sha256"]) == 64
    assert "2979 days" in lines["split"]
    assert "250 to test on, in 2012" in lines["split"]


def test_data_says_what_is_wrong(tmp_path):
    result = run("-m", "rnnedu", "data", RNNEDU_DATA="", RNNEDU_DATA_DIR=str(tmp_path))
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert "Fix: " in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The package as its wheel brings it, in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(
        *("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_the_wheel_works_without_the_repo(installed, tmp_path):
    code = "import rnnedu; print(rnnedu.__file__); print(len(rnnedu.load_ibm()))"
    result = run("-c", code, cwd=tmp_path, PYTHONPATH=str(installed))
    assert result.stdout.splitlines() == [str(installed / "rnnedu" / "__init__.py"), "3270"]


def test_the_wheel_holds_the_package_and_nothing_else(installed):
    tops = {path.name for path in installed.iterdir()}
    assert tops == {"rnnedu", f"rnnedu-{rnnedu.__version__}.dist-info"}
    package = ROOT / "rnnedu"
    files = {str(p.relative_to(installed)) for p in (installed / "rnnedu").rglob("*.*")}
    ours = {p for p in package.rglob("*.*") if "__pycache__" not in p.parts}
    assert files == {str(p.relative_to(ROOT)) for p in ours}


@pytest.mark.parametrize(("level", "is_quiet"), [(None, True), ("3", True), ("0", False)])
def test_tensorflow_is_imported_in_silence_unless_its_notes_are_asked_for(level, is_quiet):
    env = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    env |= {"TF_CPP_MIN_LOG_LEVEL": level} if level else {}
    code = "import rnnedu, sys; print([type(each).__name__ for each in sys.meta_path])\n"
    if is_quiet:
        code += "import tensorflow; print('still heard', file=sys.stderr)"
    result = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True
    )
    assert ("QuietTensorFlow" in result.stdout) == is_quiet
    assert result.stderr == ("still heard\n" if is_quiet else "")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"RNNEDU_CACHE_DIR": "~nobody-knows-me/cache"}, "home folder is not known"),
        ({"RNNEDU_CACHE_DIR": "/proc/nowhere"}, "cannot be written"),
        ({"RNNEDU_CACHE_DIR": "", "HOME": "/proc/nowhere"}, "cannot be written"),
    ],
)
def test_a_cache_nowhere_is_named_with_what_to_set(settings, words):
    code = "from rnnedu._cache import cache_dir; cache_dir('weights')"
    result = run("-c", code, **settings, XDG_CACHE_HOME="")
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert words in last
    assert "Fix: set RNNEDU_CACHE_DIR to a folder that can" in last


def test_a_folder_of_a_home_that_nobody_knows_is_named():
    result = run("-m", "rnnedu", "data", RNNEDU_DATA="", RNNEDU_DATA_DIR="~nobody-knows/x")
    assert result.returncode == 1
    assert "~nobody-knows/x/" in result.stderr and "Fix: " in result.stderr
    assert "Traceback" not in result.stderr


def test_a_study_runs_where_names_of_folders_are_long(tmp_path):
    long = tmp_path / ("temporary folder " * 12) / "äöü"
    long.mkdir(parents=True)
    output = long / "a study.csv"
    options = ["--models", "gru", "--seeds", "1", "--epochs", "1", "--jobs", "2"]
    result = run(
        *["-m", "rnnedu", "study", *options, "--output", str(output)], TMPDIR=str(long)
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{output} holds 1 runs of 1 networks.\n"
