"""A loop of one's own as a run: what it leaves, how it goes on, how it is judged."""

import json
import os

import pytest
import torch

import saddlepoint as sp
from saddlepoint import data, games, networks, objectives, optimizers, priors, regularizers
from saddlepoint.errors import BadOption, BadRun

TOLD = {"steps": 9, "log_every": 1, "save_every": 3, "judge": 50}


def made(ring, seed=0):
    torch.manual_seed(seed)
    objective = regularizers.build("r1", weight="1 every 4")(objectives.build("hinge"))
    parts = objective, networks.build("mlp", width=8), priors.build("gaussian")
    game = games.build("gan", ring.spec, *parts, latent=2)
    return game, {p.name: optimizers.build("adam")(p.parameters()) for p in game.players()}


def played(out, seed=0, last=9, **told):
    """A run of steps up to `last`, its game and what the watchdog found."""
    ring, found = data.build("ring"), []
    game, movers = made(ring, seed)
    run = sp.record(game, ring, movers, str(out), watch={"every": 3, "samples": 32}, **(TOLD | told))
    for step in sp.train(game, ring.batches(16), movers, start=run.done):
        run.keep(step, found.append)
        if run.over or run.done == last:
            return run, game, found
    raise AssertionError("never over")


def lines(run):
    return [json.loads(line) for line in (run / "scalars.jsonl").read_text().splitlines()]


def test_ones_own_loop_leaves_a_run(tmp_path, saddle, refused):
    run, game, _ = played(tmp_path / "run")
    scores = list(run.judge())
    assert {"frechet", "modes.covered"} <= {record["metric"] for record in scores}
    assert [line["step"] for line in lines(tmp_path / "run")] == list(range(10))
    assert "look/score" in lines(tmp_path / "run")[3], "watched"
    assert (tmp_path / "run/samples/000000009.png").exists()
    assert (tmp_path / "run/report.html").exists()
    run.release()
    for told in (["show"], ["diagnose"], ["report"]):
        assert saddle(*told, tmp_path / "run")[0] == 0
    assert "was made in Python of things that no name leads to" in refused("sample", tmp_path / "run")
    with pytest.raises(BadRun, match="was made in Python"):
        sp.load(tmp_path / "run")
    fresh, _ = made(data.build("ring"), seed=1)
    model = sp.load(tmp_path / "run", "last", game=fresh)
    expected = sp.Model.of(game, data.build("ring"), 9)
    assert torch.equal(model.sample(5, seed=0), expected.sample(5, seed=0))
    assert torch.equal(
        expected.state_dict()["generator.decoder.last.bias"], game.average.state_dict()["decoder.last.bias"]
    )


def test_it_goes_on_where_it_was_bit_for_bit(tmp_path):
    _, whole, _ = played(tmp_path / "whole")
    stopped, *_ = played(tmp_path / "run", last=7)
    stopped.release()
    again, game, _ = played(tmp_path / "run", seed=7, go_on=True)
    again.release()
    for name, value in whole.state_dict().items():
        assert torch.equal(value, game.state_dict()[name]), name
    assert lines(tmp_path / "run") == lines(tmp_path / "whole")
    assert all("discriminator/r1" in line for line in lines(tmp_path / "run")[1:]), "lazy, and not forgotten"
    longer, *_ = played(tmp_path / "run", steps=12, go_on=True, last=12)
    assert longer.done == 12
    assert {group["lr"] for one in longer.optimizers.values() for group in one.param_groups} == {1e-3}
    with pytest.raises(BadRun, match=f"is in use by process {os.getpid()}, this one"):
        played(tmp_path / "run", steps=12, go_on=True)
    longer.release()
    events = [json.loads(line) for line in (tmp_path / "run/events.jsonl").read_text().splitlines()]
    assert ["run.steps 9 -> 12"] in [event.get("changed") for event in events]


def test_a_taken_folder_and_what_a_loop_cannot_do_are_refused(tmp_path):
    run, *_ = played(tmp_path / "run", last=1)
    run.release()
    with pytest.raises(BadRun, match="exists already"):
        played(tmp_path / "run")
    ring = data.build("ring")
    game, movers = made(ring)
    with pytest.raises(BadOption, match="wanted warn or stop"):
        sp.record(game, ring, movers, str(tmp_path / "no"), watch={"action": "roll_back"})
    with pytest.raises(BadOption, match="rates fall by the loop alone"):
        sp.record(game, ring, movers, str(tmp_path / "no"), anneal=0.5)
    with pytest.raises(BadOption, match="did you mean 'steps'"):
        sp.record(game, ring, movers, str(tmp_path / "no"), stepz=3)
    with pytest.raises(BadRun, match="the data has changed"):
        sp.record(game, data.build("ring", radius=2.0), movers, str(tmp_path / "run"), go_on=True, **TOLD)
