"""What every source on the shelf owes, whatever it reads or draws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from saddlepoint.data import build, shelf
from saddlepoint.errors import BadData, SaddlepointError
from saddlepoint.source import Drawn, Shard, Source
from saddlepoint.spec import Spec, Units
from tests.laws.test_options import values_of


@pytest.fixture(scope="module", params=shelf.names())
def source(request, samples, tmp_path_factory) -> Source:
    name = request.param
    parts = [str(samples[part_of(name)](tmp_path_factory.mktemp(name)))] if shelf.entry(name).parts else []
    return build(name, *parts)


def part_of(name: str) -> str:
    assert shelf.entry(name).parts == ("path",)
    return name


@pytest.mark.parametrize("name", shelf.names())
def test_its_help_is_one_sentence_and_its_origin(name):
    entry = shelf.entry(name)
    assert entry.summary.endswith(".")
    assert entry.paper


def test_batches_have_the_shape_and_bounds_of_the_spec(source):
    batch = source.batches(8)(0)
    assert batch["x"].shape == (8, *source.spec.shape)
    assert batch["x"].dtype == torch.float32
    assert ("y" in batch) == bool(source.spec.classes or source.spec.given)
    if source.spec.bounds:
        assert source.spec.bounds[0] <= batch["x"].min() <= batch["x"].max() <= source.spec.bounds[1]
    if given := source.spec.given:
        assert batch["y"].shape == (8, *given.shape)
        assert batch["y"].dtype == torch.float32
        assert given.bounds is None or given.bounds[0] <= batch["y"].min() <= batch["y"].max() <= given.bounds[1]
    if source.spec.classes:
        assert batch["y"].dtype == torch.int64
        assert 0 <= batch["y"].min() <= batch["y"].max() < len(source.spec.classes)
        assert sum(source.spec.shares) == pytest.approx(1)
        assert len(source.spec.shares) == len(source.spec.classes)
    for start, stop in source.spec.simplexes:
        part = batch["x"][:, start:stop]
        assert torch.equal(part.sum(1), torch.ones(8))
        assert set(part.unique().tolist()) <= {0.0, 1.0}


def test_networks_see_about_minus_one_to_one(source):
    x = source.batches(200)(0)["x"]
    assert x.abs().mean() < 1.3
    assert x.std() > 0.1


def test_a_batch_is_a_function_of_seed_and_index(source):
    one, other = source.batches(6, seed=1), source.batches(6, seed=1)
    later = other(5)
    assert all(torch.equal(one(i)["x"], other(i)["x"]) for i in (0, 3, 9))
    assert torch.equal(one(5)["x"], later["x"])
    assert not torch.equal(one(0)["x"], one(1)["x"])
    assert not torch.equal(one(0)["x"], source.batches(6, seed=2)(0)["x"])


def test_a_batch_leaves_the_global_generator_alone(source):
    before = torch.get_rng_state()
    source.batches(4)(0)
    source.real(4)
    source.held_out()
    assert torch.equal(before, torch.get_rng_state())


def test_shards_make_up_the_batch(source):
    whole = source.batches(6)(2)
    halves = [source.batches(6, shard=Shard(rank, 2))(2) for rank in range(2)]
    for key in whole:
        assert torch.equal(torch.cat([half[key] for half in halves]), whole[key])


def classes_of(y: torch.Tensor, count: int, rows: int) -> bool:
    return torch.equal(y, torch.arange(count).repeat_interleave(rows))


def test_even_batches_hold_as_many_of_each_class_those_of_the_first_first(source):
    count = len(source.spec.classes)
    if not count:
        with pytest.raises(BadData, match="the data has no classes; label it"):
            source.batches(8, even=True)
        return
    batches, again = (source.batches(4 * count, seed=3, even=True) for _ in range(2))
    assert all(classes_of(batches(index)["y"], count, 4) for index in range(3))
    assert torch.equal(batches(2)["x"], again(2)["x"])
    assert not torch.equal(batches(0)["x"], source.batches(4 * count, seed=4, even=True)(0)["x"])
    with pytest.raises(BadData, match=f"a batch of 1 cannot hold as many of each of {count} classes; take a multiple"):
        source.batches(1, even=True)


def test_shards_of_even_batches_are_even_and_make_up_the_batch(source):
    count = len(source.spec.classes)
    if not count:
        pytest.skip("no classes")
    whole = source.batches(4 * count, even=True)(1)
    halves = [source.batches(4 * count, even=True, shard=Shard(rank, 2))(1) for rank in range(2)]
    assert all(classes_of(half["y"], count, 2) for half in halves)
    made = torch.cat([half["x"].unflatten(0, (count, 2)) for half in halves], dim=1).flatten(0, 1)
    assert torch.equal(made, whole["x"])
    with pytest.raises(
        BadData, match=f"each of {count} classes in each of 2 processes; take a multiple of {2 * count}"
    ):
        source.batches(count, even=True, shard=Shard(0, 2))


def test_even_epochs_of_a_class_hold_each_of_its_samples_once(source):
    count = len(source.spec.classes)
    if not count or isinstance(source, Drawn):
        pytest.skip("no classes, or endless")
    whole = source.whole(len(source))
    own = whole["x"][whole["y"] == 0].float()
    batches = source.batches(count, even=True)
    assert rows(torch.stack([batches(index)["x"][0] for index in range(len(own))])) == rows(own)


def test_an_epoch_holds_every_sample_once(source):
    if isinstance(source, Drawn):
        pytest.skip("endless")
    count = len(source)
    batches = source.batches(count // 2)
    epoch = torch.cat([batches(i)["x"] for i in range(2)] + [batches(2)["x"][: count % 2]])
    assert len(epoch) == count
    whole = source.whole(count)["x"]
    assert rows(epoch) == rows(whole.float())
    assert rows(source.units.own(whole)) == rows(source.real(count).x)


def test_real_samples_are_in_own_units_and_labelled(source):
    real = source.real(10)
    again = source.real(10)
    columns = len(source.units.columns)
    assert real.x.shape == (10, *((columns,) if columns else source.spec.shape))
    assert (real.y is not None) == bool(source.spec.classes or source.spec.given)
    if given := source.spec.given:
        assert real.y.shape == (10, *given.shape)
        assert not given.units.limits or 0 <= real.y.min() <= real.y.max() <= 1
    assert torch.equal(real.x, again.x)
    if source.units.limits:
        assert 0 <= real.x.min() <= real.x.max() <= 1


def test_held_out_samples_are_none_of_the_training_samples(source):
    held = source.held_out()
    assert held is not None
    training = source.real(2000)
    assert not set(rows(held.x)) & set(rows(training.x))
    assert held.x.shape[1:] == training.x.shape[1:]


def test_its_description_survives_json(source):
    assert Spec.from_dict(json.loads(json.dumps(source.spec.as_dict())), source.units) == source.spec
    assert Units.from_dict(json.loads(json.dumps(source.units.as_dict()))) == source.units
    assert json.dumps(source.fingerprint())


def test_other_data_has_another_fingerprint(samples, tmp_path: Path):
    prints = []
    for name in shelf.names():
        folder = tmp_path / name
        folder.mkdir()
        parts = [str(samples[name](folder))] if shelf.entry(name).parts else []
        prints.append(json.dumps(build(name, *parts).fingerprint()))
    assert len(set(prints)) == len(prints)


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_share_to_hold_out_is_from_0_to_below_1(samples, tmp_path, share):
    for name in shelf.names():
        if "held_out" not in shelf.entry(name).options or name == "idx":
            continue
        folder = tmp_path / name
        folder.mkdir()
        parts = [str(samples[name](folder))] if shelf.entry(name).parts else []
        with pytest.raises(ValueError, match=r"data.held_out: wanted a number from 0 to below 1, got"):
            build(name, *parts, held_out=share)


def test_nothing_is_held_out_when_so_asked(samples, tmp_path):
    for name in ("arrays", "images", "table"):
        folder = tmp_path / name
        folder.mkdir()
        assert build(name, str(samples[name](folder)), held_out=0).held_out() is None


def rows(x: torch.Tensor) -> list[bytes]:
    return sorted(row.numpy().tobytes() for row in x)


@pytest.mark.parametrize("name", [name for name in shelf.names() if shelf.entry(name).parts])
def test_any_value_of_any_option_reads_or_is_refused_in_one_line(samples, tmp_path, name):
    path = str(samples[name](tmp_path))
    for option in shelf.entry(name).options.values():
        for value in values_of(option):
            words = ""
            try:
                assert build(name, path, **{option.name: value}).batches(4)(0)["x"].isfinite().all()
            except SaddlepointError as error:
                words = str(error)
            assert "\n" not in words, (option.name, value)
