"""The package as a whole: light to import, whole in its wheel, usable from a shell."""

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
        if callable(value):
            assert value.__doc__, name
            assert value.__module__.startswith("rnnedu."), name


def test_arrows_point_one_way():
    """A room imports only rooms that come before it."""
    order = ["datasets", "windows", "models", "training", "forecasting", "metrics", "plots"]
    for position, room in enumerate(order):
        source = (ROOT / "rnnedu" / f"{room}.py").read_text()
        imports = [
            line for line in source.splitlines() if "import" in line and "rnnedu" in line
        ]
        for later in order[position:]:
            assert not any(later in line for line in imports), (room, later)


def test_data_says_what_would_be_used():
    told = run("-m", "rnnedu", "data")
    assert told.returncode == 0, told.stderr
    lines = dict(line.split(maxsplit=1) for line in told.stdout.splitlines())
    assert lines["source"].startswith("embedded")
    assert lines["rows"] == "3270"
    assert lines["dates"] == "2000-03-01 to 2013-03-01"
    assert len(lines["sha256"]) == 64
    assert "2979 days" in lines["split"]
    assert "250 to test on, in 2012" in lines["split"]


def test_data_says_what_is_wrong(tmp_path):
    told = run("-m", "rnnedu", "data", RNNEDU_DATA="", RNNEDU_DATA_DIR=str(tmp_path))
    assert told.returncode == 1
    assert told.stderr.startswith("error: ")
    assert "Mend: " in told.stderr
    assert "Traceback" not in told.stderr


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
    told = run("-c", code, cwd=tmp_path, PYTHONPATH=str(installed))
    assert told.stdout.splitlines() == [str(installed / "rnnedu" / "__init__.py"), "3270"]


def test_the_wheel_holds_the_package_and_nothing_else(installed):
    tops = {path.name for path in installed.iterdir()}
    assert tops == {"rnnedu", f"rnnedu-{rnnedu.__version__}.dist-info"}
    files = {path.name for path in (installed / "rnnedu").iterdir()}
    assert files == {p.name for p in (ROOT / "rnnedu").iterdir() if p.is_file()}


@pytest.mark.parametrize(("level", "is_quiet"), [(None, True), ("3", True), ("0", False)])
def test_tensorflow_is_imported_in_silence_unless_its_notes_are_asked_for(level, is_quiet):
    env = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    env |= {"TF_CPP_MIN_LOG_LEVEL": level} if level else {}
    code = "import rnnedu, sys; print([type(each).__name__ for each in sys.meta_path])\n"
    if is_quiet:
        code += "import tensorflow; print('still heard', file=sys.stderr)"
    told = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True
    )
    assert ("QuietTensorFlow" in told.stdout) == is_quiet
    assert told.stderr == ("still heard\n" if is_quiet else "")
