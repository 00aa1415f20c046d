"""The table of a study as a CSV file: read and checked whole, written whole."""

import io
from pathlib import Path

import numpy as np
import pandas as pd

from rnnedu._cache import write_whole

SCORES = ["rmse", "bias", "skill", "free_rmse", "free_bias", "free_skill"]
ORIGIN = ["data_sha256", "test_year", "epochs", "python", "tensorflow", "keras", "rnnedu"]
COLUMNS = ["network", "seed", *SCORES, "first_loss", "last_loss", "seconds", *ORIGIN]
TEXT = ORIGIN[3:]  # versions, which would be read as numbers


def parse(data: bytes, name: str, networks) -> pd.DataFrame:
    """Turn a file's bytes into rows; raise ValueError naming file, line and fix."""
    fix = "Fix: restore the file, or move it away and run the study anew."
    try:
        rows = pd.read_csv(io.BytesIO(data), dtype=dict.fromkeys(TEXT, str))
    except (ValueError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}: this is no table of runs ({error}). {fix}") from None
    if list(rows.columns) != COLUMNS:
        raise ValueError(f"{name}: the columns are not those of a study. {fix}")
    numbers = rows.drop(columns=["network", "data_sha256", *TEXT])
    numbers = numbers.apply(pd.to_numeric, errors="coerce").to_numpy(float)
    bad = ~np.isfinite(numbers).all(axis=1) | ~rows["network"].isin(networks).to_numpy()
    bad |= rows.duplicated(["network", "seed"]).to_numpy() | rows.isna().any(axis=1)
    if bad.any():
        raise ValueError(
            f"{name}, line {bad.argmax() + 2}: this run is damaged, of an unknown network "
            f"or there twice. Fix: delete the line; the run is done again."
        )
    return rows


def check_origin(rows: pd.DataFrame, origin: dict, path: Path) -> None:
    """Raise ValueError if rows follow from other data, versions or epochs."""
    for column in ORIGIN:
        others = set(rows[column].astype(str)) - {str(origin[column])}
        if others:
            raise ValueError(
                f"{path} holds runs with {column} {others.pop()}, but this study has "
                f"{origin[column]}: the two cannot be compared. Fix: "
                "use the prices and versions of that file "
                "(`python -m rnnedu data` shows the prices), or choose another file."
            )


def write(rows: pd.DataFrame, path: Path, networks) -> None:
    """Write rows by network, in the order of `networks`, and seed."""
    order = rows["network"].map(list(networks).index)
    rows = rows.assign(order=order).sort_values(["order", "seed"])
    write_whole(path, rows[COLUMNS].to_csv(index=False, lineterminator="\n").encode())
