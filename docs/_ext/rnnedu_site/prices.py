"""Which prices this build is about: looked for once; announced if not the usual ones."""

import functools
import os
from pathlib import Path

FOLDERS = ("RNNEDU_DATA_DIR", "RNNEDU_CACHE_DIR")


def make_folders_absolute() -> None:
    """Let relative folders in the settings mean the caller's, wherever a page runs."""
    for name in FOLDERS:
        if os.environ.get(name):
            os.environ[name] = str(Path(os.environ[name]).expanduser().absolute())


@functools.cache
def about() -> dict:
    """Return what the prices say of themselves: source, sha256, first day and so on.

    Where the notebook's file cannot be had, every process of this build is told to take
    the embedded series, so that all pages are about the same prices.
    """
    import rnnedu

    attrs = rnnedu.load_ibm().attrs
    if attrs["source"] == "embedded":
        os.environ["RNNEDU_DATA"] = "embedded"
    return attrs


def choose(app, config) -> None:
    """Find the prices; if they are not the notebook's, announce it on every page."""
    found = about()
    embedded = found["source"] == "embedded"
    if embedded or not found["known"]:
        which = "the embedded series" if embedded else "another file"
        config.html_theme_options["announcement"] = (
            f"The notebook's price file was not used for these pages. Every number from "
            f"IBM's prices is about {which}, {found['first']} to {found['last']}."
        )
