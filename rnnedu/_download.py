"""Fetch the notebook's price file from its public copies, or give up in time."""

import hashlib
import logging
import queue
import tempfile
import threading
import time
from pathlib import Path

from rnnedu._cache import cache_dir, write_whole

log = logging.getLogger(__name__)

# Two copies at fixed commits: the same rows, with LF and with CRLF line ends.
MIRRORS = {
    "https://raw.githubusercontent.com/ShizueSeira/Machine-Learning-Lab/"
    "6008d069bd88bc465e1b1df403679dae2a4096a0/Lab%20Act%20Datasets/"
    "IBM_2006-01-01_to_2018-01-01.csv": (
        "91cbf31153bc397720a79bb4fb516f7ecc2e6440bc6b6591cfff6f02799ab169"
    ),
    "https://raw.githubusercontent.com/nahtanooj/Time-Series-Forecasting/"
    "e087050d52acb2b30baa537ea1c4288c96f87df7/IBM_2006-01-01_to_2018-01-01.csv": (
        "21ac5471fa68f438dbfc8bf2a9588816bbbdc6cc92e9f119b453459b54103219"
    ),
}
KNOWN = frozenset(MIRRORS.values())
TOTAL_TIMEOUT = 9.0
MAX_BYTES = 1_000_000  # the file has 153,466


def fetch(file_name: str) -> tuple[str, bytes | None]:
    """Return the file's bytes from the cache or from the first copy that has them.

    Every failure is logged as a warning and the next source is tried.

    Returns
    -------
    source : str
        ``"cache"`` or ``"download"``.
    data : bytes or None
        The whole file, its hash checked; None if no source has it.
    """
    try:
        kept = cache_dir("prices") / file_name
    except OSError as error:
        log.warning("%s", error)
        kept = None
    if kept and kept.is_file():
        try:
            data = kept.read_bytes()
        except OSError as error:
            log.warning("%s cannot be read: %s.", kept, error)
        else:
            if hashlib.sha256(data).hexdigest() in KNOWN:
                return "cache", data
            log.warning("%s is damaged: downloading it again.", kept)
    for url, sha256 in MIRRORS.items():
        try:
            data = _download(url, sha256, TOTAL_TIMEOUT / len(MIRRORS))
        except Exception as error:  # whatever the network did, the next source is due
            log.warning("%s: trying the next source. (%s)", url, _reason(error))
            continue
        if kept:
            try:
                write_whole(kept, data)
            except OSError as error:
                log.warning("%s cannot be kept: %s.", kept, error)
        return "download", data
    return "download", None


def _reason(error: BaseException) -> str:
    """Return what lies at the bottom of an error, without the addresses around it."""
    while error.__cause__ or (error.__context__ and not error.__suppress_context__):
        error = error.__cause__ or error.__context__
    text = str(error).split("\n")[0]
    return text[:200] or type(error).__name__


def _download(url: str, sha256: str, seconds: float) -> bytes:
    """Download `url` within `seconds`, or raise.

    A timeout of the HTTP client bounds each wait for bytes and no name look-up. Hence a
    thread that is left behind when its time is over, and ends with the next bytes. It
    works in a folder of its own, so nothing half-written is ever kept.
    """
    outcome = queue.SimpleQueue()
    deadline = time.monotonic() + seconds

    def copy(url, target, _):
        """Write the bytes as they come, packed or not, up to a limit of size and time."""
        import requests

        headers = {"Accept-Encoding": "identity"}
        with requests.get(url, stream=True, timeout=seconds, headers=headers) as response:
            response.raise_for_status()
            count = 0
            with open(target, "wb") as file:
                while chunk := response.raw.read1(65_536):
                    count += len(chunk)
                    if count > MAX_BYTES:
                        raise ValueError(f"more than {MAX_BYTES:,} bytes")
                    if time.monotonic() > deadline:
                        raise TimeoutError(f"no whole file within {seconds:.0f} s")
                    file.write(chunk)

    def work():
        import pooch

        pooch.get_logger().setLevel("WARNING")
        try:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                path = pooch.retrieve(
                    url,
                    known_hash=f"sha256:{sha256}",
                    path=folder,
                    fname="prices.csv",
                    downloader=copy,
                )
                outcome.put(Path(path).read_bytes())
        except Exception as error:  # handed to the caller, who decides
            outcome.put(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        result = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no whole file within {seconds:.0f} s") from None
    if isinstance(result, Exception):
        raise result
    return result
