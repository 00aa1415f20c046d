"""The recorded runs on the task: as training gives them, and read as they were written."""

import keras
import numpy as np
import pytest

import rnnedu
from rnnedu import improvements, task_runs, tasks
from rnnedu.__main__ import main
from rnnedu.task_runs import SETTINGS, Setting


def setting_id(setting):
    return f"{setting.layer}-gap{setting.gap}-rate{setting.learning_rate}"


@pytest.mark.parametrize("setting", SETTINGS, ids=setting_id)
def test_recorded_runs_begin_as_they_are_recorded(setting, random_seed):
    """The first epoch of one run, another one each time."""
    runs = task_runs.runs_of(setting)
    row = runs.iloc[random_seed % len(runs)]
    recorded = float(row["losses"].split()[0])
    _, history = task_runs.train_task_network(setting, seeds=[row["seed"]], epochs=1)
    # Training the simple RNN is chaotic: another machine's rounding shows at once.
    exact = 0.1 if setting.layer == "SimpleRNN" else 1e-3
    assert history["loss"].item() == pytest.approx(recorded, rel=exact), row["seed"]


@pytest.mark.parametrize("setting", SETTINGS, ids=setting_id)
def test_recorded_weights_have_the_error_that_training_ended_with(setting):
    """The loss of the last epoch is a mean over updates, so it is near, not equal."""
    X, y = tasks.repeat_last_marked(500, gap=setting.gap, seed=0)
    networks = rnnedu.load_task_runs(
        setting.layer, gap=setting.gap, learning_rate=setting.learning_rate
    )
    runs = task_runs.runs_of(setting)
    assert list(runs["seed"]) == list(range(10)) and len(networks) == 10
    for losses, network in zip(runs["losses"], networks, strict=True):
        losses = [float(loss) for loss in losses.split()]
        assert len(losses) == 30
        assert np.mean((network(X) - y) ** 2) == pytest.approx(
            losses[-1], rel=0.15, abs=0.006
        )


def test_a_recording_keeps_the_networks_and_their_losses(tmp_path, monkeypatch):
    setting = Setting("GRU", units=2, gap=3, learning_rate=0.05)
    monkeypatch.setattr(task_runs, "SETTINGS", (setting,))
    monkeypatch.setattr(task_runs, "SEEDS", range(2))
    monkeypatch.setattr(task_runs, "EPOCHS", 1)
    file = tmp_path / "task_runs.csv"
    assert main(["task_runs", "--output", str(file)]) == 0
    monkeypatch.setattr(task_runs.resources, "files", lambda package: tmp_path)
    loaded = rnnedu.load_task_runs("GRU", gap=3, learning_rate=0.05)

    X, y = tasks.repeat_last_marked(500, gap=3, seed=0)
    for seed, network in enumerate(loaded):
        keras.utils.set_random_seed(seed)
        model = task_runs.build_task_network(setting)
        fit = model.fit(X, y, batch_size=50, epochs=1, verbose=0)
        recorded = task_runs.runs_of(setting)["losses"][seed]
        assert float(recorded) == pytest.approx(fit.history["loss"][0], rel=1e-4)
        np.testing.assert_allclose(network(X[:5]), model(X[:5]), atol=1e-4)


def test_a_setting_that_is_not_recorded_is_named_with_those_that_are():
    with pytest.raises(
        ValueError, match=r'"LSTM", gap=7, .* Fix: .*"LSTM", gap=80, learning_'
    ):
        rnnedu.load_task_runs("LSTM", gap=7, learning_rate=0.1)


@pytest.mark.parametrize("command", ["task_runs", "improvements"])
def test_a_file_that_cannot_be_written_is_refused_before_training(
    command, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(task_runs, "train_task_network", None)  # would be called
    monkeypatch.setattr(improvements, "run_step", None)
    (tmp_path / "a file").write_text("in the way")
    assert main([command, "--output", str(tmp_path / "a file" / "runs.csv")]) == 1
    assert "Fix: choose another folder" in capsys.readouterr().err
    assert (tmp_path / "a file").read_text() == "in the way"
