"""The notebooks and scripts that chapters and examples offer, fit for any Jupyter.

A chapter with fill-in tasks has two: a student notebook with stubs, and one with solutions.
They open with what they need. They hold what a reader of the page sees: no cell that is
hidden there, no check, nothing that hands results to the text, no alt text. In their words
the numbers stand as numbers and references as titles. They are written at the end of
each build from what was executed. The script of an example loses its checks, too: they hold
for its own settings, and a reader is asked to change them. It prints the tables that a page
and a notebook show as the last value of a cell.
"""

import ast
import copy
import os
import re
import zipfile
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.util import logging

from rnnedu_site import execution, practice
from rnnedu_site.freshness import cache_folder

log = logging.getLogger(__name__)

CITED = re.compile(r"([a-z]+)(\d{4})\w*")  # a key of the bibliography
LABORATORY = re.compile(r"^### In the laboratory$.*?(?=^##)", re.M | re.S)  # an explorer's
TABLES = {"DataFrame", "assign", "head", "map", "round"}  # calls that make a table
FOLDED = {"hide-input", "hide-cell", "remove-input"}  # their code is folded
HIDDEN = "remove-cell"
STAMP = (1980, 1, 1, 0, 0, 0)  # of files in an archive: the first there can be


def offer_notebooks(app, doctree) -> None:
    """End each chapter with links to its notebooks."""
    docname = app.env.docname
    notebook = execution.read_page(app.env, docname)
    if docname.startswith("learn/") and notebook:
        name = docname.rsplit("/")[-1]
        offers = {name: "Download this page as a notebook"}
        if practice.has_tasks(notebook):
            offers = {
                name: "Download the student notebook: this page, with the tasks to fill in",
                f"{name}_solutions": "Download the solutions notebook",
            }
        links = "".join(
            f'<p><a href="{file}.ipynb" download>{words}</a></p>'
            for file, words in offers.items()
        )
        doctree[0].append(nodes.raw("", links, format="html"))


def write_notebooks(app, exception) -> None:
    """Write the chapters' notebooks beside their pages; correct those of the examples."""
    if exception or app.builder.name != "html":
        return
    titles = {name: title.astext() for name, title in app.env.titles.items()}
    cache = execution.open_cache(cache_folder(app))
    for docname in sorted(name for name in titles if name.startswith("learn/")):
        notebook = execution.read_page(app.env, docname)
        if notebook:
            try:
                _, executed = cache.merge_match_into_notebook(notebook)
            except KeyError:  # the page was edited since: the next build will run it
                continue
            place = Path(app.outdir, docname)
            write(
                chapter(executed, docname, titles), place.with_name(f"{place.name}.ipynb")
            )
            if practice.has_tasks(notebook):
                solved = chapter(executed, docname, titles, with_solutions=True)
                write(solved, place.with_name(f"{place.name}_solutions.ipynb"))
    for path in sorted(Path(app.outdir, "_downloads").rglob("*.ipynb")):
        write(example(nbformat.read(path, as_version=4), titles), path)
    for path in sorted(Path(app.outdir, "_downloads").rglob("plot_*.py")):
        path.write_text(script(path.read_text("utf-8")), "utf-8")
    for path in sorted(Path(app.outdir, "_downloads").rglob("*.zip")):
        correct_archive(path, titles)


