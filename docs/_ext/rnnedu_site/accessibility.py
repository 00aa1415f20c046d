"""Pages that everyone can read: alt texts, tables and lists as screen readers want them."""

from docutils import nodes
from sphinx.util import logging

log = logging.getLogger(__name__)


def describe_figures(app, doctree) -> None:
    """Give each picture of a cell's output the text beside it as its alt text.

    That text is the figure's label, see `kernel_startup`. A figure without a label, or
    without a picture, is a warning, and so fails the build.
    """
    for bundle in doctree.findall(
        lambda node: (
            isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"
        )
    ):
        forms = {form["mime_type"]: form for form in bundle.children}
        shown = forms["text/plain"].astext() if "text/plain" in forms else ""
        alt = " ".join(shown.split()).removeprefix("Figure:").strip()
        images = list(bundle.findall(nodes.image))
        for image in images:
            if not alt:
                log.warning(
                    "a figure has no alt text. Fix: begin it with rnnedu.plots.figure, or "
                    "give it one by fig.set_label().",
                    location=place_of(bundle),
                )
            image["alt"] = alt
        if shown.startswith("Figure:") and not images:
            log.warning(
                "a figure was not shown as a picture, but as text: %s. Fix: draw it with "
                "pyplot, and leave its backend as it is.",
                alt,
                location=place_of(bundle),
            )


def place_of(node):
    """Return the nearest node around that knows its line."""
    while node.parent is not None and not node.line:
        node = node.parent
    return node


def fill_corners(app, doctree) -> None:
    """Make the empty corner of a table that pandas has written a cell, and no header."""
    for raw in doctree.findall(nodes.raw):
        if "<th></th>" in raw.astext():
            raw.children = [nodes.Text(raw.astext().replace("<th></th>", "<td></td>"))]


def correct_roles(app, pagename, templatename, context, doctree) -> None:
    """Give the entries of the bibliography a role that is allowed in a list.

    docutils gives them one that was withdrawn from the standard (DPub-ARIA 1.1).
    """
    if "body" in context:
        context["body"] = context["body"].replace("doc-biblioentry", "listitem")
