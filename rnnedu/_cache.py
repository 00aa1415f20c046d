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
    folder = Path(chosen).expanduser() / subdir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(
            f"{folder}: the cache cannot be written ({error}). "
            "Fix: set RNNEDU_CACHE_DIR to a folder that can."
        ) from error
    return folder


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader finds all of it or the old file.

    The bytes go to a file beside `path` first, which then takes its name in one step.
    """
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(scratch, path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