def chapter(notebook, docname: str, titles: dict[str, str], *, with_solutions=False):
    """Return the notebook of a chapter, without what only this site understands.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        As it was executed.
    docname : str
        The chapter's name; it goes into a warning if the text names an unknown value.
    titles : dict of str to str
        The titles of all pages by their names.
    with_solutions : bool
        Whether fill-in tasks are solved, or left as they are put.
    """
    notebook = copy.deepcopy(notebook)
    left_out = {HIDDEN, practice.STUB if with_solutions else practice.SOLUTION}
    values = handed_to_text(notebook)
    text = "\n".join(cell.source for cell in notebook.cells)
    labels = re.findall(r"^\$\$ \((.*)\)$", text, re.M)
    numbers = {label: str(n) for n, label in enumerate(labels, 1)}
    cells = []
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", []))
        if tags & left_out:
            continue
        tags -= {"hide-cell"} if practice.SOLUTION in tags else set()
        if cell.cell_type == "markdown":
            cell.source = LABORATORY.sub("", cell.source)
            cell.source = practice.questions_in_words(cell.source)
            cell.source = practice.dropdowns_in_words(cell.source, with_solutions)
            cell.source = in_words(cell.source, docname, values, numbers, titles)
        else:
            cell.source = without_checks(cell.source)
            cell.outputs = [o for o in cell.outputs if is_for_reader(o)]
            for output in cell.outputs:
                if "metadata" in output:  # of the picture's size, say
                    output.metadata = {}
            cell.metadata = {"jupyter": {"source_hidden": True}} if tags & FOLDED else {}
            if "hide-cell" in tags:
                cell.metadata["jupyter"]["outputs_hidden"] = True
        cells.append(cell)
    return finished(cells, notebook.metadata.get("kernelspec"))


def example(notebook, titles: dict[str, str]):
    """Return the notebook of an example with references as words."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = rst_in_words(cell.source, titles)
        else:
            cell.source = without_checks(cell.source)
    return finished(notebook.cells, notebook.metadata.get("kernelspec"))


def script(source: str) -> str:
    """Return the script of an example, which prints its tables, without its checks."""
    empty = r"# sphinx_gallery_start_ignore\n\s*# sphinx_gallery_end_ignore\n+"
    return re.sub(empty, "", printing_tables(without_checks(source)) + "\n")


def finished(cells, kernelspec):
    """Return a notebook of `cells` that opens with what it needs; ids are counted."""
    head = nbformat.v4.new_markdown_cell(what_it_needs())
    kept = [head, *(cell for cell in cells if cell.source.strip())]
    for count, cell in enumerate(kept):
        cell["id"] = f"cell-{count}"
    kernelspec = kernelspec or {"name": "python3", "display_name": "Python 3"}
    return nbformat.v4.new_notebook(cells=kept, metadata={"kernelspec": kernelspec})


def what_it_needs() -> str:
    """Say what a notebook needs, and how to get it, as far as this build knows."""
    address = os.environ.get("READTHEDOCS_GIT_CLONE_URL")
    how = (
        f'`%pip install "git+{address}"`'
        if address
        else "`pip install -c constraints.txt .` in a copy of the project's repository"
    )
    return (
        f"> **Before you run this notebook**, install the package `rnnedu`, which brings "
        f"TensorFlow and all else it needs: {how}. Nothing here needs a graphics card."
    )


def write(notebook, path: Path) -> None:
    """Write a notebook, the same bytes for the same notebook."""
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", "utf-8")


def correct_archive(path: Path, titles: dict[str, str]) -> None:
    """Correct the notebooks and scripts in an archive. All files get the same time."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in sorted(archive.namelist())}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            if name.endswith(".ipynb"):
                corrected = example(nbformat.reads(data.decode(), as_version=4), titles)
                data = (nbformat.writes(corrected) + "\n").encode()
            elif name.endswith(".py"):
                data = script(data.decode()).encode()
            archive.writestr(zipfile.ZipInfo(name, STAMP), data, zipfile.ZIP_DEFLATED)


# -- Outputs -------------------------------------------------------------------------


def is_for_reader(output) -> bool:
    """Whether an output is shown on the page: no log, nothing handed to the text."""
    return output.get("name") != "stderr" and "scrapbook" not in output.get("metadata", {})


def handed_to_text(notebook) -> dict:
    """Return what the cells handed to the text by ``glue``, by name."""
    values = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "scrapbook" in output.get("metadata", {}):
                (text,) = (t for kind, t in output.data.items() if kind.endswith("/plain"))
                values[output.metadata["scrapbook"]["name"]] = ast.literal_eval(text)
    return values


# -- Words ---------------------------------------------------------------------------


