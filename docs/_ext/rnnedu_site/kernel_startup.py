"""What every page's kernel does before the page's own first cell (PYTHONSTARTUP).

Warnings are errors, as everywhere. And a figure, where text stands in for it, is its
label: what stands beside the picture in a cell's output is its alt text.
"""

import warnings


def be_strict() -> None:
    """Make every warning an error, except those that no page can avoid."""
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
    """Print a figure as its label, and so that `accessibility` sees that it is a figure."""
    printer.text(f"Figure: {' '.join(fig.get_label().split())}")


if __name__ == "__main__":  # the kernel runs this file
    from matplotlib.figure import Figure

    import rnnedu  # keeps TensorFlow's notes on hardware out of the build's log

    # Not through IPython's formatters: those forget a figure when pyplot is first used.
    Figure._repr_pretty_ = alt_text
    be_strict()
    del Figure, alt_text, be_strict, rnnedu, warnings  # a page finds only what it imports
