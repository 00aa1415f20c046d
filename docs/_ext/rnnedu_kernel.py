"""What every page's kernel does before the page's own first cell (PYTHONSTARTUP).

Warnings are errors, as everywhere. Figures are shown, and a figure, where text stands in
for it, is its label: what stands beside the picture in a cell's output is its alt text.
"""

import gc
import warnings

from matplotlib.figure import Figure


def be_strict() -> None:
    """Make every warning an error, but for those that no page can mend."""
    warnings.simplefilter("error")
    # TensorFlow 2.21 tensors have no `copy=` in __array__; NumPy 2 says so each time
    # Keras saves or reads weights.
    warnings.filterwarnings(
        "ignore", "__array__ implementation doesn't accept a copy", DeprecationWarning
    )
    # The kernel's own machinery is not what a page teaches.
    for module in ("IPython", "ipykernel", "jupyter_client", "tornado", "traitlets", "zmq"):
        warnings.filterwarnings("default", module=rf"{module}\b")


def alt_text(fig, printer, cycle) -> None:
    """Print a figure as its label, and so that `rnnedu_pages` sees that it is a figure."""
    printer.text(f"Figure: {' '.join(fig.get_label().split())}")


def show_figures() -> None:
    """Have pyplot's figures shown as pictures.

    A kernel does so of itself when it imports pyplot; not a fork of a process that has.
    """
    get_ipython().enable_matplotlib("inline")  # noqa: F821


def import_without_collecting() -> None:
    """Let no garbage be collected until the first cell, which imports, has run.

    The collector would look through all of TensorFlow's modules again and again while
    they are loaded: a quarter of the time that takes, on every page.
    """

    def collect_again(*_) -> None:
        shell.events.unregister("post_run_cell", collect_again)
        gc.freeze()  # what was imported stays; it need not be looked through any more
        gc.enable()

    shell = get_ipython()  # noqa: F821 (this file runs inside IPython)
    shell.events.register("post_run_cell", collect_again)
    gc.disable()


be_strict()
import_without_collecting()
show_figures()
# Not through IPython's formatters: those forget a figure when pyplot is first used.
Figure._repr_pretty_ = alt_text
