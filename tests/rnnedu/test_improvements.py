"""From losing to winning: what each step reads and predicts, and its recorded scores."""

from dataclasses import replace
from itertools import pairwise

import keras
import numpy as np
import pandas as pd
import pytest

import rnnedu
from rnnedu import improvements
from rnnedu.__main__ import main
from rnnedu.improvements import STEPS, AverageWeights, Step, inputs_and_targets

CHEAP = [step for step in STEPS if step.epochs < 50]


def step_id(step):
    return step.name.replace(" ", "-")


def changed(before, after):
    fields = [name for name in Step.__dataclass_fields__ if name not in ("name", "seeds")]
    return [name for name in fields if getattr(before, name) != getattr(after, name)]


def test_each_step_after_the_first_two_changes_one_thing():
    *steps, without, linear = STEPS
    by_step = [changed(before, after) for before, after in pairwise(steps)]
    assert by_step[0] == ["network", "lookback"]
    assert all(len(names) == 1 for names in by_step[1:])
    assert changed(STEPS[4], without) == ["inputs"]
    assert changed(steps[-1], linear) == ["network"]


@pytest.mark.parametrize("step", STEPS, ids=step_id)
def test_targets_are_turned_back_into_the_price_of_their_day(step):
    prices = rnnedu.load_ibm()
    examples = inputs_and_targets(prices, step, train_until=2009)
    np.testing.assert_allclose(examples.to_dollars(examples.y), examples.price, atol=1e-4)
    np.testing.assert_array_equal(examples.price, prices["High"][examples.days])
    np.testing.assert_array_equal(
        examples.last_price, prices["High"].shift(1)[examples.days]
    )


@pytest.mark.parametrize("step", STEPS, ids=step_id)
def test_nothing_of_the_predicted_day_or_later_stands_in_a_window(step):
    prices = rnnedu.load_ibm()
    later = prices.copy()
    later.iloc[3000:] *= 2
    before, after = (inputs_and_targets(p, step, 2009) for p in (prices, later))
    row = 3000 - step.lookback  # the first window whose target has changed
    assert before.price[row] != after.price[row]
    np.testing.assert_array_equal(before.X[: row + 1], after.X[: row + 1])
    assert not np.array_equal(before.X[row + 1], after.X[row + 1])


def test_a_prediction_of_no_change_is_persistence():
    examples = inputs_and_targets(rnnedu.load_ibm(), STEPS[2], train_until=2009)
    nothing = examples.to_dollars(np.zeros((len(examples.y), 1)))
    np.testing.assert_array_equal(nothing, examples.last_price)


def test_differences_are_from_the_last_high():
    prices = rnnedu.load_ibm()
    examples = inputs_and_targets(prices, STEPS[4], train_until=2009)
    usual = prices.loc[prices.index.year < 2009, "High"].diff().std()
    window = prices[["High", "Close"]].iloc[100:110].to_numpy()
    expected = (window - window[-1, 0]) / usual
    np.testing.assert_allclose(examples.X[100], expected, rtol=1e-5, atol=1e-6)


def test_the_mean_of_the_last_weights_is_what_a_network_ends_with():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    seen = []
    record = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(model.get_weights()[0].item())
    )
    X = np.ones((4, 1))
    for _ in range(2):  # the second training does not average the first
        model.fit(X, X, epochs=5, verbose=0, callbacks=[record, AverageWeights(2)])
        assert model.get_weights()[0].item() == pytest.approx(np.mean(seen[-2:]))


def test_the_rows_of_a_run_are_scores_of_its_years():
    prices = rnnedu.load_ibm()
    rows = improvements.run_step(STEPS[-1], 0, prices).set_index("years")
    assert list(rows.index) == ["2009", "2010", "2011", "2009-2011"]
    high = prices["High"]
    for years, row in rows.iterrows():
        begin, end = years[:4], years[-4:]
        base = rnnedu.rmse(high[begin:end], high.shift(1)[begin:end])
        assert row["persistence"] == pytest.approx(base)
        assert row["skill"] == pytest.approx(1 - row["rmse"] / row["persistence"])
    assert 0.03 < rows.loc["2009-2011", "skill"] < 0.2


def test_the_file_has_every_run_of_every_step():
    runs = rnnedu.load_improvement_runs()
    years = ["2014", "2015", "2016", "2014-2016"]
    expected = [
        (step.name, seed, each)
        for step in STEPS
        for seed in range(step.seeds)
        for each in years
    ]
    found = runs[["step", "seed", "years"]].itertuples(index=False, name=None)
    assert list(found) == expected
    np.testing.assert_allclose(
        runs["skill"], 1 - runs["rmse"] / runs["persistence"], atol=1e-4
    )


def recorded(step, seed):
    runs = rnnedu.load_improvement_runs()
    return runs[(runs["step"] == step.name) & (runs["seed"] == seed)].reset_index(drop=True)


@pytest.mark.parametrize("step", CHEAP, ids=step_id)
def test_recorded_runs_can_be_repeated(step, notebook_file, random_seed):
    """One run of each step that takes seconds, another one each time."""
    row = recorded(step, random_seed % step.seeds)
    again = improvements.run_step(
        step, random_seed % step.seeds, rnnedu.load_prices(notebook_file)
    )
    # Another machine's rounding moves a network a little, and a regression not at all.
    exact = 1e-5 if step.network == "linear" else 0.01
    np.testing.assert_allclose(again["rmse"], row["rmse"], rtol=exact)
    np.testing.assert_allclose(again["persistence"], row["persistence"], rtol=1e-5)


def test_the_command_writes_the_file_that_is_read(tmp_path, monkeypatch):
    short = replace(STEPS[-2], seeds=1, epochs=1, average_last=1)
    monkeypatch.setattr(improvements, "STEPS", (short, STEPS[-1]))
    file = tmp_path / "improvement_runs.csv"
    assert main(["improvements", "--output", str(file)]) == 0
    monkeypatch.setattr(improvements.resources, "files", lambda package: tmp_path)
    runs = rnnedu.load_improvement_runs().drop(columns="seconds")
    again = improvements.run_step(STEPS[-1], 0, rnnedu.load_ibm()).drop(columns="seconds")
    assert len(runs) == 8
    pd.testing.assert_frame_equal(runs.tail(4).reset_index(drop=True), again, rtol=1e-5)
