"""The processes of a build: none of them outlives it."""

import functools
import multiprocessing
import os

from ipykernel.parentpoller import ParentPollerUnix


@functools.cache
def end_with_parent() -> None:
    """Have this worker process end within a second or so after its parent has.

    A kernel looks after its parent by itself. joblib's workers do not: where a build is
    killed, they would stay for minutes. Outside of a worker this does nothing.
    """
    if multiprocessing.current_process().name != "MainProcess":
        ParentPollerUnix(os.getppid()).start()
