"""The examples keep the house style, so that each reads like the next."""

import ast
import re
import subprocess
import sys

import pytest
from measures import HIDDEN, SCRIPTS, blocks, measure, shown

CARD = re.compile(
    r"\*Level: (beginner|intermediate|advanced)\. Time: (\d+) minutes\.\* .+ "
    r"\*Finding\*: .+\."
)


@pytest.fixture(params=SCRIPTS, ids=lambda path: path.name)
def script(request):
    return request.param


def head_of(script):
    return ast.get_docstring(ast.parse(script.read_text()))


def test_there_are_examples():
    assert len(SCRIPTS) >= 4


def test_name_and_title(script):
    assert re.fullmatch(r"plot_\d\d_[a-z_]+\.py", script.name)
    title = head_of(script).splitlines()[0]
    assert len(title) < 60


def test_the_head_says_what_a_good_score_would_be(script):
    assert re.search(r"good score|one to beat", " ".join(head_of(script).split()))


def test_the_card_says_level_time_and_finding(script):
    """It is the first paragraph, which the gallery shows beside the picture."""
    card = " ".join(head_of(script).split("\n\n")[1].split())
    form = CARD.fullmatch(card)
    assert form, card
    assert int(form[2]) == measure(script).minutes
    assert len(card) <= 340


def test_it_is_a_lesson_and_no_paper(script):
    """`python tests/gallery/measures.py` prints all of them."""
    found = measure(script)
    assert found.lines <= 250
    assert found.prose_to_code >= 1


def test_a_reader_is_told_what_to_try_and_what_to_remember(script):
    prose = "\n".join(content for kind, content, _ in blocks(script) if kind == "text")
    for heading in ("Try it yourself", "What to remember"):
        assert f"\n{heading}\n{'-' * len(heading)}\n" in prose


def test_lines_fit_the_page(script):
    assert max(map(len, script.read_text().splitlines())) <= 79


def test_cells_are_of_one_idea(script):
    for kind, content, line in blocks(script):
        if kind == "code":
            lines = shown(content).strip().splitlines()
            assert len(lines) <= 20, f"{script.name}, line {line}"


def test_no_cell_is_an_empty_box_for_the_reader(script):
    # The last one keeps the figures open, and is not shown.
    for kind, content, line in blocks(script)[:-1]:
        if kind == "code":
            assert shown(content).strip(), f"{script.name}, line {line}"


def test_a_table_that_is_to_be_shown_is_the_last_thing_in_its_cell(script):
    """sphinx-gallery shows a value only there, and hidden lines belong to the cell."""
    for kind, content, line in blocks(script):
        body = ast.parse(content).body if kind == "code" else []
        for node in body[:-1]:
            value = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
            lost = value and re.search(r"\.(agg|round|head|tail|T)\b", ast.unparse(node))
            place = f"{script.name}, line {line + node.lineno - 1}"
            assert not lost or ast.unparse(node).startswith("print("), place


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
    copy = tmp_path / script.name  # a downloaded notebook has no hidden lines
    copy.write_text(shown(script.read_text()))
    linter = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821"]
    result = subprocess.run([*linter, copy], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_hidden_checks_guard_what_is_said(script):
    hidden = "\n".join(HIDDEN.findall(script.read_text()))
    assert "assert " in hidden


def test_the_package_is_imported_before_keras(script):
    """It keeps TensorFlow's notes off the terminal, if TensorFlow is not there yet."""
    lines = re.findall(r"^(?:import|from) (\w+)", script.read_text(), re.M)
    heavy = [lines.index(name) for name in ("keras", "tensorflow") if name in lines]
    assert not heavy or lines.index("rnnedu") < min(heavy)
