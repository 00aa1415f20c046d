"""How the site is built. Each value that is not Sphinx's own default says why.

What the build does beyond Sphinx and its extensions: see _ext/rnnedu_site/README.md.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent

# This copy's extension and package, wherever another copy may have been installed.
# Processes that run examples and pages inherit this.
OURS = [str(HERE / "_ext"), str(ROOT)]
sys.path[:0] = OURS
os.environ["PYTHONPATH"] = os.pathsep.join(
    [*OURS, *filter(None, [os.environ.get("PYTHONPATH")])]
)

# One thread for each process that computes: two processes of one thread do more than one
# process of two (speed.json says how much).
for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(variable, "1")
# What each page's kernel runs first: strict warnings, figures' labels.
os.environ["PYTHONSTARTUP"] = str(HERE / "_ext" / "rnnedu_site" / "kernel_startup.py")

import rnnedu  # noqa: E402 (found by the path above)

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
    "rnnedu_site",  # ours, see _ext/rnnedu_site/README.md
]
exclude_patterns = [
    "_build",
    "auto_gallery/**.ipynb",  # for download; myst-nb would claim them as pages
    "_ext",  # its README is for those who change the build
]
suppress_warnings = [
    # It is of folders, too: the site may lie in one with a space. No example's own name
    # has one, which is tested.
    "sphinx_gallery.space_in_filename",
]
templates_path = ["_templates"]
nitpicky = True
rnnedu_results_depend_on = [  # every computed number does, and on the prices
    "constraints.txt",
    "rnnedu/**/*",
    "docs/conf.py",
    "docs/speed.json",
    "docs/_ext/rnnedu_site/*.py",
    "docs/_templates/**/*.rst",
    "docs/reference/index.rst",
]

# -- Pages with code (MyST) ----------------------------------------------------------

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
nb_execution_mode = "cache"  # rnnedu_site fills that cache; nothing runs while reading
# Seconds for a cell. One may train four networks on a slow machine, while others run.
nb_execution_timeout = 900
nb_output_stderr = "remove"  # TensorFlow's C++ log; an error still fails the build

# -- Sources (reference/bibliography.bib) --------------------------------------------

bibtex_bibfiles = ["reference/bibliography.bib"]
bibtex_reference_style = "author_year"

# -- Gallery -------------------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": ["../gallery"],
    "gallery_dirs": ["auto_gallery"],
    "subsection_order": [
        "../gallery/ibm",
        "../gallery/inside_the_cell",
        "../gallery/when_recurrence_helps",
        "../gallery/other_series",
    ],
    "within_subsection_order": "FileNameSortKey",
    "parallel": 2,  # two processes run the examples
    "only_warn_on_example_error": True,  # -W makes it fail the build, like any other
    "min_reported_time": float("inf"),  # the same page whenever it is built
    "image_scrapers": ("rnnedu_site.examples.scrape",),
    "image_srcset": ["2x"],
    "reset_modules": ("matplotlib", "rnnedu_site.examples.prepare"),
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
html_js_files = ["page.js"]
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
