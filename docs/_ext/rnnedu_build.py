"""Build the site (`make html`), unless nothing that it is made of has changed.

Sphinx itself takes some seconds to find out that there is nothing to do. Here the
sources, the package, the pins, the prices and the built files are compared with what
they were after the last build that succeeded.
"""

import gc
import sys
from pathlib import Path

import rnnedu_freshness

from rnnedu import load_ibm

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BUILT = DOCS / "_build" / "html"
STAMP = DOCS / "_build" / "stamp"
MADE = {"_build", "auto_gallery", "generated", "backreferences", "__pycache__"}
OPTIONS = ["-n", "-W", "--keep-going", "-j", "2", "-b", "html"]


def fingerprint() -> str:
    """Return a hash of everything the site is made of, and of what was made."""
    sources = [ROOT / "constraints.txt", ROOT / "pyproject.toml"]
    for folder in (ROOT / "rnnedu", ROOT / "gallery", DOCS):
        sources += [
            path
            for path in folder.rglob("*")
            if path.is_file() and not MADE & set(path.relative_to(folder).parts)
        ]
    outputs = sorted(path for path in BUILT.rglob("*") if path.is_file())
    stats = ((path.stat().st_size, path.stat().st_mtime_ns, path) for path in outputs)
    about = load_ibm().attrs
    return rnnedu_freshness.digest(
        sources, about["source"], about["sha256"], sys.version, repr(list(stats))
    )


def main() -> int:
    """Build if need be; return the exit status."""
    if STAMP.is_file() and STAMP.read_text() == fingerprint():
        print("Nothing has changed since the last build: nothing was executed.")
        return 0
    from sphinx.cmd.build import main as sphinx

    gc.disable()  # nearly all that Sphinx makes, it keeps: looking through it takes seconds
    STAMP.unlink(missing_ok=True)
    status = sphinx(
        [*OPTIONS, "-d", str(DOCS / "_build" / "doctrees"), str(DOCS), str(BUILT)]
    )
    if status == 0:
        STAMP.write_text(fingerprint())
    return status


if __name__ == "__main__":
    sys.exit(main())
