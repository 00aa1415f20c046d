"""Where downloads and trained weights are kept, and how a file is put there whole."""

import contextlib
import logging
import os
import shutil
import tempfile
import time
import uuid
from pathlib import Path

import filelock
import platformdirs

log = logging.getLogger(__name__)

PARTIAL = ".rnnedu-partial-"
A_DAY = 24 * 60 * 60


def cache_dir(subdir: str, size: int = 1) -> Path:
    """Return one folder of the cache, made if it is not there.

    Parameters
    ----------
    subdir : str
        ``"prices"`` or ``"weights"``.
    size : int
        How many bytes are about to be kept there.

    Returns
    -------
    pathlib.Path
        ``$RNNEDU_CACHE_DIR/subdir``, or the same below the system's own cache folder.

    Raises
    ------
    OSError
        If the folder cannot be made, or not that much be written to it.
    """
    chosen = os.environ.get("RNNEDU_CACHE_DIR") or platformdirs.user_cache_dir("rnnedu")
    fix = "set RNNEDU_CACHE_DIR to a folder that can"
    folder = expanded(chosen) / subdir
    if str(folder).startswith("~"):
        raise OSError(f"{folder}: the home folder is not known. Fix: {fix}.")
    make_writable(folder, f"the cache cannot be written. Fix: {fix}", size)
    return folder


def expanded(path) -> Path:
    """Return a path with ``~`` replaced, or as it is where that home is not known."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def existing_file(path) -> Path:
    """Return the path of a file, ``~`` replaced; FileNotFoundError if there is none."""
    path = expanded(path)
    if not path.is_file():
        what = "this is a folder" if path.is_dir() else "there is no such file"
        raise FileNotFoundError(
            f"{path}: {what}. Fix: give the name of a file (looked in "
            f"{path.parent.absolute()})."
        )
    return path


def make_writable(folder: Path, advice: str, size: int = 1) -> None:
    """Make a folder if it is not there; raise OSError if it cannot take `size` bytes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(size))
            file.flush()
    except OSError as error:
        raise OSError(f"{folder}: {advice} ({error}).") from error


@contextlib.contextmanager
def locked(path: Path, message: str):
    """Hold the lock `path`; log `message` if another thread or process holds it.

    The lock is freed when its process ends, even if it is killed. Its empty file stays.
    """
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        log.warning("%s", message)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader finds all of it or the old file.

    The bytes go to a file beside `path` first, which then takes its name in one step, and
    the permissions of the old file.
    """
    _remove_left_over(path.parent)
    scratch = path.with_name(f"{PARTIAL}{uuid.uuid4().hex}")
    try:
        with open(scratch, "xb") as file:
            file.write(data)
        if path.exists():
            shutil.copymode(path, scratch)
        os.replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def _remove_left_over(folder: Path) -> None:
    """Remove what a process that was killed left half-written, after a day."""
    for left in folder.glob(f"{PARTIAL}*"):
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            if time.time() - left.stat().st_mtime > A_DAY:
                left.unlink()