def in_words(text: str, docname: str, values, numbers, titles) -> str:
    """Return MyST Markdown as plain Markdown: roles as words, equations numbered."""

    def role(match):
        kind, inner = match["kind"], match["inner"]
        if kind == "glue:text":
            name, _, form = inner.partition(":")
            try:
                return format(values[name], form)
            except (KeyError, ValueError) as error:
                said = "no cell hands it to the text" if name not in values else error
                log.warning("glue:text `%s`: %s", inner, said, location=docname)
                return "?"
        if kind == "eq":
            return f"({numbers.get(inner, inner.removeprefix('eq-'))})"
        if kind.startswith("cite"):
            cited = "; ".join(
                CITED.sub(lambda m: f"{m[1].title()} {m[2]}", key)
                for key in inner.split(",")
            )
            return f"({cited})" if kind == "cite:p" else cited
        return reference(kind, inner, titles, docname)

    text = re.sub(r"\{(?P<kind>[\w:]+)\}`(?P<inner>[^`]*)`", role, text)
    text = re.sub(
        r"^\$\$\n(.*?)\n\$\$ \((.*?)\)$",
        lambda m: f"$$\n{m[1]} \\tag{{{numbers[m[2]]}}}\n$$",
        text,
        flags=re.S | re.M,
    )
    text = re.sub(r"^:::\{admonition\} (.*)$", r"**\1**", text, flags=re.M)
    return re.sub(r"^(:{3,}|:\w+:.*|```\{\w+\}.*)$\n?", "", text, flags=re.M)


def rst_in_words(text: str, titles: dict[str, str]) -> str:
    """Return what sphinx-gallery made of reStructuredText with its roles as words."""
    return re.sub(
        r":(?P<kind>[\w:]+):`(?P<inner>[^`]*)`",
        lambda m: reference(m["kind"].removeprefix("py:"), m["inner"], titles, ""),
        text,
    )


def reference(kind: str, inner: str, titles: dict[str, str], docname: str) -> str:
    """Return what a reference shows: its own words, a page's title, or code."""
    shown = re.sub(r"\s*<[^>]*>$", "", inner)  # words <target>
    if kind == "doc" and shown == inner:
        folder = docname.rpartition("/")[0]
        name = inner[1:] if inner.startswith("/") else f"{folder}/{inner}".lstrip("/")
        return f"*{titles.get(name, inner.rsplit('/')[-1].replace('_', ' '))}*"
    if kind in ("doc", "term", "ref"):
        return shown
    return f"`{shown.removeprefix('~')}`"


# -- Code ----------------------------------------------------------------------------


def without_checks(code: str) -> str:
    """Return code without assertions, alt texts, and what hands results to the text."""
    lines = code.splitlines()
    for first, last in reversed(_dropped(ast.parse(_runnable(code)).body)):
        del lines[first - 1 : last]
    return "\n".join(lines).strip("\n")


def printing_tables(code: str) -> str:
    """Return code that prints each table that it would only show in a notebook."""
    lines = code.encode().split(b"\n")  # as `ast` counts columns: in bytes
    for statement in ast.parse(code).body:
        if _is_table(statement):
            first, last = statement.lineno - 1, statement.end_lineno - 1
            end = statement.end_col_offset
            lines[last] = lines[last][:end] + b")" + lines[last][end:]
            lines[first] = b"print(" + lines[first]
    return b"\n".join(lines).decode()


def _is_table(statement) -> bool:
    """Whether a statement is nothing but a table: its outermost call makes one."""
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return False
    return getattr(statement.value.func, "attr", "") in TABLES


def _dropped(body) -> list[tuple[int, int]]:
    """Return the first and last lines of statements to drop, in order."""
    spans = []
    for statement in body:
        span = (statement.lineno, statement.end_lineno)
        inner = getattr(statement, "body", None)
        if _is_for_the_build(statement):
            spans.append(span)
        elif isinstance(statement, ast.For | ast.If | ast.With):
            dropped = _dropped(inner)
            whole = len(dropped) == len(inner) and not getattr(statement, "orelse", [])
            spans += [span] if whole else dropped
    return spans


def _is_for_the_build(statement) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "myst_nb"
    if isinstance(statement, ast.Assert):
        return True
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return False
    called = ast.unparse(statement.value.func)
    return called == "glue" or called.endswith("fig.set_label")


def _runnable(code: str) -> str:
    """Return code that `ast` can read: lines for IPython alone are comments."""
    return re.sub(r"^[%!]", "#", code, flags=re.M)
