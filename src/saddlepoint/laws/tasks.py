"""What every task keeps, over pictures of all sorts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from saddlepoint import tasks
from saddlepoint.colour import grey_of
from saddlepoint.errors import BadData, BadOption
from saddlepoint.laws import data, zoo
from saddlepoint.laws.law import Law, Refusal, demand
from saddlepoint.source import Shard, Stored
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.task import Derived

PICTURES = tuple(
    Spec(shape, ("a", "b"), (0.5, 0.5), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    for shape in ((1, 28, 28), (3, 64, 64), (3, 33, 20), (4, 9, 6), (1, 1, 1))
)


@dataclass(frozen=True, eq=False)
class Seen:
    """Pictures of a `spec`, seen through a task called `name` with options."""

    on: str
    name: str
    spec: Spec
    options: Mapping[str, Any] = field(default_factory=dict)

    def make(self) -> Derived:
        """The pictures seen through the task."""
        return Derived(zoo.pictures(self.spec), tasks.build(self.name, self.spec, **self.options))

    @cached_property
    def source(self) -> Derived:
        """The same, made once."""
        return self.make()

    @property
    def plain(self) -> Stored:
        """The pictures as they are."""
        return zoo.pictures(self.spec)

    @property
    def x(self) -> Tensor:
        """Eight pictures (8, C, H, W)."""
        return self.plain.batches(8)(0)["x"]


def cases(name: str) -> Iterator[Seen | Refusal]:
    """A task with its options as they come, and with each choice of one, over pictures, and over what is none."""
    for options in zoo.variations(tasks.shelf.entry(name)):
        told = "".join(f", {option} {value}" for option, value in options.items())
        for spec in (*PICTURES, zoo.VECTOR):
            case = Seen(" x ".join(map(str, spec.shape)) + told, name, spec, options)
            try:
                tasks.build(name, spec, **options)
            except Exception as error:
                yield Refusal(case.on, error)
            else:
                yield case


def what_is_given_has_the_shape_and_bounds_it_is_said_to_have(case: Seen) -> None:
    """y (B, *given.shape) as networks see it; x is of the same shape as before, and has no classes."""
    source = case.source
    given, y = source.spec.given, source.batches(8)(0)["y"]
    assert given is not None
    demand(
        y.shape == (8, *given.shape) and y.dtype == torch.float32,
        f"y {(8, *given.shape)} of 32 bits",
        f"{tuple(y.shape)} of {y.dtype}",
    )
    demand(bool(y.isfinite().all()), "finite y", "others")
    demand(given.bounds == (-1.0, 1.0), "bounds -1 and 1 of what is given", given.bounds)
    demand(float(y.abs().max()) <= 1, "y from -1 to 1", f"{float(y.min()):g} to {float(y.max()):g}")
    demand((source.spec.classes, source.spec.shape) == ((), case.spec.shape), "samples as they were, without classes")


def samples_are_left_as_they_are(case: Seen) -> None:
    """A task changes what is given alone; nothing is changed in place."""
    for index in (0, 3):
        seen, own = (one.batches(8, seed=1)(index)["x"] for one in (case.source, case.plain))
        demand(torch.equal(seen, own), f"the samples of batch {index} as they were")
    x = case.x
    before = x.clone()
    case.source.task.leave(x, torch.Generator().manual_seed(0)).fill_(7)
    demand(torch.equal(x, before), "nothing changed in place", "samples that were")


def real_samples_are_left_as_they_are(case: Seen) -> None:
    """With their classes as labels."""
    source, plain = case.source, case.plain
    for seen, own in ((source.real(7), plain.real(7)), (source.held_out(), plain.held_out())):
        assert seen is not None
        assert own is not None
        demand(torch.equal(seen.x, own.x), "real samples as they were")
        assert own.y is not None
        demand(seen.label is not None and torch.equal(seen.label, own.y), "their classes as labels")
    demand(source.size == plain.size, f"{plain.size} samples", source.size)
    demand(source.labelled is source.inner, "the samples with their classes as they were")


def the_same_is_left_each_time(case: Seen) -> None:
    """A function of the seed and the batch's index, whoever asks, and in whatever order."""
    one, other = case.make(), case.make()
    batches = one.batches(8)
    batches(5)
    demand(torch.equal(batches(2)["y"], other.batches(8)(2)["y"]), "the same left of batch 2 each time")
    for ours, its in ((one.real(7), other.real(7)), (one.held_out(), other.held_out())):
        assert ours is not None
        assert its is not None
        assert ours.y is not None
        assert its.y is not None
        demand(torch.equal(ours.y, its.y), "the same left of real samples each time")
    demand(one.digest == other.digest, "the same digest each time")
    demand(one.digest != case.plain.digest, "another digest than that of the data alone", "the same")


def processes_together_see_what_one_sees(case: Seen) -> None:
    """Shards of a batch, and of what is left of it."""
    whole = case.source.batches(8)(1)
    parts = [case.source.batches(8, shard=Shard(rank, 4))(1) for rank in range(4)]
    for key in whole:
        demand(
            torch.equal(torch.cat([part[key] for part in parts]), whole[key]),
            f"{key} of four shards as that of the whole",
        )


def what_is_left_of_a_sample_depends_on_no_other(case: Seen) -> None:
    """On its place in the batch alone."""
    x = case.x
    others = x.flip(0)
    others[3] = x[3]
    one, other = (case.source.task.leave(every, torch.Generator().manual_seed(0))[3] for every in (x, others))
    demand(torch.equal(one, other), "the same left of a sample among others")


def what_is_left_is_on_the_device_of_the_samples(case: Seen) -> None:
    """While what is drawn comes from a generator of the CPU."""
    left = case.source.task.leave(torch.zeros(8, *case.spec.shape, device="meta"), torch.Generator())
    demand(left.device.type == "meta", "what is left on the device of the samples", left.device)
    demand(left.shape[1:] == case.source.task.given.shape, f"{case.source.task.given.shape}", tuple(left.shape[1:]))


def samples_hold_what_they_are_said_to_keep(case: Seen) -> None:
    """Its places that are not transparent; its lightness."""
    task, x = case.source.task, case.x
    y = task.leave(x, torch.Generator().manual_seed(0))
    if task.keeps == "places":
        known = (y[:, -1:] > 0).expand_as(x)
        demand(torch.equal(y[:, :-1][known], x[known]), "known places of the sample's own")
    if task.keeps == "lightness":
        grey = 2 * grey_of((x + 1) / 2) - 1
        demand(torch.allclose(y, grey, atol=1e-5), "the grey picture that is as light as the sample")


def what_is_given_already_is_not_left_out(case: Seen) -> None:
    """Data in which something is given is refused."""
    try:
        Derived(case.source, case.source.task)
    except (BadData, BadOption):
        return
    demand(False, "a refusal where something is given already", "none")


LAWS: tuple[Law[Seen], ...] = (
    Law(what_is_given_has_the_shape_and_bounds_it_is_said_to_have),
    Law(samples_are_left_as_they_are),
    Law(real_samples_are_left_as_they_are),
    Law(the_same_is_left_each_time),
    Law(processes_together_see_what_one_sees),
    Law(what_is_left_of_a_sample_depends_on_no_other),
    Law(what_is_left_is_on_the_device_of_the_samples),
    Law(samples_hold_what_they_are_said_to_keep),
    Law(what_is_given_already_is_not_left_out),
    Law(data.its_description_survives_json),
    Law(data.a_source_leaves_the_global_generator_alone),
)
