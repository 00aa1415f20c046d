"""How the examples are made: lines, prose to code, lines of figures.

Run it for a table of all of them: ``python tests/gallery/measures.py``.
"""

import ast
import re
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from sphinx_gallery.py_source_parser import split_code_and_text_blocks

GALLERY = Path(__file__).parents[2] / "gallery"
SCRIPTS = sorted(GALLERY.glob("*.py")) + sorted(GALLERY.glob("*/*.py"))
HIDDEN = re.compile(
    r"^# sphinx_gallery_start_ignore.*?^# sphinx_gallery_end_ignore\n?", re.S | re.M
)
DRAWS = re.compile(r"\b(plots|ax|axes|fig|figure|plt)\b|\bplot_")


@dataclass(frozen=True)
class Measures:
    """Lines of one example; blank ones count only in the whole."""

    lines: int
    prose: int
    code: int  # what a reader sees of it
    hidden: int
    figures: int  # of the visible code, statements that draw
    longest_cell: int
    words: int

    @property
    def minutes(self) -> int:
        """To read it: 150 words a minute, six lines of code a minute, in fives."""
        return 5 * max(1, round((self.words / 150 + self.code / 6) / 5))

    @property
    def prose_to_code(self) -> float:
        return self.prose / self.code


def blocks(script: Path) -> list[tuple[str, str, int]]:
    """Return kind ("text" or "code"), content and first line of each block."""
    return split_code_and_text_blocks(str(script))[1]


def shown(code: str) -> str:
    """Return a block of code as a reader sees it."""
    return HIDDEN.sub("", code)


def filled(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def lines_that_draw(code: str) -> int:
    lines = code.splitlines()
    return sum(
        filled("\n".join(lines[node.lineno - 1 : node.end_lineno]))
        for node in ast.parse(code).body
        if DRAWS.search(ast.get_source_segment(code, node))
        and not isinstance(node, ast.Import | ast.ImportFrom)
    )


def measure(script: Path) -> Measures:
    """Measure one example."""
    source, parts = script.read_text("utf-8"), blocks(script)
    code = [shown(content) for kind, content, _ in parts if kind == "code"]
    return Measures(
        lines=len(source.splitlines()),
        prose=sum(filled(content) for kind, content, _ in parts if kind == "text"),
        code=sum(map(filled, code)),
        hidden=sum(map(filled, HIDDEN.findall(source))),
        figures=sum(map(lines_that_draw, code)),
        longest_cell=max(map(filled, code)),
        words=sum(len(content.split()) for kind, content, _ in parts if kind == "text"),
    )


if __name__ == "__main__":
    names = [field.name.replace("_", " ") for field in fields(Measures)]
    print(
        " ".join(
            [f"{'example':32}", *(f"{n:>12}" for n in names), "prose/code figures minutes"]
        )
    )
    for script in SCRIPTS:
        found = measure(script)
        row = [f"{script.stem:32}", *(f"{value:12}" for value in astuple(found))]
        share = found.figures / found.code
        print(
            " ".join([*row, f"{found.prose_to_code:10.2f} {share:7.0%} {found.minutes:7}"])
        )
