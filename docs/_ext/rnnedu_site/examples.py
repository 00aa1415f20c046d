"""What sphinx-gallery is told beyond its own options: alt texts, strict warnings."""

import logging
import re
import warnings

import matplotlib.pyplot as plt
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx_gallery.scrapers import matplotlib_scraper

from rnnedu_site.kernel_startup import be_strict
from rnnedu_site.workers import end_with_parent


def scrape(block, block_vars, gallery_conf):
    """Save the open figures, each with its label as its alt text.

    sphinx-gallery would take the title, which says the finding but not what is seen.
    A figure without a label fails the build.

    Parameters, return value: as for `sphinx_gallery.scrapers.matplotlib_scraper`.
    """
    alts = [plt.figure(number).get_label() for number in plt.get_fignums()]
    if not all(alts):
        raise ExtensionError(
            f"{block_vars['src_file']}, line {block.lineno}: a figure has no alt text. "
            "Fix: begin it with rnnedu.plots.figure, or give it one by fig.set_label()."
        )
    rst = matplotlib_scraper(block, block_vars, gallery_conf)
    one_by_one = iter(alts)
    return re.sub(
        r"(:alt: ).*", lambda line: line[1] + " ".join(next(one_by_one).split()), rst
    )


def prepare(gallery_conf, fname) -> None:
    """Before an example runs: warnings are errors; no example outlives the build.

    Its page shows what it writes to standard error, too. That it had to wait for the
    training of another example depends on the build, so this one note is left out.
    """
    end_with_parent()
    warnings.resetwarnings()
    be_strict()
    logging.getLogger("rnnedu._cache").setLevel(logging.ERROR)


CARD = re.compile(r"Level: (.+?)\. Time: (.+?)\. (.+) Finding: (.+)", re.S)


def show_cards(app, doctree) -> None:
    """Write on each card of the gallery what sphinx-gallery shows under the mouse alone.

    That is the first paragraph of an example: level, time, what is done, and the finding.
    """
    words = None
    for raw in doctree.findall(nodes.raw):
        html = raw.astext()
        if found := re.search(r' tooltip="([^"]*)"', html):
            words = found[1]
            raw.children = [nodes.Text(html.replace(found[0], ""))]
        elif words is not None and "sphx-glr-thumbnail-title" in html:
            card = CARD.fullmatch(words)
            if card:
                level, time, what, finding = card.groups()
                words = (
                    f'<span class="card-level">{level}, {time}</span> {what}'
                    f" <strong>Finding:</strong> {finding}"
                )
            told = f'</div>\n<div class="card-words">{words}</div>'
            raw.children = [nodes.Text(html.replace("</div>", told, 1))]
            words = None


def release_workers(app) -> None:
    """End the processes that ran the examples, before the pages' kernels want memory."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)
