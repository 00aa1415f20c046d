"""The chapters as notebooks for any Jupyter.

What myst-nb executed is full of Sphinx: roles and directives in the text, results that
are handed to it by ``glue``, checks for the build. Here the text gets its numbers, the
references become plain words, and glue and checks go.
"""

import ast
import json
import re
from pathlib import Path

import nbformat
from sphinx.util import logging

log = logging.getLogger(__name__)

CITED = re.compile(r"([a-z]+)(\d{4})\w?")  # a key of the bibliography


def offer_notebook(app, docname, source) -> None:
    """End each chapter with a link to its notebook."""
    if docname.startswith("learn/") and "{code-cell}" in source[0]:
        name = docname.removeprefix("learn/")
        source[0] += (
            f'\n<a href="{name}.ipynb" download>Download this page as a notebook</a>\n'
        )


def write_notebooks(app, exception) -> None:
    """Write the notebook of each chapter beside its page."""
    if exception or app.builder.name != "html":
        return
    for path in (Path(app.outdir).parent / "jupyter_execute" / "learn").glob("*.ipynb"):
        beside = Path(app.outdir, "learn", path.name)
        if beside.with_suffix(".html").is_file():
            glued = path.with_suffix(".glue.json")
            values = {
                name: ast.literal_eval(_text_of(output["data"]))
                for name, output in json.loads(glued.read_text()).items()
            }
            nbformat.write(plain(nbformat.read(path, as_version=4), values), beside)


def plain(notebook, values: dict):
    """Return a notebook without anything that only this site understands.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        As myst-nb executed it.
    values : dict
        What its cells handed to its text, by name.
    """
    labels = re.findall(
        r"^\$\$ \((.*)\)$", "\n".join(c.source for c in notebook.cells), re.M
    )
    numbers = {label: str(n) for n, label in enumerate(labels, 1)}
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = in_words(cell.source, values, numbers)
        else:
            cell.source = without_checks(cell.source)
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
            cell.metadata = {}
        if cell.source.strip():
            cells.append(cell)
    notebook.cells = cells
    return notebook


def in_words(text: str, values: dict, numbers: dict[str, str]) -> str:
    """Return MyST Markdown as plain Markdown: roles as words, equations numbered."""

    def role(match):
        kind, inner = match["kind"], match["inner"]
        if kind == "glue:text":
            name, _, form = inner.partition(":")
            return format(values[name], form)
        if kind == "eq":
            return f"({numbers.get(inner, inner.removeprefix('eq-'))})"
        if kind.startswith("cite"):
            cited = "; ".join(
                CITED.sub(lambda m: f"{m[1].title()} {m[2]}", key)
                for key in inner.split(",")
            )
            return f"({cited})" if kind == "cite:p" else cited
        shown = re.sub(r"\s*<[^>]*>$", "", inner)  # words <target>
        if kind == "doc" and shown == inner:
            return f"*{inner.rsplit('/')[-1].replace('_', ' ')}*"
        return f"`{inner}`" if kind.startswith("py") else shown

    text = re.sub(r"\{(?P<kind>[\w:]+)\}`(?P<inner>[^`]*)`", role, text)
    text = re.sub(
        r"^\$\$\n(.*?)\n\$\$ \((.*?)\)$",
        lambda m: f"$$\n{m[1]} \\tag{{{numbers[m[2]]}}}\n$$",
        text,
        flags=re.S | re.M,
    )
    text = re.sub(r"^:::\{admonition\} (.*)$", r"**\1**", text, flags=re.M)
    return re.sub(r"^(:{3,}|:\w+:.*|```\{\w+\}.*)$\n?", "", text, flags=re.M)


def without_checks(code: str) -> str:
    """Return code without assertions and without what hands results to the text."""
    lines = code.splitlines()
    for first, last in reversed(_dropped(ast.parse(_runnable(code)).body)):
        del lines[first - 1 : last]
    return "\n".join(lines).strip("\n")


def _dropped(body) -> list[tuple[int, int]]:
    """Return the first and last lines of statements to drop, in order."""
    spans = []
    for statement in body:
        span = (statement.lineno, statement.end_lineno)
        inner = getattr(statement, "body", None)
        if _is_check(statement):
            spans.append(span)
        elif isinstance(statement, ast.For | ast.If | ast.With):
            dropped = _dropped(inner)
            whole = len(dropped) == len(inner) and not getattr(statement, "orelse", [])
            spans += [span] if whole else dropped
    return spans


def _is_check(statement) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "myst_nb"
    called = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    return isinstance(statement, ast.Assert) or (
        called and getattr(statement.value.func, "id", "") == "glue"
    )


def _runnable(code: str) -> str:
    """Return code that `ast` can read: lines for IPython alone are comments."""
    return re.sub(r"^[%!]", "#", code, flags=re.M)


def _text_of(data: dict) -> str:
    (text,) = [text for kind, text in data.items() if kind.endswith("text/plain")]
    return text


def setup(app):
    """Connect to what is about to be read, and to the end of the build."""
    app.connect("source-read", offer_notebook)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
