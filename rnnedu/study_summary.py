"""What the runs of a study say: a table of networks, and a comparison of two of them."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import stats

NAMES = {
    "simple_rnn": "simple RNN",
    "lstm": "LSTM",
    "gru": "GRU",
    "bidirectional": "bidirectional LSTM",
    "lstm_gru_stack": "LSTM-GRU stack",
    "lstm_gru_average": "LSTM-GRU average",
    "lstm_sgd": "LSTM, the GRU's settings",
    "gru_rmsprop": "GRU, the LSTM's settings",
}
"""How tables and figures call the networks of `RECIPES`."""


def add_spread(study: pd.DataFrame) -> pd.DataFrame:
    """Return a study with one more column: each run's error about its own bias.

    Since ``RMSE² = bias² + spread²``, the spread is the RMSE that a run would have if its
    mean error were zero. It is found from the test year, so it explains a score and is no
    score itself.

    Parameters
    ----------
    study : pandas.DataFrame
        As `load_study` returns it, with columns ``rmse`` and ``bias`` in dollars.

    Returns
    -------
    pandas.DataFrame
        A copy with the column ``spread``, in dollars.

    Examples
    --------
    >>> import pandas as pd, rnnedu
    >>> study = pd.DataFrame({"rmse": [5.0], "bias": [-3.0]})
    >>> rnnedu.add_spread(study)["spread"].tolist()
    [4.0]
    """
    squared = study["rmse"] ** 2 - study["bias"] ** 2
    return study.assign(spread=np.sqrt(squared.clip(lower=0)))  # below 0 by rounding alone


def summarize_study(
    study: pd.DataFrame, networks: Iterable[str] | None = None
) -> pd.DataFrame:
    """Return one row per network, and persistence in the first.

    Parameters
    ----------
    study : pandas.DataFrame
        As `load_study` returns it.
    networks : iterable of str, optional
        Which networks, as keys of `RECIPES`, and in which order; all of the study in the
        order of their medians unless given.

    Returns
    -------
    pandas.DataFrame
        By network: the number of ``runs``; ``median``, ``lowest`` and ``highest`` RMSE; the
        medians of ``abs bias``, the size of the mean error, and of ``spread``, the error
        about it. All but the first in dollars. What a study does not hold is NaN.

    Raises
    ------
    ValueError
        If the study has no run of one of these networks.

    Examples
    --------
    >>> import rnnedu
    >>> table = rnnedu.summarize_study(rnnedu.load_study(), ["lstm", "gru"])
    >>> table.index.tolist()
    ['persistence', 'LSTM', 'GRU']
    """
    runs = add_spread(study).assign(size=study["bias"].abs())
    by_network = runs.groupby("network")
    table = pd.DataFrame(
        {
            "runs": by_network.size(),
            "median": by_network["rmse"].median(),
            "lowest": by_network["rmse"].min(),
            "highest": by_network["rmse"].max(),
            "abs bias": by_network["size"].median(),
            "spread": by_network["spread"].median(),
        }
    )
    table = (
        table.sort_values("median")
        if networks is None
        else table.loc[known_networks(study, networks)]
    )
    # Any row will do: its skill is 1 - rmse / persistence.
    persistence = (study["rmse"] / (1 - study["skill"])).iloc[0]
    first = pd.DataFrame({"median": persistence}, index=["persistence"])
    return pd.concat([first, table.rename(index=NAMES)])[table.columns]


def compare_networks(
    study: pd.DataFrame, network: str, others: Iterable[str], column: str = "rmse"
) -> pd.DataFrame:
    """Compare a network with others, seed by seed.

    Parameters
    ----------
    study : pandas.DataFrame
        As `load_study` or `add_spread` returns it.
    network : str
        A key of `RECIPES`.
    others : iterable of str
        Other keys, to compare it with.
    column : str
        What is compared; lower is better.

    Returns
    -------
    pandas.DataFrame
        One row per other network: the number of ``seeds`` that both have; in how many of
        them the network ``wins``; the ``median`` and ``mean`` by which it is lower; and
        ``p``, the p-value of the Wilcoxon signed-rank test: how often differences at least
        as one-sided would be found if neither network were better.

    Raises
    ------
    ValueError
        If the study has no run of one of these networks.

    Notes
    -----
    Wilcoxon (1945), doi:10.2307/3001968. A rank test takes no account of how large the
    largest differences are, so a few bad runs do not decide it.

    Examples
    --------
    >>> import rnnedu
    >>> study = rnnedu.load_study()
    >>> rnnedu.compare_networks(study, "gru", ["lstm"])["wins"].to_dict()
    {'LSTM': 11}
    """
    others = known_networks(study, others)
    known_networks(study, [network])
    by_seed = study.pivot(index="seed", columns="network", values=column)
    rows = {}
    for other in others:
        gain = (by_seed[other] - by_seed[network]).dropna()
        rows[NAMES.get(other, other)] = {
            "seeds": len(gain),
            "wins": int((gain > 0).sum()),
            "median": gain.median(),
            "mean": gain.mean(),
            "p": stats.wilcoxon(gain).pvalue,
        }
    return pd.DataFrame(rows).T.astype({"seeds": int, "wins": int})


def known_networks(study: pd.DataFrame, networks: Iterable[str]) -> list[str]:
    """Return networks as a list, if the study has runs of all of them.

    Parameters
    ----------
    study : pandas.DataFrame
        As `load_study` returns it.
    networks : iterable of str
        Keys of `RECIPES`.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If the study has no run of one of them.

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu.study_summary import known_networks
    >>> known_networks(rnnedu.load_study(), ("lstm", "gru"))
    ['lstm', 'gru']
    """
    networks, there = list(networks), list(study["network"].unique())
    for name in networks:
        if name not in there:
            raise ValueError(
                f"the study has no run of {name!r}. Fix: choose among {', '.join(there)}, "
                "or add runs with `python -m rnnedu study`."
            )
    return networks
