"""What pages leave to the package: no loop over seeds, no look, no network of their own."""

import re
from pathlib import Path

import pytest
from sphinx_gallery.py_source_parser import split_code_and_text_blocks

ROOT = Path(__file__).parents[2]
CELL = re.compile(r"^```\{code-cell\} python\n(.*?)^```$", re.S | re.M)
PAGES = [
    *sorted((ROOT / "docs" / "learn").glob("*.md")),
    ROOT / "docs" / "reference" / "notebook.md",
    *sorted((ROOT / "gallery").rglob("plot_*.py")),
]


def code(page):
    if page.suffix == ".md":
        return "\n".join(CELL.findall(page.read_text()))
    blocks = split_code_and_text_blocks(str(page))[1]
    return "\n".join(content for kind, content, _ in blocks if kind == "code")


def lines_with(pattern, page):
    return [line for line in code(page).splitlines() if re.search(pattern, line)]


@pytest.fixture(params=PAGES, ids=lambda page: page.stem)
def page(request):
    return request.param


def test_a_look_stands_in_the_package(page):
    """Colours as numbers, sizes of figures, alt texts: see `rnnedu.plots`."""
    own = r"#[0-9a-fA-F]{6}|figsize|\.set_label\([\"'f]|plt\.(subplots|figure)\(|rcParams"
    sizes = r"linewidth|linestyle=|markersize|\b(lw|ms|mew)=|\bfontsize=\d"
    assert not lines_with(f"{own}|{sizes}", page)


PROSE = sorted(p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts)


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.stem)
def test_no_words_are_lost_to_a_comment(path):
    """MyST takes a line that begins with % for a comment, within a sentence, too."""
    assert not re.findall(r"^%.*", CELL.sub("", path.read_text()), re.M)


def test_the_loop_over_seeds_is_fit_seeds(page):
    assert not lines_with(r"reset_weights|fast_training", page)


OWN_REPLAY = {
    "deeper": "a stack of layers, one after the other, is what it teaches",
    "lstm": "looks at the layers of a network that a learner has built",
    "recurrent_networks": "goes through layers to count their parameters only",
}


def test_networks_are_copied_whole(page):
    """`cells.Network.from_keras` goes through the layers, and no page does."""
    loops = lines_with(r"for \w+ in \w+\.layers\b", page)
    if page.stem not in OWN_REPLAY:
        assert not (loops and lines_with(r"cells\.run_cell", page)), loops
