"""The cells of pages are run here, two pages at a time, and what is false is named.

jupyter-cache keeps what came out, by a page's code alone; where Sphinx then reads a page,
myst-nb finds its outputs there and runs nothing.
"""

import re
import shutil
from pathlib import Path

import nbformat
from joblib import Parallel, delayed
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
from sphinx.util import logging
from sphinx_gallery.gen_gallery import summarize_failing_examples

from rnnedu_site.freshness import cache_folder
from rnnedu_site.workers import end_with_parent

log = logging.getLogger(__name__)

AT_ONCE = 2  # processes; each page's kernel computes in one thread
COLOURS = re.compile(r"\x1b\[[\d;]*m")
TOO_LONG = (
    "it took longer than nb_execution_timeout allows for a cell. Fix: run the build again "
    "with less beside it; weights that were trained are kept. If the cell needs more, "
    "raise the limit in docs/conf.py."
)


def execute_pages(app, env, docnames) -> None:
    """Run each page about to be read whose outputs are not kept; end if one is false."""
    cache = open_cache(cache_folder(app))
    waiting, faults = {}, []
    for docname in docnames:
        try:
            notebook = read_page(env, docname)
        except Exception as error:  # a head or a cell's options that are no YAML
            faults.append(f"{env.doc2path(docname)}: cannot be read: {error}")
            continue
        if notebook and not outputs_are_kept(cache, notebook):
            waiting[docname] = notebook

    # Those with most code first: a long page begun last would keep one process waiting.
    order = sorted(waiting, key=lambda name: -len(code_of(waiting[name])))
    done = Parallel(AT_ONCE, return_as="generator_unordered", batch_size=1)(
        delayed(execute)(
            docname,
            waiting[docname],
            str(Path(env.doc2path(docname)).parent),
            env.mystnb_config.execution_timeout,
        )
        for docname in order
    )
    for count, (docname, notebook, seconds, last, error) in enumerate(done, 1):
        log.info("ran %s in %.0f s (%d of %d)", docname, seconds, count, len(waiting))
        if error is None:
            keep(cache, notebook, env.doc2path(docname), seconds)
        else:
            faults.append(fault(Path(env.doc2path(docname)), notebook, last, error))
    if faults:
        summarize_failing_examples(app, None)  # sphinx-gallery would at the end, only
        for each in faults:
            log.warning(each)
        raise SystemExit(2)  # Sphinx takes any exception for a bug; a false page is none


def execute(docname, notebook, folder, timeout, tries=2):
    """Run a page's cells in a kernel of its own.

    A kernel that does not start is tried once more: two that start at the same moment may
    choose the same port.

    Returns
    -------
    tuple
        The page's name, the page with outputs, seconds, the index of the last cell that
        was begun, and what went wrong or None.
    """
    end_with_parent()
    begun = [0]
    try:
        result = single_nb_execution(
            notebook,
            cwd=folder,
            timeout=timeout,
            allow_errors=False,
            coalesce_streams=True,  # however the kernel happened to flush
            on_cell_execute=lambda cell, cell_index: begun.append(cell_index),
            # No history of what was typed; no warning in each log that TCP is used.
            extra_arguments=["--HistoryManager.enabled=False", "--log-level=ERROR"],
        )
    except Exception as died:  # the kernel, say, for want of memory
        if tries > 1 and len(begun) == 1:
            return execute(docname, notebook, folder, timeout, tries - 1)
        return docname, notebook, 0.0, begun[-1], f"{type(died).__name__}: {died}"
    return docname, result.nb, result.time, begun[-1], result.err and str(result.err)


# -- Pages and the cache -------------------------------------------------------------


def read_page(env, docname):
    """Return a page as a notebook without outputs, or None if it has no cells."""
    path = Path(env.doc2path(docname))
    if path.suffix != ".md":
        return None
    text = path.read_text("utf-8")
    reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
    return reader and reader.read(text)


def open_cache(folder: Path):
    """Open the cache of executed pages; replace it if a killed build damaged it."""
    try:
        cache = get_cache(folder)
        cache.list_cache_records()
    except Exception as error:
        log.info("%s cannot be read (%s): all pages are run again.", folder, error)
        shutil.rmtree(folder, ignore_errors=True)
        cache = get_cache(folder)
        cache.list_cache_records()
    return cache


def outputs_are_kept(cache, notebook) -> bool:
    """Whether the cache has this page whole; what is half written there is dropped."""
    try:
        record = cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    try:
        cache.get_cache_bundle(record.pk)
    except (KeyError, ValueError, OSError):
        cache.remove_cache(record.pk)
        return False
    return True


def keep(cache, notebook, uri: str, seconds: float) -> None:
    """Put an executed page into the cache, as myst-nb would."""
    bundle = CacheBundleIn(notebook, uri, data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def code_of(notebook) -> str:
    """Return all code of a page."""
    return "\n".join(c.source for c in notebook.cells if c.cell_type == "code")


# -- What is false -------------------------------------------------------------------


def fault(page: Path, notebook, place: int, error: str) -> str:
    """Say which page, line and cell failed, and between which sentences it stands.

    Parameters
    ----------
    page : pathlib.Path
        The page's source.
    notebook : nbformat.NotebookNode
        As far as it was run.
    place : int
        Which of its cells was the last to be begun.
    error : str
        What nbclient said; taken where no cell has an error of its own.
    """
    raised = [o for o in notebook.cells[place].get("outputs", []) if "ename" in o]
    if raised:
        what = f"{raised[0].ename}: {raised[0].evalue}"
        traceback = COLOURS.sub("", "\n".join(raised[0].traceback))
        if raised[0].ename == "KeyboardInterrupt":  # only the time limit sends one
            what = TOO_LONG
    else:
        what, traceback = COLOURS.sub("", error.strip()).splitlines()[-1], ""
    found = re.search(r"Cell In\[\d+\], line (\d+)", traceback)
    source = notebook.cells[place].source.splitlines() or [""]
    number = min(int(found[1]) if found else 1, len(source))
    line = line_in_page(page, notebook, place) + number - 1
    nth = sum(cell.cell_type == "code" for cell in notebook.cells[: place + 1])
    before = sentences(notebook.cells[:place])[-1:]
    after = sentences(notebook.cells[place + 1 :])[:1]
    around = [f"  {w} it: “{s[0]}”" for w, s in (("before", before), ("after", after)) if s]
    head = f"{page}:{line}: code cell {nth} failed: {what.strip() or 'AssertionError'}"
    return "\n".join([head, f"    {source[number - 1].strip()}", *around])


def line_in_page(page: Path, notebook: nbformat.NotebookNode, place: int) -> int:
    """Return the line of the page, from 1, at which a cell's code begins."""
    start = notebook.metadata.get("source_map", [0] * (place + 1))[place]
    lines = page.read_text("utf-8").splitlines()
    first = (notebook.cells[place].source.splitlines() or [""])[0]
    return next((k for k, text in enumerate(lines, 1) if k > start and text == first), 1)


def sentences(cells) -> list[str]:
    """Return the sentences of Markdown cells, on one line each, without directives."""
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"\$\$.*?\$\$.*?$|^(:::|```|:\w+:|#|\|).*?$", "", text, flags=re.M | re.S)
    parts = [" ".join(part.split()) for part in re.split(r"\n{2,}", text)]
    return [s for part in parts if part for s in re.split(r"(?<=[.!?:]) (?=[A-Z{*])", part)]
