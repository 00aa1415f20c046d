"""The table of a study as a CSV file: read and checked whole, written whole."""

import contextlib
import io
from pathlib import Path

import numpy as np
import pandas as pd

from rnnedu._cache import locked, make_writable, write_whole

SCORES = ["rmse", "bias", "skill", "free_rmse", "free_bias", "free_skill"]
ORIGIN = ["data_sha256", "test_year", "epochs", "python", "tensorflow", "keras", "rnnedu"]
COLUMNS = ["network", "seed", *SCORES, "first_loss", "last_loss", "seconds", *ORIGIN]
TEXT = ORIGIN[3:]  # versions, which would be read as numbers


@contextlib.contextmanager
def alone(path: Path):
    """Hold the file for one study; another one waits here for its end, and says so.

    Raises OSError if the file cannot be written.
    """
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is no regular file. Fix: choose another file.")
    make_writable(path.parent, "no file can be written here. Fix: choose another folder")
    lock = path.with_name(f".{path.name}.lock")
    with locked(lock, f"Another study writes {path}: waiting for its end."):
        yield


def read(path: Path, networks, origin: dict | None = None) -> pd.DataFrame:
    """Return the rows of a file, none if there is no file; check them, see `parse`.

    With `origin` the rows must also follow from the same data, versions and epochs.
    """
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    rows = parse(path.read_bytes(), str(path), networks)
    for column in ORIGIN if origin else ():
        others = set(rows[column].astype(str)) - {str(origin[column])}
        if others:
            raise ValueError(
                f"{path} holds runs with {column} {others.pop()}, but this study has "
                f"{origin[column]}: the two cannot be compared. Fix: "
                "use the prices and versions of that file "
                "(`python -m rnnedu data` shows the prices), or choose another file."
            )
    return rows


def parse(data: bytes, name: str, networks) -> pd.DataFrame:
    """Turn a file's bytes into rows; raise ValueError naming file, line and fix."""
    fix = "Fix: restore the file, or move it away and run the study anew."
    try:
        text = dict.fromkeys(TEXT, str)
        rows = pd.read_csv(io.BytesIO(data), dtype=text, skip_blank_lines=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}: this is no table of runs ({error}). {fix}") from None
    if list(rows.columns) != COLUMNS:
        raise ValueError(f"{name}: the columns are not those of a study. {fix}")
    lines = rows.index + 2
    if not data.endswith(b"\n"):
        last = data.count(b"\n") + 1
        raise ValueError(
            f"{name}, line {last}: the file ends within this line. Fix: delete the "
            "line; the run is done again."
        )
    blank = rows.isna().all(axis=1)
    rows, lines = rows[~blank].reset_index(drop=True), lines[~blank]
    numbers = rows.drop(columns=["network", "data_sha256", *TEXT])
    numbers = numbers.apply(pd.to_numeric, errors="coerce").astype(float)
    whole = numbers[["seed", "test_year", "epochs"]]
    errors = numbers[["rmse", "free_rmse", "first_loss", "last_loss", "seconds"]]
    bad = ~np.isfinite(numbers).all(axis=1) | ~rows["network"].isin(networks)
    bad |= rows.isna().any(axis=1) | rows.duplicated(["network", "seed"])
    bad |= (whole != whole.round()).any(axis=1) | (whole < 0).any(axis=1)
    bad |= (errors < 0).any(axis=1)
    # The mean error cannot be larger than the root of the mean squared error.
    for kind in ("", "free_"):
        bias, rmse = numbers[f"{kind}bias"].abs(), numbers[f"{kind}rmse"]
        bad |= bias > rmse * (1 + 1e-9)
    if bad.any():
        raise ValueError(
            f"{name}, line {lines[bad.argmax()]}: this run is damaged, of an unknown "
            "network or there twice. Fix: delete the line; the run is done again."
        )
    return rows


def add(rows: pd.DataFrame, path: Path, networks, origin: dict) -> pd.DataFrame:
    """Write rows beside those that the file holds by now; return them all.

    Of a run that is in both, the row given here stays.
    """
    whole = [each for each in (read(path, networks, origin), rows) if len(each)]
    whole = pd.concat(whole).drop_duplicates(["network", "seed"], keep="last")
    order = whole["network"].map(list(networks).index)
    whole = whole.assign(order=order).sort_values(["order", "seed"])[COLUMNS]
    write_whole(path, whole.to_csv(index=False, lineterminator="\n").encode())
    return whole.reset_index(drop=True)
