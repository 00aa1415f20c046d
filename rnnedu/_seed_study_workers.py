"""The processes of a study: one thread each, and none of them outlives it."""

import asyncio
import contextlib
import functools
import logging
import os
import threading
import time

import joblib
import tensorflow as tf

log = logging.getLogger(__name__)

ANSWER_WITHIN = 10  # seconds, of a Dask scheduler


@functools.cache
def end_with(parent: int) -> None:
    """Have this process end within a second after the process that started it.

    Where a study is killed, joblib's workers would stay, each with a network in memory.
    """

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    if os.getpid() != parent:
        threading.Thread(target=watch, daemon=True).start()


def use_one_thread() -> None:
    """Let TensorFlow use one thread, unless it computes on a graphics card."""
    if tf.config.list_physical_devices("GPU"):
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:  # TensorFlow has begun already; the same up to rounding
        log.debug("this process has begun with several threads")


@contextlib.contextmanager
def engine(scheduler: str | None):
    """Let joblib use the workers of a Dask cluster, or those of this machine."""
    if scheduler is None:
        yield
        return
    try:
        from dask.distributed import Client
    except ImportError:
        raise ValueError(
            "Dask is not installed. Fix: pip install 'rnnedu[dask]'."
        ) from None
    try:
        asyncio.run(_greet(scheduler))
    except Exception as error:  # a mute port, another server, an unknown protocol
        reason = str(error) or f"no answer within {ANSWER_WITHIN} s"
        raise ConnectionError(
            f"there is no Dask scheduler at {scheduler} ({reason}). Fix: start one with "
            "`dask scheduler`, and give the address that it prints."
        ) from None
    client = Client(scheduler, timeout="10s", set_as_default=False)
    with client, joblib.parallel_config("dask", client=client):
        yield


async def _greet(scheduler: str) -> None:
    """Ask a scheduler who it is, since a client waits for a mute one without end."""
    from distributed.core import rpc

    address = rpc(scheduler, timeout=5)
    try:
        await asyncio.wait_for(address.identity(), ANSWER_WITHIN)
    finally:
        await address.close_rpc()
