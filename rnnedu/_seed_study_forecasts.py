"""The forecasts of a study's runs, in one file of arrays beside the table of its rows."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pandas as pd

from rnnedu._cache import write_whole

KINDS = ("one_step", "free_running")
NAMES = ["kind", "network", "seed"]
ARRAYS = ["days", "network", "seed", *KINDS, "data_sha256"]
FIX = "Fix: move the file away and run the study again, which makes a new one."


def beside(path: Path) -> Path:
    """Return the name of the file that belongs to the table at `path`."""
    return path.with_name(f"{path.stem}_forecasts.npz")


def read(path: Path, networks, origin: dict) -> pd.DataFrame:
    """Return the forecasts of a file, no column if there is no file.

    Raises ValueError if it is damaged, see `parse`, or of other prices than `origin`.
    """
    if not path.exists():
        columns = pd.MultiIndex.from_tuples([], names=NAMES)
        return pd.DataFrame(index=pd.DatetimeIndex([], name="Date"), columns=columns)
    forecasts = parse(path.read_bytes(), str(path), networks)
    if forecasts.attrs["data_sha256"] != origin["data_sha256"]:
        raise ValueError(
            f"{path} holds forecasts of other prices than this study's. Fix: use the "
            "prices of that file, or choose another file."
        )
    return forecasts


def parse(data: bytes, name: str, networks) -> pd.DataFrame:
    """Turn a file's bytes into a table, one column per run and kind; check its digest.

    Raises ValueError naming the file and the fix.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {key: file[key] for key in [*ARRAYS, "sha256"]}
        if str(arrays.pop("sha256")) != digest(arrays):
            raise ValueError("its digest is another")
    except Exception as error:  # no archive, half an archive, other arrays
        raise ValueError(
            f"{name}: these are no forecasts of a study ({error}). {FIX}"
        ) from None
    runs = list(zip(arrays["network"].tolist(), arrays["seed"].tolist(), strict=True))
    unknown = {network for network, _ in runs} - set(networks)
    if unknown:
        raise ValueError(f"{name}: there is no network called {unknown.pop()!r}. {FIX}")
    forecasts = pd.concat(
        {
            kind: pd.DataFrame(
                arrays[kind].T,
                index=pd.DatetimeIndex(arrays["days"], name="Date"),
                columns=pd.MultiIndex.from_tuples(runs, names=NAMES[1:]),
            )
            for kind in KINDS
        },
        axis=1,
        names=NAMES[:1],
    )
    forecasts.attrs["data_sha256"] = str(arrays["data_sha256"])
    return forecasts


def add(run: tuple, made: dict, days, path: Path, networks, origin: dict) -> None:
    """Write one run's forecasts, by kind, beside those that the file holds by now."""
    there = read(path, networks, origin)
    runs = {key: [there[kind, *key] for kind in KINDS] for key in runs_of(there)}
    runs[run] = [made[kind] for kind in KINDS]
    order = sorted(runs, key=lambda key: (list(networks).index(key[0]), key[1]))
    both = np.array([runs[key] for key in order], np.float32)
    arrays = {
        "days": days.to_numpy("datetime64[D]"),
        "network": np.array([network for network, _ in order]),
        "seed": np.array([seed for _, seed in order], np.int32),
        **{kind: both[:, k] for k, kind in enumerate(KINDS)},
        "data_sha256": np.array(origin["data_sha256"]),
    }
    file = io.BytesIO()
    np.savez_compressed(file, **arrays, sha256=np.array(digest(arrays)))
    write_whole(path, file.getvalue())


def runs_of(forecasts: pd.DataFrame) -> list[tuple[str, int]]:
    """Return network and seed of each run."""
    return list(dict.fromkeys((network, seed) for _, network, seed in forecasts.columns))


def digest(arrays: dict) -> str:
    """Return the sha256 of what a file holds, as hexadecimal digits."""
    whole = hashlib.sha256()
    for name in ARRAYS:
        array = np.ascontiguousarray(arrays[name])
        whole.update(repr((name, array.dtype.str, array.shape)).encode())
        whole.update(array.tobytes())
    return whole.hexdigest()
