"""TensorFlow without the notes that its C++ parts write to the terminal.

It tells of graphics cards that are not there, and of odd sizes of layers. A setting
silences what it writes while it runs, but not what it writes while it is imported.
Python still raises all errors. To see the notes, set TF_CPP_MIN_LOG_LEVEL to 0.
"""

import importlib.abc
import importlib.util
import os
import sys
from contextlib import contextmanager

LEVEL = "TF_CPP_MIN_LOG_LEVEL"


class QuietTensorFlow(importlib.abc.MetaPathFinder):
    """Silences the first import of ``tensorflow``, wherever it is imported."""

    def find_spec(self, name, path=None, target=None):
        """Return the usual spec of TensorFlow, whose module is loaded in silence."""
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            load = spec.loader.exec_module

            def exec_module(module):
                with silent_stderr():
                    load(module)

            spec.loader.exec_module = exec_module
        return spec


@contextmanager
def silent_stderr():
    """Send to nowhere what any part of this process writes to file descriptor 2."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def install() -> None:
    """Quieten TensorFlow, unless the user has chosen how much it is to say."""
    # A process that was started by a quiet one has the level from there.
    if os.environ.setdefault(LEVEL, "3") == "3" and "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, QuietTensorFlow())
