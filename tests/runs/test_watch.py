"""The watchdog in a run: how often it looks, what it does about what it finds, and that the run stays the same run."""

import math
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

import saddlepoint
from saddlepoint.configuration.building import data_table, source_of
from saddlepoint.configuration.settings import Settings, Watching
from saddlepoint.configuration.tables import stricter, told
from saddlepoint.errors import BadOption, BadRun, Diverged
from saddlepoint.game import Samples
from saddlepoint.runs.run import Run
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.model import Model
from saddlepoint.source import Shard
from saddlepoint.watching.look import Look, dimension
from saddlepoint.watching.watch import Course, Watch

SMALL = {
    "network.width": "8",
    "run.threads": "1",
    "run.batch": "16",
    "run.log_every": "5",
    "run.save_every": "20",
    "run.picture_every": "1000",
    "run.judge": "0",
    "watch.samples": "32",
    "watch.every": "10",
}
# A discriminator that runs away within the first steps.
WILD = SMALL | {"run.steps": "60", "optimizer.discriminator.lr": "3", "objective.name": "non_saturating"}


def begun(folder, options, data="ring"):
    return Run.begin(told(list(options.items())), data, "ring" if data == "ring" else None, str(folder), Shard())


def lines(folder, name):
    return RunFolder(folder).lines(name)


def played(run, most=None):
    """What the watchdog said, in a run that is played to its end or stopped after so many steps."""
    said = []
    with closing(run.steps(said.append)) as steps:
        for count, _ in enumerate(steps, 1):
            if count == most:
                run.save()
                break
    run.release()
    return said


def checkpoint(folder):
    file = max((folder / "checkpoints").glob("[0-9]*"))
    return file.name, safetensors.torch.load(file.read_bytes())


def assert_same_run(one, other):
    (name, tensors), (other_name, others) = checkpoint(one), checkpoint(other)
    assert name == other_name
    assert all(torch.equal(tensor, others[key]) for key, tensor in tensors.items())
    for kind in ("scalars", "events"):
        assert lines(one, kind) == lines(other, kind)


