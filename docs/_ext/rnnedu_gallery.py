"""What sphinx-gallery is told to do beyond its defaults: alt texts, strict warnings."""

import re
import sys
import warnings

import matplotlib.pyplot as plt
from rnnedu_forks import import_all
from sphinx.errors import ExtensionError
from sphinx_gallery.scrapers import matplotlib_scraper


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
            "Mend: draw it with rnnedu.plots, or give it one with fig.set_label()."
        )
    rst = matplotlib_scraper(block, block_vars, gallery_conf)
    one_by_one = iter(alts)
    return re.sub(
        r"(:alt: ).*", lambda line: line[1] + " ".join(next(one_by_one).split()), rst
    )


def release_workers(app, env, docnames):
    """End the processes that ran the examples, before the pages' kernels want memory."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


def import_first(gallery_conf, fname):
    """Import what examples import, before the first of them in its process."""
    if "tensorflow" not in sys.modules:
        import_all()


def setup(app):
    """Connect what is not named in `sphinx_gallery_conf`."""
    app.connect("env-before-read-docs", release_workers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def strict_warnings(gallery_conf, fname):
    """Make every warning an error before an example runs."""
    warnings.simplefilter("error")
    # TensorFlow 2.21 tensors have no `copy=` in __array__; NumPy 2 says so each time
    # Keras saves or reads weights. Nothing here can mend it.
    warnings.filterwarnings(
        "ignore", "__array__ implementation doesn't accept a copy", DeprecationWarning
    )
