"""Summaries of a study, against numbers that can be checked by hand."""

import numpy as np
import pandas as pd
import pytest

import rnnedu


@pytest.fixture
def study():
    """Two networks from four seeds; persistence has an RMSE of 4."""
    runs = {
        "lstm": [(5.0, 3.0), (5.0, -3.0), (10.0, -6.0), (13.0, 12.0)],
        "gru": [(4.5, 0.0), (6.0, 0.0), (8.0, 0.0), (8.0, 0.0)],
    }
    return pd.DataFrame(
        [
            {"network": name, "seed": seed, "rmse": r, "bias": b, "skill": 1 - r / 4}
            for name, errors in runs.items()
            for seed, (r, b) in enumerate(errors)
        ]
    )


def test_the_spread_is_what_is_left_without_the_bias(study):
    before = study.copy()
    spread = rnnedu.add_spread(study)["spread"]
    assert spread.tolist() == [4.0, 4.0, 8.0, 5.0, 4.5, 6.0, 8.0, 8.0]
    pd.testing.assert_frame_equal(study, before)


def test_a_bias_as_large_as_the_error_leaves_no_spread():
    runs = pd.DataFrame({"rmse": [0.3], "bias": [np.nextafter(-0.3, -1)]})
    assert rnnedu.add_spread(runs)["spread"].tolist() == [0.0]


def test_persistence_stands_first_and_networks_by_their_median(study):
    table = rnnedu.summarize_study(study)
    assert table.index.tolist() == ["persistence", "GRU", "LSTM"]
    assert table.loc["persistence", "median"] == pytest.approx(4)
    assert table.loc["persistence"].drop("median").isna().all()
    columns = ["runs", "median", "lowest", "highest", "abs bias", "spread"]
    assert table.columns.tolist() == columns
    assert table.loc["LSTM"].tolist() == [4, 7.5, 5, 13, 4.5, 4.5]
    assert table.loc["GRU"].tolist() == [4, 7, 4.5, 8, 0, 7]


def test_networks_are_chosen_and_ordered(study):
    table = rnnedu.summarize_study(study, ["lstm", "gru"])
    assert table.index.tolist() == ["persistence", "LSTM", "GRU"]


def test_two_networks_are_compared_seed_by_seed(study):
    row = rnnedu.compare_networks(study, "gru", ["lstm"]).loc["LSTM"]
    # Differences 0.5, -1, 2, 5: the ranks of those above zero are 1, 3 and 4, of 10 in all.
    assert row[["seeds", "wins", "median", "mean"]].tolist() == [4, 3, 1.25, 1.625]
    # Of the 16 ways to set signs, 2 and less in the smaller sum of ranks: 3, on both sides.
    assert row["p"] == pytest.approx(6 / 16)


def test_a_seed_that_one_network_lacks_does_not_count(study):
    row = rnnedu.compare_networks(study.iloc[:-1], "gru", ["lstm"]).loc["LSTM"]
    assert row["seeds"] == 3


def test_another_column_may_be_compared(study):
    table = rnnedu.compare_networks(rnnedu.add_spread(study), "lstm", ["gru"], "spread")
    assert table.loc["GRU", "wins"] == 3


@pytest.mark.parametrize(
    "ask",
    [
        lambda study: rnnedu.summarize_study(study, ["lstm", "rnn"]),
        lambda study: rnnedu.compare_networks(study, "rnn", ["lstm"]),
        lambda study: rnnedu.compare_networks(study, "lstm", ["rnn"]),
    ],
)
def test_a_network_without_runs_is_named(study, ask):
    with pytest.raises(ValueError, match=r"no run of 'rnn'\. Fix: choose among lstm, gru"):
        ask(study)
