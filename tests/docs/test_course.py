"""The chapters' sources: what they are made of, and that no result is typed in."""

import ast
import re
import subprocess
import symtable
import sys
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
    """What a reader reads: no head, minutes, cells, formulas, nor code within a line."""
    text = re.sub(r"\A---.*?^---$", "", page.read_text(), flags=re.S | re.M)
    text = re.sub(r"\*\*Time\*\*:.*?\.", "", CELL.sub("", text), flags=re.S)
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
    explained = prose(page).split("\n## Practice\n")[0]
    assert 1_200 <= len(re.findall(r"[A-Za-z][A-Za-z-]*", explained)) <= 2_500


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


OLD_PARTS = ["In this chapter", "**You will see**", "**You need**", "**You will learn**"]
OLD_PARTS += ["## What to remember", "## Exercises", "## Sources"]
PARTS = ["In this chapter", "**After this chapter you can**", "**You need**", "**Time**"]
PARTS += ["## Practice", "### Task 1", "### Task 2", "### An open task"]
PARTS += ["### Five questions", "## What to remember", "## In the gallery", "## Sources"]
PRACTISED = [page for page in CHAPTERS if "## Practice" in page.read_text()]


@pytest.mark.parametrize("page", PRACTISED, ids=names(PRACTISED))
def test_the_start_page_gives_a_chapters_own_minutes(page):
    time = re.search(r"\*\*Time\*\*:(.*?)\.", page.read_text(), re.S)
    read, practice = re.findall(r"(\d+)\s+minutes", time.group(1))
    row = f'"{page.stem}": ({read}, {practice}),'
    assert row in (LEARN / "index.md").read_text()


@pytest.mark.parametrize("page", CHAPTERS, ids=names(CHAPTERS))
def test_a_chapter_has_its_parts(page):
    text = page.read_text()
    parts = PARTS if page in PRACTISED else OLD_PARTS
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    diagrams = r"diagrams\.(\w+_cell|unrolled|\w+_network|\w+_chain)\("
    figures = rf"plots\.figure\(|\.plot_\w+\(|{diagrams}"
    assert 3 <= len(re.findall(figures, "".join(cells(page)))) <= 8


@pytest.mark.parametrize("page", PRACTISED, ids=names(PRACTISED))
def test_a_chapter_is_practised(page):
    text = page.read_text()
    assert len(re.findall(r"^:::\{predict\}$", text, re.M)) >= 3
    assert len(re.findall(r"^:::\{question\}$", text, re.M)) == 5
    assert sum("[practice-stub]" in cell for cell in cells(page)) == 2
    for task in re.split(r"^### Task ", text, flags=re.M)[1:]:
        assert re.search(r"^:::\{dropdown\} Hint 1$", task, re.M)
        assert re.search(r"^:::\{dropdown\} Solution in words$", task, re.M)


@pytest.mark.parametrize("page", PRACTISED, ids=names(PRACTISED))
def test_a_chapter_shows_little_code(page):
    """At most sixty lines that are neither folded nor hidden, stubs and all."""
    shown = [cell for cell in cells(page) if not re.search(r"(hide|remove)-", cell)]
    lines = [line for cell in shown for line in code_of(cell).splitlines() if line.strip()]
    assert len(lines) <= 60, len(lines)


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_claims_are_checked_and_checks_are_hidden(page):
    checks = [cell for cell in cells(page) if "assert " in cell]
    assert checks
    for cell in checks:
        assert cell.startswith(":tags: [") and is_hidden(cell), cell


# -- A reader sees all that the code on a page needs ---------------------------------

WITH_CODE = [
    *PAGES,
    *(page for page in (ROOT / "docs").glob("*.md") if CELL.search(page.read_text())),
]


def code_of(cell):
    """A cell's code, without its options and without lines for IPython alone."""
    code = re.sub(r"\A(:\w+:.*\n)+", "", cell)
    return re.sub(r"^[%!].*", "", code, flags=re.M)


def is_hidden(cell):
    """Whether no reader sees the code: what is folded can be unfolded."""
    return bool(re.match(r":tags: \[.*\bremove-(cell|input)\b.*\]", cell))


def is_left_out(cell):
    """Whether a notebook does not hold the cell."""
    return bool(re.match(r":tags: \[.*\bremove-cell\b.*\]", cell))


