"""What MyST pages get: alt texts, freshness, two processes to be executed in."""

import re
from pathlib import Path

from docutils import nodes
from jupyter_cache import get_cache
from rnnedu_freshness import digest
from sphinx.util import logging

log = logging.getLogger(__name__)


def describe_figures(app, doctree) -> None:
    """Give each picture of a cell's output the text beside it as its alt text.

    That text is the figure's label, see `rnnedu_kernel`. A figure without a label, or
    without a picture, is a warning, and so fails the build.
    """
    for bundle in doctree.findall(
        lambda node: (
            isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"
        )
    ):
        forms = {form["mime_type"]: form for form in bundle.children}
        said = forms["text/plain"].astext() if "text/plain" in forms else ""
        alt = " ".join(said.split()).removeprefix("Figure:").strip()
        images = list(bundle.findall(nodes.image))
        for image in images:
            if not alt:
                log.warning(
                    "a figure has no alt text. Mend: draw it with rnnedu.plots, or give "
                    "it one with fig.set_label().",
                    location=image,
                )
            image["alt"] = alt
        if said.startswith("Figure:") and not images:
            log.warning(
                "a figure was not shown as a picture, but as text: %s. Mend: draw it with "
                "pyplot, and leave its backend as it is.",
                alt,
                location=bundle,
            )


def follow_files(app, docname, source) -> None:
    """Run a page again when a file that it reads, as ``Path("name")``, has changed.

    The cache of executed pages knows a page by its code. So the code gets a hidden cell
    with the digest of those files; and Sphinx is told to read the page again.
    """
    folder = Path(app.env.doc2path(docname)).parent
    named = re.findall(r'Path\("([^"]+)"\)', source[0])
    files = [path for path in map(folder.joinpath, named) if path.is_file()]
    for path in files:
        app.env.note_dependency(str(path))
    if files:
        cell = f"# Made of files whose digest is {digest(files)}"
        source[0] += f"\n```{{code-cell}} python\n:tags: [remove-cell]\n\n{cell}\n```\n"


def make_cache(app) -> None:
    """Make the cache of executed pages before two processes want to at once."""
    get_cache(app.config.nb_execution_cache_path).list_cache_records()


def deal_out(app, env, docnames) -> None:
    """Spread the pages that are executed over the pages to be read, the longest first.

    Sphinx reads runs of neighbours in one process each; chapters would all stand in one
    of them. And who begins a long one last lets the other process wait.
    """
    longest = [name for name in app.config.rnnedu_longest_pages if name in docnames]
    chapters = [n for n in docnames if n.startswith("learn/") and n not in longest]
    others = [n for n in docnames if n not in {*longest, *chapters}]
    places = {}
    for group, first, last in ((longest, 0, 0.5), (chapters, 0.5, 1), (others, 0, 1)):
        for k, name in enumerate(group):
            places[name] = first + (last - first) * k / len(group)
    docnames.sort(key=places.get)


def setup(app):
    """Connect to what is about to be read, and to what has been."""
    app.add_config_value("rnnedu_longest_pages", [], "")
    app.connect("builder-inited", make_cache)
    app.connect("env-before-read-docs", deal_out)
    app.connect("source-read", follow_files)
    app.connect("doctree-read", describe_figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
