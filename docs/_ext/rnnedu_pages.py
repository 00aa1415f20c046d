"""What MyST pages are told beyond their text: alt texts for the figures they draw."""

from docutils import nodes
from sphinx.util import logging

log = logging.getLogger(__name__)


def describe_figures(app, doctree) -> None:
    """Give each picture of a cell's output the text beside it as its alt text.

    That text is the figure's label, see `rnnedu_kernel`. A figure without a label is a
    warning, and so fails the build.
    """
    for bundle in doctree.findall(
        lambda node: (
            isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"
        )
    ):
        forms = {form["mime_type"]: form for form in bundle.children}
        alt = (
            " ".join(forms["text/plain"].astext().split()) if "text/plain" in forms else ""
        )
        for image in bundle.findall(nodes.image):
            if not alt:
                log.warning(
                    "a figure has no alt text. Mend: draw it with rnnedu.plots, or give "
                    "it one with fig.set_label().",
                    location=image,
                )
            image["alt"] = alt


def setup(app):
    """Connect to what has been read."""
    app.connect("doctree-read", describe_figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
