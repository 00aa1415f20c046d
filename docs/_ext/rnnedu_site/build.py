"""Build the site: what ``make html`` runs.

It does what Sphinx does not: one build at a time in a folder, nothing at all where nothing
has changed, no temporary file left behind, and the faults again in the last lines.
"""

import argparse
import os
import re
import shutil
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE.parent), str(ROOT)]  # this copy's extension and package

import filelock  # noqa: E402 (found by the path above, as are those below)

from rnnedu_site import freshness, prices  # noqa: E402

DOCS = ROOT / "docs"
BUILD = DOCS / "_build"
HTML, DOCTREES = BUILD / "html", BUILD / "doctrees"
SCRATCH, WARNINGS = BUILD / "scratch", BUILD / "warnings.txt"
COLOURS = re.compile(r"\x1b\[[\d;]*[mK]")


def main() -> int:
    """Build if need be; return the exit status."""
    argparse.ArgumentParser(description=__doc__).parse_args()  # there are no options
    prices.make_folders_absolute()
    BUILD.mkdir(parents=True, exist_ok=True)
    with one_at_a_time():
        mark = freshness.read_mark(DOCTREES)
        if mark == (freshness.digest_of_sources(ROOT), freshness.state_of_outputs(HTML)):
            print("Nothing has changed since the last build: nothing was executed.")
            return 0
        shutil.rmtree(SCRATCH, ignore_errors=True)  # of a build that was killed
        try:
            use_scratch_folder()
            status = run_sphinx()
        finally:
            shutil.rmtree(SCRATCH, ignore_errors=True)
    if status:
        report()
    return status


def one_at_a_time() -> filelock.BaseFileLock:
    """Return the lock of this folder's build, held; wait for another build's end."""
    lock = filelock.FileLock(BUILD / "lock")
    try:
        return lock.acquire(timeout=0)
    except filelock.Timeout:
        print("Another build is at work in this folder: waiting for its end.", flush=True)
        return lock.acquire()


def use_scratch_folder() -> None:
    """Let all temporary files of this process and its children stand in one folder."""
    for name in ("TMPDIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        folder = SCRATCH / name.lower()
        folder.mkdir(parents=True)
        os.environ[name] = str(folder)


def run_sphinx() -> int:
    """Run Sphinx in this process, warnings being errors; return its exit status.

    Sphinx's own command would take any exception for a bug in Sphinx and ask the reader
    to report it. Mostly it is a fault of a page.
    """
    from sphinx.application import Sphinx
    from sphinx.util.console import color_terminal, nocolor
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    if not color_terminal():
        nocolor()
    folders = [str(folder) for folder in (DOCS, DOCS, HTML, DOCTREES)]
    with (
        WARNINGS.open("w", encoding="utf-8") as file,
        patch_docutils(DOCS),
        docutils_namespace(),
    ):
        try:
            app = Sphinx(*folders, "html", warning=Tee(file), warningiserror=True)
            app.build()
            return app.statuscode
        except SystemExit as end:  # a page is false
            return int(end.code)
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
            return 130
        except Exception as error:
            traceback.print_exc()
            print(f"{type(error).__name__}: {error}", file=file)
            return 2


class Tee:
    """Writes warnings to the terminal and, without colours, to a file."""

    def __init__(self, file):
        """Remember the file."""
        self.file = file

    def write(self, text: str) -> None:
        """Write to both."""
        sys.stderr.write(text)
        self.file.write(COLOURS.sub("", text))

    def flush(self) -> None:
        """Flush both."""
        sys.stderr.flush()
        self.file.flush()


def report() -> None:
    """Repeat what was wrong, last of all."""
    faults = WARNINGS.read_text("utf-8").strip() if WARNINGS.is_file() else ""
    print("\nThe site was not built.", file=sys.stderr)
    if faults:
        print(f"Fix what follows, then run the build again:\n\n{faults}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
