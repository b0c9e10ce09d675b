"""What every task must keep, over pictures of all sorts."""

import pytest
import torch

from saddlepoint import tasks
from saddlepoint.catalogue import Entry
from saddlepoint.errors import BadData
from saddlepoint.source import Labelled, Shard
from saddlepoint.spec import Spec
from saddlepoint.task import Derived
from tests.tasks.zoo import PICTURES, derived, stored

# Every task as it is, and with each of the names that its options have for a value.
OPTIONS = [(name, {}) for name in tasks.names()] + [
    (name, {option.name: choice})
    for name in tasks.names()
    for option in tasks.shelf.entry(name).options.values()
    for choice in option.choices
    if choice != option.default
]
CASES = [(name, options, spec) for name, options in OPTIONS for spec in PICTURES if derived(name, spec, **options)]
IDS = [f"{name} {list(options.values())} {spec.shape}" for name, options, spec in CASES]
RANDOM = {"noise": {}, "hole": {"where": "random"}}
over_all = pytest.mark.parametrize(("name", "options", "spec"), CASES, ids=IDS)


def seen_through(name, options, spec) -> Derived:
    source = derived(name, spec, **options)
    assert source is not None
    return source


def test_every_task_takes_pictures_of_some_sort():
    assert {name for name, _, _ in CASES} == set(tasks.names())
    assert {name for name in tasks.names() if derived(name, PICTURES[-1])} >= {"downscale", "hole", "edges", "noise"}


@over_all
def test_what_is_given_has_the_shape_and_the_bounds_it_is_said_to_have(name, options, spec):
    source = seen_through(name, options, spec)
    given = source.spec.given
    assert given is not None
    batch = source.batches(8)(0)
    assert batch["y"].shape == (8, *given.shape)
    assert batch["y"].dtype == torch.float32
    assert batch["y"].isfinite().all()
    assert given.bounds == (-1.0, 1.0)
    assert batch["y"].min() >= -1
    assert batch["y"].max() <= 1
    assert (source.spec.classes, source.spec.shares, source.spec.shape) == ((), (), spec.shape)
    assert Spec.from_dict(source.spec.as_dict(), source.units) == source.spec


@over_all
def test_samples_are_left_as_they_are(name, options, spec):
    source, plain = seen_through(name, options, spec), stored(spec)
    for index in (0, 3):
        assert torch.equal(source.batches(8, seed=1)(index)["x"], plain.batches(8, seed=1)(index)["x"])
    for ours, theirs in ((source.real(7), plain.real(7)), (source.held_out(), plain.held_out())):
        assert ours is not None
        assert theirs is not None
        assert torch.equal(ours.x, theirs.x)
        assert torch.equal(ours.label, theirs.y)
    assert (source.size, source.inner.spec, source.labelled is source.inner) == (plain.size, spec, True)


@over_all
def test_the_same_is_left_each_time(name, options, spec):
    one, other = (seen_through(name, options, spec) for _ in range(2))
    batches = one.batches(8)
    batches(5)
    assert torch.equal(batches(2)["y"], other.batches(8)(2)["y"])
    for ours, theirs in ((one.real(7), other.real(7)), (one.held_out(), other.held_out())):
        assert torch.equal(ours.y, theirs.y)
    assert one.digest == other.digest
    assert one.digest != stored(spec).digest


@over_all
def test_processes_together_see_what_one_sees(name, options, spec):
    source = seen_through(name, options, spec)
    whole = source.batches(8)(1)
    parts = [source.batches(8, shard=Shard(rank, 4))(1) for rank in range(4)]
    for key in ("x", "y"):
        assert torch.equal(torch.cat([part[key] for part in parts]), whole[key])


@over_all
def test_what_is_left_of_a_sample_is_its_own_affair(name, options, spec):
    task = seen_through(name, options, spec).task
    x = stored(spec).batches(8)(0)["x"]
    others = x.flip(0)
    others[3] = x[3]
    left = [task.leave(one, torch.Generator().manual_seed(0))[3] for one in (x, others)]
    assert torch.equal(*left)


@over_all
def test_nothing_is_changed_in_place(name, options, spec):
    task = seen_through(name, options, spec).task
    x = stored(spec).batches(8)(0)["x"]
    before = x.clone()
    task.leave(x, torch.Generator().manual_seed(0)).fill_(7)
    assert torch.equal(x, before)


@over_all
def test_what_is_left_is_on_the_device_of_the_pictures(name, options, spec):
    source = seen_through(name, options, spec)
    left = source.task.leave(torch.zeros(8, *spec.shape, device="meta"), torch.Generator())
    assert left.device.type == "meta"
    assert left.shape[1:] == source.task.given.shape


@pytest.mark.parametrize(("name", "options"), RANDOM.items())
def test_chance_is_that_of_the_seed_and_the_batch(name, options):
    source = seen_through(name, options, PICTURES[1])
    one = source.batches(30, seed=0)
    drawn = [one(0)["y"], one(1)["y"], source.batches(30, seed=1)(0)["y"]]
    x = [one(0)["x"], one(1)["x"], source.batches(30, seed=1)(0)["x"]]
    left = [(y[:, -1:] - a[:, :1]) for y, a in zip(drawn, x, strict=True)]
    assert not torch.allclose(left[0], left[1], atol=1e-3)
    assert not torch.allclose(left[0], left[2], atol=1e-3)


@pytest.mark.parametrize("name", tasks.names())
def test_what_is_for_fitting_is_all_of_it(name):
    source = seen_through(name, {}, PICTURES[1] if name == "grey" else PICTURES[0])
    whole = source.whole(5)
    assert len(whole["x"]) == len(whole["y"]) == source.size
    assert isinstance(source.real(source.size), Labelled)


@pytest.mark.parametrize("name", tasks.names())
def test_other_samples_than_pictures_are_refused(name):
    for spec, got in ((Spec((5,)), "vectors of 5 numbers"), (Spec((2, 3, 8, 8)), "samples of 2 x 3 x 8 x 8")):
        with pytest.raises(BadData, match=f"^task {name} wants images, got {got}; leave --task out"):
            tasks.build(name, spec)
    with pytest.raises(BadData, match=f"^task {name} wants images whose values have bounds"):
        tasks.build(name, Spec((3, 8, 8)))


@pytest.mark.parametrize("name", tasks.names())
def test_what_is_given_already_is_not_left_out(name):
    spec = PICTURES[1]
    pairs = Derived(stored(spec), tasks.build("noise", spec))
    with pytest.raises(BadData, match="of these another is given already; leave --task out"):
        Derived(pairs, tasks.build(name, spec))


def test_every_option_makes_another_task():
    for name, options in OPTIONS:
        spec, entry = PICTURES[1], tasks.shelf.entry(name)
        assert tasks.build(name, spec, **options).identity["name"] == name
        for option in (one for one in entry.options.values() if not one.choices):
            assert _other(entry, spec, option.name).digest != seen_through(name, {}, spec).digest


def _other(entry: Entry, spec: Spec, option: str) -> Derived:
    return seen_through(entry.name, {option: entry.options[option].default * 2}, spec)