@pytest.mark.parametrize(
    ("page", "left_out"),
    [(page, is_hidden) for page in WITH_CODE]
    + [(page, is_left_out) for page in WITH_CODE if page.parent.name == "learn"],
    ids=lambda given: getattr(given, "stem", getattr(given, "__name__", "")),
)
def test_code_knows_every_name_without_what_is_left_out(page, left_out, tmp_path):
    """On the page, what is hidden; in the notebook, what only the build needs."""
    visible = tmp_path / "visible.py"
    visible.write_text("\n".join(code_of(c) for c in cells(page) if not left_out(c)))
    linter = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821"]
    result = subprocess.run([*linter, visible], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def bound(code):
    """Names that code binds where it stands, not within functions or comprehensions."""
    inner = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    found, todo = set(), [*ast.parse(code).body]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif not isinstance(node, inner):
            if isinstance(node, ast.Import | ast.ImportFrom):
                found |= {(a.asname or a.name).split(".")[0] for a in node.names}
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            todo += ast.iter_child_nodes(node)
    return found


def read(code):
    """Names of the page that code reads, within functions, too."""
    found, todo = set(), [symtable.symtable(code, "cell", "exec")]
    while todo:
        table = todo.pop()
        here = table.get_type() == "module"
        found |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (here or symbol.is_global())
        }
        todo += table.get_children()
    return found


def test_what_a_cell_binds_and_reads_is_found():
    code = "import a.b\nfor c in d:\n    e = [f for f in g]\ndef h(i):\n    return i + j\n"
    assert bound(code) == {"a", "c", "e", "h"}
    assert read(code) == {"d", "g", "j"}


@pytest.mark.parametrize("page", WITH_CODE, ids=names(WITH_CODE))
def test_no_visible_cell_reads_what_a_hidden_one_has_bound_last(page):
    last_bound_in = {}
    for cell in cells(page):
        code = code_of(cell)
        if not is_hidden(cell):
            wanted = read(code) - bound(code)
            assert not {n for n in wanted if is_hidden(last_bound_in.get(n, ""))}, code
        last_bound_in |= dict.fromkeys(bound(code), cell)


@pytest.mark.parametrize("page", WITH_CODE, ids=names(WITH_CODE))
def test_no_line_of_code_is_longer_than_the_page_is_wide(page):
    for cell in filter(lambda cell: not is_hidden(cell), cells(page)):
        for line in cell.splitlines():
            assert len(line) <= 88, line


EXAMPLES = sorted((ROOT / "gallery").rglob("plot_*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=names(EXAMPLES))
def test_an_example_names_its_chapter_and_a_chapter_names_it(example):
    chapters = re.findall(r":doc:`(?:[^`<]*<)?/learn/(\w+)>?`", example.read_text())
    assert chapters and {LEARN / f"{name}.md" for name in chapters} <= set(CHAPTERS)
    page = f"/auto_gallery/{example.relative_to(ROOT / 'gallery').with_suffix('')}"
    assert any(page in chapter.read_text() for chapter in CHAPTERS)


def test_the_glossary_says_where_a_term_is_first_used():
    """The first chapter that links it; if none does, the first that names it."""
    order = re.search(
        r"```\{toctree\}.*?\n\n(.*?)\n```", (LEARN / "index.md").read_text(), re.S
    )
    pages = {name: (LEARN / f"{name}.md").read_text() for name in order.group(1).split()}
    linked = {
        name: {
            re.sub(r"^.*<(.*)>$", r"\1", " ".join(term.split())).lower()
            for term in re.findall(r"\{term\}`([^`]*)`", text)
        }
        for name, text in pages.items()
    }
    plain = {name: " ".join(CELL.sub("", text).split()) for name, text in pages.items()}
    text = (ROOT / "docs" / "reference" / "glossary.md").read_text()
    text = text.partition(":sorted:")[2].rpartition("```")[0]
    entries = [block.splitlines() for block in re.split(r"\n\n(?=\S)", text.strip())]
    assert len(entries) >= 110
    for lines in entries:
        terms = [line for line in lines if not line.startswith(" ")]
        entry = " ".join(" ".join(lines).split())
        said = re.findall(r"\*First used in\* \{doc\}`/learn/(\w+)`", entry)
        words = re.compile(rf"\b({'|'.join(map(re.escape, terms))})s?\b", re.I)
        uses = [n for n in pages if linked[n] & {term.lower() for term in terms}]
        uses = uses or [name for name in pages if words.search(plain[name])]
        assert said == uses[:1], f"{terms[0]}: first used in {uses[:1]}"
