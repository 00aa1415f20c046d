"""The chapters' sources: what they are made of, and that no result is typed in."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEARN = ROOT / "docs" / "learn"
CHAPTERS = sorted(path for path in LEARN.glob("*.md") if path.stem != "index")
PAGES = [*CHAPTERS, LEARN / "index.md", ROOT / "docs" / "reference" / "notebook.md"]
CELL = re.compile(r"^```\{code-cell\} python\n(.*?)^```$", re.S | re.M)
WINDOW = {"60", "59"}  # the days of the notebook's windows, and what two neighbours share
HISTORY = {"1997", "2000", "2017"}  # the LSTM, its forget gate, the transformer


def names(paths):
    return [path.stem for path in paths]


def cells(page):
    return CELL.findall(page.read_text())


def prose(page):
    """What a reader reads: no head, no cells, no formulas, no code within a line."""
    text = re.sub(r"\A---.*?^---$", "", page.read_text(), flags=re.S | re.M)
    text = CELL.sub("", text)
    return re.sub(
        r"^:\w+:.*?$|^:{3,}.*?$|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", "", text, flags=re.S | re.M
    )


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_a_number_in_prose_is_one_that_the_page_was_told(page):
    """Results are computed; what stays typed are settings, which stand in the code too."""
    chosen = set(re.findall(r"\d+\.?\d*", " ".join(cells(page)).replace("_", "")))
    for number in re.findall(r"\d[\d,.]*\d|\d", prose(page)):
        plain = number.replace(",", "")
        assert plain in chosen | WINDOW | HISTORY or (
            float(plain) <= 12 and "." not in plain
        ), number


@pytest.mark.parametrize("page", CHAPTERS, ids=names(CHAPTERS))
def test_a_chapter_is_read_in_one_sitting(page):
    assert 1_200 <= len(re.findall(r"[A-Za-z][A-Za-z-]*", prose(page))) <= 2_500


def test_every_source_has_a_number_and_is_cited():
    reference = ROOT / "docs" / "reference"
    entries = re.findall(
        r"^@\w+\{(\w+),(.*)$", (reference / "bibliography.bib").read_text(), re.M
    )
    cited = " ".join(path.read_text() for path in [*PAGES, *reference.glob("*.md")])
    cited = set(",".join(re.findall(r"\{cite:\w\}`([\w,]+)`", cited)).split(","))
    assert {key for key, _ in entries} == cited
    for key, entry in entries:
        assert re.search(r"(doi|eprint)=\{[\w./():-]+\}", entry), key


@pytest.mark.parametrize("page", CHAPTERS, ids=names(CHAPTERS))
def test_a_chapter_has_its_parts(page):
    text = page.read_text()
    parts = ["In this chapter", "**You will see**", "**You need**", "**You will learn**"]
    parts += ["## What to remember", "## Exercises", "## Sources"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    figures = r"\.set_label\(|rnnedu\.plot_|diagrams\.(\w+_cell|unrolled)\("
    assert 3 <= len(re.findall(figures, "".join(cells(page)))) <= 8


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_claims_are_checked_and_checks_are_hidden(page):
    checks = [cell for cell in cells(page) if "assert " in cell]
    assert checks
    for cell in checks:
        assert cell.startswith((":tags: [remove-cell]", ":tags: [remove-input]")), cell
