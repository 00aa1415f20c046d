"""Where downloads and trained weights are kept, and how a file is put there whole."""

import os
import tempfile
from pathlib import Path

import platformdirs


def cache_dir(subdir: str) -> Path:
    """Return one folder of the cache, made if it is not there.

    Parameters
    ----------
    subdir : str
        ``"prices"`` or ``"weights"``.

    Returns
    -------
    pathlib.Path
        ``$RNNEDU_CACHE_DIR/subdir``, or the same below the system's own cache folder.

    Raises
    ------
    OSError
        If the folder cannot be made or written to.
    """
    chosen = os.environ.get("RNNEDU_CACHE_DIR") or platformdirs.user_cache_dir("rnnedu")
    fix = "set RNNEDU_CACHE_DIR to a folder that can"
    try:
        folder = Path(chosen).expanduser() / subdir
    except RuntimeError as error:  # a home folder that nobody knows
        raise OSError(f"{chosen}: {error} Fix: {fix}.") from None
    make_writable(folder, f"the cache cannot be written. Fix: {fix}")
    return folder


def make_writable(folder: Path, advice: str) -> None:
    """Make a folder if it is not there; raise OSError if no file can be made in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(f"{folder}: {advice} ({error}).") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader finds all of it or the old file.

    The bytes go to a file beside `path` first, which then takes its name in one step, and
    the permissions of the old file.
    """
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(scratch, path.stat().st_mode if path.exists() else 0o666 & ~umask)
        os.replace(scratch, path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
