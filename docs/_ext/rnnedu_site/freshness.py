"""Nothing stale and nothing false survives a build.

Three questions are answered here, each by one digest:

*May a computed result be kept?* sphinx-gallery runs an example again when its script
changes, jupyter-cache a page when its cells change. Neither sees a change in the package
or the prices. So both are emptied when `digest_of_results` is another.

*May a page that was read be kept?* Sphinx repeats no warning of a page that it does not
read again, so a build that failed would pass when it is run again. Only a build without
a warning leaves the mark `FINISHED`; where it is missing, all pages are read again.

*Is there anything to do?* The mark holds `digest_of_sources` as it was when the build
began, and `state_of_outputs` at its end.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from rnnedu_site import prices

FINISHED = "finished"  # in the folder of doctrees
RECORD = ".digest"  # in the folder of built examples
SOURCES = ("rnnedu/**/*", "docs/**/*", "gallery/**/*", "constraints.txt", "pyproject.toml")
MADE = {"_build", "auto_gallery", "generated", "backreferences", "__pycache__"}


def digest(root: Path, files, *facts: str) -> str:
    """Return one hash of names and contents of `files`, and of `facts`.

    Parameters
    ----------
    root : pathlib.Path
        A file's name is its path from here, so that it does not matter where this is.
    files : iterable of pathlib.Path
        Their order does not matter.
    *facts : str
        What else counts: where the prices come from and their sha256, say.
    """
    whole = hashlib.sha256("\0".join(facts).encode())
    for name, path in sorted((path.relative_to(root).as_posix(), path) for path in files):
        whole.update(name.encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def files_in(root: Path, patterns) -> list[Path]:
    """Return the files that the patterns name, but for those that a build has made."""
    return [
        path
        for pattern in patterns
        for path in root.glob(pattern)
        if path.is_file() and not MADE & set(path.relative_to(root).parts)
    ]


def digest_of_results(root: Path, patterns) -> str:
    """Hash all that a computed result depends on, besides the page it stands on."""
    found = prices.about()
    return digest(
        root, files_in(root, patterns), found["source"], found["sha256"], sys.version
    )


def digest_of_sources(root: Path) -> str:
    """Hash all that the site is made of."""
    return digest_of_results(root, SOURCES)


def digest_of_examples(app) -> str:
    """Hash the examples and all that results depend on."""
    patterns = ["gallery/**/*", *app.config.rnnedu_results_depend_on]
    return digest_of_results(app.srcdir.parent, patterns)


def state_of_outputs(outdir: Path) -> str:
    """Hash names, sizes and times of all built files."""
    whole = hashlib.sha256()
    for path in sorted(path for path in outdir.rglob("*") if path.is_file()):
        about = path.stat()
        name = path.relative_to(outdir).as_posix()
        whole.update(f"{name}\0{about.st_size}\0{about.st_mtime_ns}\0".encode())
    return whole.hexdigest()


def read_mark(doctreedir: Path) -> tuple[str, str] | None:
    """Return the digests of sources and outputs that the last build left, if it did."""
    mark = Path(doctreedir, FINISHED)
    lines = mark.read_text().split() if mark.is_file() else []
    return tuple(lines) if len(lines) == 2 else None


# -- Stages --------------------------------------------------------------------------


def forget_what_is_stale(app, config) -> None:
    """Keep results only of the same package and prices, doctrees only of a good build."""
    root, doctrees = app.srcdir.parent, app.doctreedir
    mark = read_mark(doctrees)
    if mark is None or mark[1] != state_of_outputs(app.outdir):
        Path(doctrees, "environment.pickle").unlink(missing_ok=True)
    Path(doctrees, FINISHED).unlink(missing_ok=True)

    app.rnnedu_sources = digest_of_sources(root)
    app.rnnedu_examples = digest_of_examples(app)
    config.rnnedu_digest = digest_of_results(root, config.rnnedu_results_depend_on)
    record = record_file(app)
    same = record.is_file() and record.read_text() == config.rnnedu_digest
    record.unlink(missing_ok=True)  # until the examples are done, see `record_digest`
    if not same:
        for md5 in record.parent.rglob("*.md5"):  # without it an example runs again
            md5.unlink()
        shutil.rmtree(cache_folder(app), ignore_errors=True)
        for pages in (app.srcdir, app.outdir):  # a name that is gone leaves no page
            shutil.rmtree(Path(pages, "reference", "generated"), ignore_errors=True)


def record_digest(app) -> None:
    """Record what the examples depend on, now that they are done.

    A build that was killed before may have left an example with the mark of a finished
    one and the page of an earlier one. So the next build runs all of them again.
    """
    record = record_file(app)
    record.parent.mkdir(exist_ok=True)
    record.write_text(app.config.rnnedu_digest)


def prepare_static_folder(app) -> None:
    """Put into ``_static`` what two extensions put there too late.

    The theme copies its logo there at the end of every build, a broken-off one too, and
    makes a *file* of that name, which stops all later builds, if there is no folder yet.
    myst-nb copies its style sheet at the end; pages name the sheet's checksum if it is
    there while they are written, so a first build would differ from a second.
    """
    from myst_nb.sphinx_ext import add_global_html_resources  # not for `build.py`

    Path(app.outdir, "_static").mkdir(parents=True, exist_ok=True)
    add_global_html_resources(app, None)


def remove_page(app, env, docname) -> None:
    """Remove a page that will be read again: if the build fails, no old page is left."""
    Path(app.outdir, f"{docname}.html").unlink(missing_ok=True)


def record_success(app, exception) -> None:
    """Leave the mark of a good build, if it is one and its sources are what they were."""
    if exception or app._warncount:  # private; where it is gone, every build fails
        return
    root = app.srcdir.parent
    if digest_of_sources(root) != app.rnnedu_sources:
        from sphinx.util import logging  # not for `build.py`, which may have little to do

        # Results of pages are found by their cells, so an edited page spoils no other.
        if digest_of_examples(app) != app.rnnedu_examples:
            record_file(app).unlink(missing_ok=True)
        logging.getLogger(__name__).info(
            "A source was changed during this build: the next build makes it new."
        )
        return
    mark = f"{app.rnnedu_sources}\n{state_of_outputs(app.outdir)}\n"
    Path(app.doctreedir, FINISHED).write_text(mark)


def record_file(app) -> Path:
    """Return where the digest of the last results stands."""
    (folder,) = app.config.sphinx_gallery_conf["gallery_dirs"]
    return Path(app.srcdir, folder, RECORD)


def cache_folder(app) -> Path:
    """Return where jupyter-cache keeps executed pages: myst-nb's own choice."""
    return Path(app.config.nb_execution_cache_path or app.outdir.parent / ".jupyter_cache")
