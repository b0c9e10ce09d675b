"""What every task must keep, over pictures of all sorts."""

import pytest
import torch

from saddlepoint import tasks
from saddlepoint.catalogue import Entry
from saddlepoint.errors import BadData
from saddlepoint.source import Labelled
from saddlepoint.spec import Spec
from saddlepoint.task import Derived
from tests.laws import Shelf
from tests.tasks.zoo import PICTURES, derived, stored

# Every task as it is, and with each of the names that its options have for a value.
OPTIONS = [(name, {}) for name in tasks.names()] + [
    (name, {option.name: choice})
    for name in tasks.names()
    for option in tasks.shelf.entry(name).options.values()
    for choice in option.choices
    if choice != option.default
]
TASKS = Shelf("task")
RANDOM = {"noise": {}, "hole": {"where": "random"}}


def seen_through(name, options, spec) -> Derived:
    source = derived(name, spec, **options)
    assert source is not None
    return source


def test_every_task_takes_pictures_of_some_sort():
    assert all(TASKS.taken.values())
    assert {name for name in tasks.names() if derived(name, PICTURES[-1])} >= {"downscale", "hole", "edges", "noise"}


@TASKS.over_all()
def test_every_task_keeps_the_law(law, case):
    law.hold(case)


@pytest.mark.parametrize("name", tasks.names())
def test_what_is_refused_is_refused_with_what_is_wanted(name):
    TASKS.demand_wants(name)


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
