"""The examples keep the house style, so that each reads like the next."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sphinx_gallery.py_source_parser import split_code_and_text_blocks

GALLERY = Path(__file__).parents[2] / "gallery"
SCRIPTS = sorted(GALLERY.glob("*/*.py")) + sorted(GALLERY.glob("*.py"))
IGNORED = re.compile(
    r"# sphinx_gallery_start_ignore.*?# sphinx_gallery_end_ignore\n?", re.S
)


@pytest.fixture(params=SCRIPTS, ids=lambda path: path.name)
def script(request):
    return request.param


def blocks(script):
    return split_code_and_text_blocks(str(script))[1]


def test_there_are_examples():
    assert len(SCRIPTS) >= 4


def test_name_and_title(script):
    assert re.fullmatch(r"plot_\d\d_[a-z_]+\.py", script.name)
    title = ast.get_docstring(ast.parse(script.read_text())).splitlines()[0]
    assert len(title) < 60


def test_the_head_says_what_a_good_score_would_be(script):
    head = ast.get_docstring(ast.parse(script.read_text()))
    assert re.search(r"good score|one to beat", " ".join(head.split()))


def test_lines_fit_the_page(script):
    assert max(map(len, script.read_text().splitlines())) <= 79


def test_cells_are_of_one_idea(script):
    for kind, content, line in blocks(script):
        shown = IGNORED.sub("", content).strip()
        if kind == "code":
            assert len(shown.splitlines()) <= 20, f"{script.name}, line {line}"


def test_no_cell_is_an_empty_box_for_the_reader(script):
    # The last one keeps the figures open, and is not shown.
    for kind, content, line in blocks(script)[:-1]:
        if kind == "code":
            assert IGNORED.sub("", content).strip(), f"{script.name}, line {line}"


def test_no_score_is_typed(script):
    """Prose holds no number with decimals: what is measured is printed by the code."""
    for kind, content, line in blocks(script):
        if kind == "text":
            typed = re.findall(r"(?<![\w:.])\d+\.\d+(?![\d/])", content)
            assert not typed, f"{script.name}, line {line}: {typed}"


def test_no_year_of_the_series_is_typed(script):
    """The same page must read right on other years; a year with a source is a citation."""
    for kind, content, line in blocks(script):
        if kind == "text" and "Sources." not in content:
            years = re.findall(r"(?<!\()\b20[01]\d\b(?![);])", content)
            assert not years, f"{script.name}, line {line}: {years}"


def test_what_is_shown_runs_without_what_is_hidden(script, tmp_path):
    shown = tmp_path / script.name  # a downloaded notebook has no hidden lines
    shown.write_text(IGNORED.sub("", script.read_text()))
    linter = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821"]
    result = subprocess.run([*linter, shown], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_hidden_checks_guard_what_is_said(script):
    hidden = "\n".join(IGNORED.findall(script.read_text()))
    assert "assert " in hidden


def test_the_package_is_imported_before_keras(script):
    """It keeps TensorFlow's notes off the terminal, if TensorFlow is not there yet."""
    lines = re.findall(r"^(?:import|from) (\w+)", script.read_text(), re.M)
    heavy = [lines.index(name) for name in ("keras", "tensorflow") if name in lines]
    assert not heavy or lines.index("rnnedu") < min(heavy)