class Clock:
    """A clock that a test turns."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(("cost", "every"), [(0.05, 120), (1.0, 200), (10.0, 2000)])
def test_looks_take_no_more_than_their_share(cost, every):
    """A step takes 0.1 s: at 5 % a look of 1 s is worth 200 steps, and never more than 50 looks a run are taken."""
    clock, looked = Clock(), []

    class Slow(Look):
        def prepare(self):
            clock.now += 100
            return {}

        def __call__(self, model):
            clock.now += cost
            return {"score": 1.0, "score_low": 1.0}

    watch = Watch(Watching(), Settings(steps=6000, log_every=10), Slow(None, "", 0, 0), clock)
    for done in range(10, 6001, 10):
        clock.now += 1.0
        if watch.due(done):
            _, events = watch.seen(done, lambda: None, lambda: None)
            looked.append(done)
            if len(looked) == 1:
                assert events[0]["look_every"] == every
                assert f"looks every {every} steps" in events[0]["text"]
            else:
                assert events == []
    assert looked == [30, *range(every, 6000, every), 6000][: len(looked)]
    assert looked[-1] == 6000
    assert len(looked) * cost <= 0.05 * 600 + 2 * cost


def test_a_run_may_be_left_unwatched(tmp_path):
    played(begun(tmp_path / "run", SMALL | {"run.steps": "20", "watch.share": "0"}))
    assert not any(name.startswith("look/") for line in lines(tmp_path / "run", "scalars") for name in line)
    assert not (tmp_path / "run" / "checkpoints" / "best.safetensors").exists()


def test_looking_changes_nothing_of_the_training(tmp_path):
    played(begun(tmp_path / "one", SMALL | {"run.steps": "40"}))
    played(begun(tmp_path / "other", SMALL | {"run.steps": "40", "watch.share": "0"}))
    assert any("look/score" in line for line in lines(tmp_path / "one", "scalars"))
    (_, one), (_, other) = checkpoint(tmp_path / "one"), checkpoint(tmp_path / "other")
    assert all(torch.equal(tensor, other[key]) for key, tensor in one.items())


@pytest.mark.parametrize("most", [3, 8, 23, 61, 90])
def test_a_run_that_is_rolled_back_is_the_same_run_when_it_is_stopped_and_resumed(most, tmp_path):
    wild = WILD | {"watch.action": "roll_back"}
    said = played(begun(tmp_path / "whole", wild))
    back = [event for event in said if event.get("did") == "roll_back"]
    assert len(back) == 3, "as often as it may"
    assert "with half the learning rates and other seeds" in back[0]["text"]
    played(begun(tmp_path / "broken", wild), most)
    played(Run.resume(str(tmp_path / "broken"), Shard(), print))
    assert_same_run(tmp_path / "broken", tmp_path / "whole")
    _, tensors = checkpoint(tmp_path / "whole")
    assert all(tensor.isfinite().all() for tensor in tensors.values())


def test_a_run_rolled_back_goes_on_from_its_best_checkpoint_with_other_seeds(tmp_path):
    run = begun(tmp_path / "run", SMALL | {"run.steps": "60", "watch.action": "roll_back"})
    steps = run.steps()
    for _ in range(30):
        next(steps)
    best = RunFolder(tmp_path / "run").best(print)
    with torch.no_grad():
        for parameter in run.game.generator.parameters():
            parameter.mul_(50)
    for _ in steps:
        if run.course.attempt:
            break
    assert run.done == best.step
    assert run.course == Course(attempt=1, rates=0.5)
    (after,) = (event for event in lines(tmp_path / "run", "events") if event.get("did") == "roll_back")
    assert after["why"].startswith("divergence of generator")
    assert all(line["step"] <= best.step for line in lines(tmp_path / "run", "scalars"))
    for _ in steps:
        pass
    assert run.done == 60
    assert any(event.get("did") == "roll_back" for event in lines(tmp_path / "run", "events")), "still told at the end"


class Killed(BaseException):
    """What a process that is killed does not live to see."""


@pytest.mark.parametrize("calls", range(5))
def test_a_run_killed_while_it_is_rolled_back_is_still_the_same_run(calls, tmp_path, monkeypatch):
    """Killed before any of the files that rolling back removes or rewrites."""
    wild = WILD | {"watch.action": "roll_back", "run.save_every": "5"}
    played(begun(tmp_path / "whole", wild))
    left = calls

    def dying(do):
        def call(*told, **options):
            nonlocal left
            if rolling:
                left -= 1
            if left < 0:
                raise Killed
            return do(*told, **options)

        return call

    run, rolling = begun(tmp_path / "broken", wild), False
    forget = RunFolder.forget_after

    def forget_after(*told):
        nonlocal rolling
        rolling = True
        forget(*told)
        rolling = False

    with monkeypatch.context() as patched:
        patched.setattr(RunFolder, "forget_after", forget_after)
        patched.setattr(Path, "unlink", dying(Path.unlink))
        patched.setattr(RunFolder, "write", dying(RunFolder.write))
        with pytest.raises(Killed):
            played(run)
    run.release()
    played(Run.resume(str(tmp_path / "broken"), Shard(), print))
    assert_same_run(tmp_path / "broken", tmp_path / "whole")


def test_moves_left_out_are_counted_on_when_a_run_is_resumed(tmp_path):
    x = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)

    def spoiled(run):
        sound = run.source.batches

        def batches(*told, **options):
            draw = sound(*told, **options)
            return lambda index: {"x": torch.full((16, 2), math.nan)} if index in (4, 5, 30) else draw(index)

        run.source.batches = batches
        return run

    options = SMALL | {"run.steps": "40"}
    said = played(spoiled(begun(tmp_path / "whole", options, str(tmp_path / "x.npy"))))
    played(spoiled(begun(tmp_path / "broken", options, str(tmp_path / "x.npy"))), 10)
    played(spoiled(Run.resume(str(tmp_path / "broken"), Shard(), print)))
    assert_same_run(tmp_path / "broken", tmp_path / "whole")
    assert sum("left out" in event["text"] for event in said) == 3


@pytest.mark.parametrize("count", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_no_data_is_too_small_to_be_trained_on_watched(count, spread, tmp_path):
    x = 1 + spread * np.random.default_rng(0).normal(size=(count, 2))
    np.savez(tmp_path / "x.npz", x=x.astype(np.float32), y=np.arange(count) % 2)
    played(begun(tmp_path / "run", SMALL | {"run.steps": "10", "data.held_out": "0"}, str(tmp_path / "x.npz")))


@pytest.mark.parametrize("generator", ["none", "join"])
@pytest.mark.parametrize("discriminator", ["none", "join", "projection"])
def test_a_look_knows_who_takes_labels(generator, discriminator, tmp_path):
    labels = {"game.generator_label": generator, "game.discriminator_label": discriminator}
    x = np.random.default_rng(0).normal(size=(90, 2)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(90) % 3)
    played(begun(tmp_path / "run", SMALL | labels | {"run.steps": "10"}, str(tmp_path / "x.npz")))
    assert "look/told_apart" in lines(tmp_path / "run", "scalars")[-1]


def test_training_that_diverges_between_two_looks_is_rolled_back_too(tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32))
    options = SMALL | {"run.steps": "130", "run.log_every": "100", "watch.every": "100"}

    def spoiled(run):
        sound, count = run.source.batches, 0

        def batches(*told, **options):
            draw = sound(*told, **options)

            def drawn(index):
                nonlocal count
                count += 1
                return draw(index) if not 20 < count < 130 else {"x": torch.full((16, 2), math.nan)}

            return drawn

        run.source.batches = batches
        return run

    with pytest.raises(Diverged, match="50 gradients in a row"):
        played(spoiled(begun(tmp_path / "warned", options, str(tmp_path / "x.npy"))))
    options |= {"watch.action": "roll_back", "run.save_every": "10", "run.keep": "9"}
    said = played(spoiled(begun(tmp_path / "run", options, str(tmp_path / "x.npy"))))
    (back,) = (event for event in said if "did" in event)
    assert "back to step 10," in back["text"], "batches from the twenty-first on, two a step, were not finite"


def test_learning_rates_are_lowered_and_stay_so(tmp_path):
    run = begun(tmp_path / "run", WILD | {"watch.action": "lower_rates", "run.anneal": "0"})
    said = played(run)
    count = sum(event.get("did") == "lower_rates" for event in said)
    assert count
    assert run.course == Course(rates=0.5**count)
    assert run.optimizers["discriminator"].param_groups[0]["lr"] == 3 * 0.5**count
    again = Run.resume(str(tmp_path / "run"), Shard(), print)
    assert again.course == run.course


def test_penalties_are_raised_in_the_game_itself(tmp_path):
    options = WILD | {"watch.action": "raise_penalties", "regularizer.r1.weight": "0.5 every 2"}
    run = begun(tmp_path / "run", options)
    x, fake = torch.ones(4, 2), torch.zeros(4, 2)

    def penalty():
        duel = saddlepoint.duel.Duel(run.game.discriminator, x.requires_grad_(), fake)
        return run.game.objective.discriminator["r1"](duel).item()

    steps = run.steps()
    while run.course.penalties == 1:
        next(steps)
    assert any("penalties are doubled" in event["text"] for event in lines(tmp_path / "run", "events"))
    raised = penalty()
    run.game.objective = saddlepoint.configuration.building.game_of(run.config, run.source.spec).objective
    assert raised == pytest.approx(2 * penalty())


def test_a_configuration_is_made_stricter_whatever_its_weights_are():
    config = {"objective": {"name": "wgan_gp", "weight": 10.0}, "regularizer": {"r1": {"weight": "1 to 0.5 over 9"}}}
    made = stricter(config, 2)
    assert (made["objective"]["weight"], made["regularizer"]["r1"]["weight"]) == ("20.0", "2.0 to 1.0 over 9")
    assert config["objective"]["weight"] == 10.0
    assert stricter({"game": {}}, 1) == {"game": {}}


def test_a_run_is_stopped_for_good(tmp_path, saddle):
    wild = [part for name, value in WILD.items() for part in (f"--{name.removesuffix('.name')}", value)]
    status, out, _ = saddle("train", "ring", *wild, "--watch.action", "stop", "--out", tmp_path / "run")
    assert status == 0
    (stop,) = (event for event in lines(tmp_path / "run", "events") if event.get("did") == "stop")
    assert f"step {stop['step']}: training stops ({stop['why']})" in out
    assert stop["step"] < 60
    assert (tmp_path / "run" / "report.html").exists()
    status, out, _ = saddle("resume", tmp_path / "run")
    assert status == 0
    assert out.startswith(f"{tmp_path / 'run'} is complete: {stop['step']} steps; train longer with: ")


def test_a_run_that_gets_no_better_is_stopped(tmp_path):
    still = SMALL | {"run.steps": "200", "optimizer.generator.lr": "0", "watch.patience": "4"}
    said = played(begun(tmp_path / "run", still))
    assert said[-1]["text"] == "training stops (no better sliced_wasserstein in 4 looks)"
    assert said[-1]["step"] == 50


def test_the_best_checkpoint_is_what_is_sampled_and_judged_unless_told_otherwise(tmp_path, saddle, refused):
    run = begun(tmp_path / "run", SMALL | {"run.steps": "40", "run.judge": "50"})
    steps = run.steps()
    for _ in range(35):
        next(steps)
    best = run.best().step
    with torch.no_grad():
        for parameter in run.game.generator.parameters():
            parameter.mul_(50)
    for _ in steps:
        pass
    assert best <= run.best().step < 40
    run.release()
    status, out, _ = saddle("resume", tmp_path / "run")
    assert f"judged at step {run.best().step}, the best by sliced_wasserstein" in out
    model = saddlepoint.load(tmp_path / "run")
    assert model.step == run.best().step
    assert saddlepoint.load(tmp_path / "run", "last").step == 40
    assert saddlepoint.load(tmp_path / "run", 20).step == 20
    for checkpoint, step in (("best", model.step), ("last", 40), (20, 20)):
        told = ["--metrics", "sliced_wasserstein", "--samples", 50, "--checkpoint", checkpoint]
        assert saddle("judge", tmp_path / "run", *told)[0] == 0
        assert lines(tmp_path / "run", "scores")[-1]["step"] == step
    said = refused("sample", tmp_path / "run", "-o", tmp_path / "x.npy", "--checkpoint", 7)
    assert "has no sound checkpoint of step 7; there are: 0, 20, 40" in said
    said = refused("sample", tmp_path / "run", "-o", tmp_path / "x.npy", "--checkpoint", "first")
    assert "wanted best, last or a step, got 'first'" in said
    file = tmp_path / "run" / "checkpoints" / "best.safetensors"
    file.write_bytes(file.read_bytes()[:100])
    status, _, err = saddle("sample", tmp_path / "run", "-o", tmp_path / "x.npy")
    assert status == 0
    assert "best.safetensors is damaged" in err


def test_of_equally_good_checkpoints_the_newest_is_kept():
    kept = []
    watch = Watch(Watching(every=1), Settings(steps=9, log_every=1), Look(None, "", 0, 0))
    scores = [(0.5, 0.4), (0.3, 0.2), (0.31, 0.25), (0.34, 0.301), (0.29, 0.28), (math.nan, math.nan)]
    for step, (score, low) in enumerate(scores):
        watch.look = type("Told", (), {"prepare": dict, "__call__": lambda *_, s=score, o=low: _told(s, o)})()
        watch.seen(step, lambda: None, lambda step=step: kept.append(step))
    assert kept == [0, 1, 2, 4]


def _told(score, low):
    return {"score": score, "score_low": low}


def test_what_the_watchdog_cannot_do_is_refused_at_once(refused, tmp_path):
    told = ["train", "ring", "--out", tmp_path / "run", "--recipe", "ring-minimax"]
    said = refused(*told, "--watch.action", "stop", "--watch.on", "memorization")
    assert "symptom 'memorization' is not known; did you mean 'memorisation'?" in said
    said = refused("train", "ring", "--game", "vae", "--out", tmp_path / "run", "--watch.action", "raise_penalties")
    assert "this run has no penalty; add one, such as --regularizer r1" in said
    assert "did you mean 'samples'" in refused(*told, "--watch.sample", 4)
    assert not (tmp_path / "run").exists()


def test_only_the_symptoms_that_were_told_are_acted_on():
    def wanted(table, event):
        watch = Watch(table, Settings(), Look(None, "", 0, 0))
        found = watch.intervention(
            [{"symptom": "divergence", "of": "generator", "since": 7, "curable": True} | event], Course()
        )
        return found and found.action

    assert wanted(Watching(), {}) is None
    assert wanted(Watching(action="stop"), {}) == "stop"
    assert wanted(Watching(action="stop", on="collapse, memorisation"), {}) is None
    assert wanted(Watching(action="lower_rates"), {"curable": False}) is None
    assert wanted(Watching(action="stop"), {"curable": False}) == "stop"
    assert wanted(Watching(action="roll_back", rollbacks=0), {}) is None


class Drawn(Samples, torch.nn.Module):
    """A model that draws from a list."""

    def __init__(self, x):
        super().__init__()
        self.x, self.device, self.drawn = x, torch.device("cpu"), 0

    def sample(self, n, y=None):
        self.drawn += n
        return self.x[(torch.arange(n) + self.drawn - n) % len(self.x)]


def looked(source, x, samples=512):
    look = Look(source, "sliced_wasserstein", samples, 0)
    return look(Model(Drawn(source.units.seen(x)), source.spec, 0))


def test_a_look_tells_a_perfect_model_from_a_copier_and_a_collapsed_one(tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", rng.normal(size=(3000, 3)).astype(np.float32))
    source = source_of(data_table(str(tmp_path / "x.npy"), {}))
    fresh = torch.as_tensor(rng.normal(size=(512, 3)).astype(np.float32))
    good = looked(source, fresh)
    assert good["score"] < 2 * good["floor"]
    assert good["copies"] < 0.15, "a third to the power of three by chance"
    assert all(abs(good[name] - 1) < 0.2 for name in ("variety", "coverage", "dimension"))
    copier = looked(source, source.real(512, seed=3).x + 1e-3)
    assert copier["copies"] > 0.9
    np.save(tmp_path / "line.npy", rng.normal(size=(3000, 1)).astype(np.float32))
    fair = looked(
        source_of(data_table(str(tmp_path / "line.npy"), {})), torch.as_tensor(rng.normal(size=(512, 1))).float()
    )
    assert fair["copies"] < 0.1, "on a line a third of all samples lie so by chance"
    line = looked(source, fresh * torch.tensor([1.0, 1e-4, 1e-4]))
    assert line["dimension"] < 0.5
    collapsed = looked(source, 0.01 * fresh)
    assert collapsed["variety"] < 0.02
    assert collapsed["coverage"] < 0.2
    assert math.isnan(looked(source, fresh * math.nan)["score"])


def test_copies_of_a_few_samples_are_seen_though_none_are_held_out(tmp_path):
    np.save(tmp_path / "ten.npy", np.random.default_rng(0).normal(size=(10, 2)).astype(np.float32))
    source = source_of(data_table(str(tmp_path / "ten.npy"), {"held_out": 0.0}))
    near = source.real(10).x.repeat(52, 1)[:512]
    assert looked(source, near + 1e-3 * torch.randn(512, 2))["copies"] > 0.9
    assert looked(source, torch.randn(512, 2))["copies"] < 0.3


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_intrinsic_dimension_is_that_of_the_subspace(size):
    rng = np.random.default_rng(size)
    x = rng.normal(size=(2000, size)) @ rng.normal(size=(size, 9))
    assert dimension(x) == pytest.approx(size, rel=0.1)
    assert math.isnan(dimension(np.zeros((9, 2))))


@pytest.mark.parametrize("noise", [0.0, 0.5, 1.0])
def test_labels_are_compared_with_those_of_their_neighbours(noise, tmp_path):
    rng = np.random.default_rng(0)
    y = rng.choice(4, 800, p=[0.55, 0.15, 0.15, 0.15]) if noise == 1 else rng.integers(0, 4, 800)
    x = np.eye(4)[y] + 0.05 * rng.normal(size=(800, 4))
    told = rng.permutation(y) if noise == 1 else np.where(rng.random(800) < noise, rng.integers(0, 4, 800), y)
    np.savez(tmp_path / "x.npz", x=x.astype(np.float32), y=told)
    found = Look(source_of(data_table(str(tmp_path / "x.npz"), {})), "sliced_wasserstein", 64, 0).prepare()
    expected = {0.0: (1.0, 1.0), 0.5: (0.62, 0.76)}
    if noise in expected:
        assert (found["labelled"], found["voted"]) == pytest.approx(expected[noise], abs=0.07)
    assert (found["label_excess"] > 5) == (noise < 1)
    assert (found["label_excess"] < 3) == (noise == 1), "shuffled, however unequal the shares"


def test_a_checkpoint_that_is_asked_for_must_be_there(tmp_path):
    played(begun(tmp_path / "run", SMALL | {"run.steps": "20"}))
    with pytest.raises(BadRun, match="there are: 0, 20"):
        saddlepoint.load(tmp_path / "run", 3)
    with pytest.raises(BadOption, match="wanted best, last or a step"):
        saddlepoint.load(tmp_path / "run", "newest")
