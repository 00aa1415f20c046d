"""How the site is built. Each value that is not Sphinx's own default says why."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE / "_ext"))

# One thread for each process that computes: two processes of one thread do more than one
# process of two (speed.json says how much). Workers and kernels inherit these.
for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no chatter about instruction sets
os.environ["PYTHONSTARTUP"] = str(HERE / "_ext" / "rnnedu_kernel.py")

import rnnedu_freshness  # noqa: E402 (found by the path above)

import rnnedu  # noqa: E402

# -- Prices --------------------------------------------------------------------------
# Looked for once, so that every page of a build is about the same ones.

prices = rnnedu.load_ibm()
about = prices.attrs
if about["source"] == "embedded":
    os.environ["RNNEDU_DATA"] = "embedded"

# -- Project -------------------------------------------------------------------------

project = "rnnedu"
author = "the rnnedu developers"
copyright = author
version = release = rnnedu.__version__

# -- Sphinx --------------------------------------------------------------------------

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx-mathjax-offline",  # MathJax from this site, not from elsewhere
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.bibtex",
    "rnnedu_forks",
    "rnnedu_freshness",
    "rnnedu_gallery",
    "rnnedu_notebooks",
    "rnnedu_pages",
]
exclude_patterns = [
    "_build",
    "auto_gallery/**.ipynb",  # for download; myst-nb would claim them as pages
    "README.md",
]
templates_path = ["_templates"]
nitpicky = True
rnnedu_digest = rnnedu_freshness.digest(
    [
        ROOT / "constraints.txt",
        *(ROOT / "rnnedu").glob("*.py"),
        *(ROOT / "rnnedu").glob("*.txt"),
        *(ROOT / "rnnedu").glob("*.csv"),
        *(HERE / "_ext").glob("*.py"),
        *(HERE / "_templates").rglob("*.rst"),
        HERE / "reference" / "index.rst",
    ],
    about["source"],
    about["sha256"],
    sys.version,
)

# -- Pages with code (MyST) ----------------------------------------------------------

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "jupyter_cache" / rnnedu_digest[:16])
nb_execution_show_tb = True  # what failed is in the log; -W makes it fail the build
nb_execution_timeout = 300  # seconds a cell; the default of 30 is less than a training
rnnedu_longest_pages = [  # begun first; only the time of a build hangs on it
    "learn/free_running",
    "learn/deeper",
    "learn/afterwards",
    "learn/first_network",
    "learn/forecasting",
    "learn/text",
]
nb_merge_streams = True  # what one cell prints stays together
nb_output_stderr = "remove"  # TensorFlow's C++ log; an error still fails the build

# -- Sources (reference/bibliography.bib) --------------------------------------------

bibtex_bibfiles = ["reference/bibliography.bib"]
bibtex_reference_style = "author_year"

# -- Gallery -------------------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": ["../gallery"],
    "gallery_dirs": ["auto_gallery"],
    "subsection_order": ["../gallery/ibm", "../gallery/cell", "../gallery/pays"],
    "within_subsection_order": "FileNameSortKey",
    "parallel": 2,  # each example in a process of its own
    "image_scrapers": ("rnnedu_gallery.scrape",),
    "image_srcset": ["2x"],
    "reset_modules": (
        "matplotlib",
        "rnnedu_gallery.strict_warnings",
        "rnnedu_gallery.import_first",
    ),
    "doc_module": ("rnnedu",),
    "backreferences_dir": "reference/backreferences",
    "inspect_global_variables": False,
    "remove_config_comments": True,
    "show_memory": False,  # cannot be measured in parallel
    "show_signature": False,
    "write_computation_times": False,  # that page loads scripts from other hosts
    "plot_gallery": True,
}

# -- Reference -----------------------------------------------------------------------

autosummary_generate = True
autodoc_typehints = "none"  # the docstrings say types, with shapes and units
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False

# -- HTML ----------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = "rnnedu"
html_static_path = ["_static"]
html_css_files = ["rnnedu.css"]
html_favicon = "_static/logo.svg"
html_sidebars = {"index": [], "install": [], "data": [], "speed": []}
html_show_sourcelink = False
html_context = {"default_mode": "auto"}  # light or dark as the reader's system says
html_theme_options = {
    "logo": {
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo.svg",
        "text": "rnnedu",
        "alt_text": "",
    },
    "navbar_align": "left",
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
if about["source"] == "embedded" or not about["known"]:
    which = "the embedded series" if about["source"] == "embedded" else "another file"
    html_theme_options["announcement"] = (
        f"The notebook's price file was not used for these pages. Every number is about "
        f"{which}: IBM, {about['first']} to {about['last']}."
    )


def setup(app):
    # It copies MathJax after the build and does nothing while pages are read, but does
    # not say so; Sphinx would read them one after the other.
    app.extensions["sphinx-mathjax-offline"].parallel_read_safe = True
