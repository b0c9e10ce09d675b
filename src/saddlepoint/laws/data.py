"""What every source of samples keeps, whatever it reads or draws."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from saddlepoint import data
from saddlepoint.data._mirrored import Mirrored
from saddlepoint.errors import BadData, BadOption
from saddlepoint.laws.law import Law, demand
from saddlepoint.source import Shard, Source
from saddlepoint.spec import Spec, Units
from saddlepoint.task import Derived, Task


class OfSource(Protocol):
    """What a law of sources asks of a case."""

    @property
    def on(self) -> str: ...
    @property
    def source(self) -> Source: ...
    @property
    def make(self) -> Callable[[], Source]: ...


@dataclass(frozen=True, eq=False)
class Sourced:
    """A source that is made anew by `make`, of what `on` says."""

    on: str
    make: Callable[[], Source]

    @cached_property
    def source(self) -> Source:
        """The source, made once."""
        return self.make()


def cases(name: str, path: str | None = None) -> Iterator[Sourced]:
    """A source by name, of what is at `path` where it reads; raises `BadOption` where that is not said."""
    reads = bool(data.shelf.entry(name).parts)
    if reads != (path is not None):
        raise BadOption(
            f"{name} reads a path: say which, --path PATH" if reads else f"{name} reads nothing; leave --path out"
        )
    yield Sourced(path or "as it comes", lambda: data.build(name, *([path] if path else [])))


def batches_have_the_shape_and_bounds_of_the_spec(case: OfSource) -> None:
    """x (B, *shape) in 32 bits within the bounds; one-hot columns where the spec has them."""
    spec, x = case.source.spec, case.source.batches(8)(0)["x"]
    _fits(x, spec, "x")
    for start, stop in spec.simplexes:
        part = x[:, start:stop]
        hot = torch.equal(part.sum(1), torch.ones(8)) and set(part.unique().tolist()) <= {0.0, 1.0}
        demand(hot, f"one-hot columns {start} to {stop}", "others")


def batches_say_what_samples_are_asked_for_by(case: OfSource) -> None:
    """y are labels (B,) of 64 bits where there are classes, (B, *given.shape) where something else is given."""
    spec, batch = case.source.spec, case.source.batches(8)(0)
    wanted = bool(spec.classes or spec.given)
    demand(("y" in batch) == wanted, "y in a batch" if wanted else "no y in a batch", "x alone" if wanted else "y")
    if spec.given:
        _fits(batch["y"], spec.given, "y")
    if spec.classes:
        y = batch["y"]
        demand(y.shape == (8,) and y.dtype == torch.int64, "labels (8,) of 64 bits", f"{tuple(y.shape)} of {y.dtype}")
        inside = int(y.min()) >= 0 and int(y.max()) < len(spec.classes)
        demand(inside, f"labels from 0 to {len(spec.classes) - 1}", f"{int(y.min())} to {int(y.max())}")
        demand(len(spec.shares) == len(spec.classes), f"{len(spec.classes)} shares", len(spec.shares))
        demand(abs(sum(spec.shares) - 1) < 1e-6, "shares that sum to 1", sum(spec.shares))


def _fits(x: Tensor, spec: Spec, name: str) -> None:
    demand(x.shape == (8, *spec.shape), f"{name} {(8, *spec.shape)}", tuple(x.shape))
    kind = torch.int64 if spec.words else torch.float32
    demand(x.dtype == kind, f"{name} of {kind}", x.dtype)
    demand(bool(x.isfinite().all()), f"finite {name}", "others")
    _within(x, (0.0, len(spec.words) - 1.0) if spec.words else spec.bounds, name)


def networks_see_about_minus_one_to_one(case: OfSource) -> None:
    """Samples are scaled, and differ."""
    x = case.source.batches(200)(0)["x"]
    demand(float(x.abs().mean()) < 1.3, "numbers of a mean size below 1.3", round(float(x.abs().mean()), 3))
    demand(float(x.std()) > 0.1, "numbers that vary by more than 0.1", round(float(x.std()), 3))


def a_batch_is_a_function_of_seed_and_index(case: OfSource) -> None:
    """In any order of calls, by any maker: so that a resumed run meets the same batches."""
    one, other = case.source.batches(6, seed=1), case.source.batches(6, seed=1)
    late = other(5)
    for index in (0, 3, 9):
        _same(one(index)["x"], other(index)["x"], f"the same batch {index} whatever was drawn before")
    _same(one(5)["x"], late["x"], "the same batch 5 whatever was drawn before")
    demand(not torch.equal(one(0)["x"], one(1)["x"]), "another batch for another index", "the same")
    demand(
        not torch.equal(one(0)["x"], case.source.batches(6, seed=2)(0)["x"]),
        "another batch for another seed",
        "the same",
    )


def _same(one: Tensor, other: Tensor, wanted: str) -> None:
    demand(torch.equal(one, other), wanted)


def a_source_leaves_the_global_generator_alone(case: OfSource) -> None:
    """What it draws comes from generators of its own."""
    before = torch.get_rng_state()
    case.source.batches(4)(0)
    case.source.real(4)
    case.source.held_out()
    _same(before, torch.get_rng_state(), "torch's random state as it was")


def shards_make_up_the_batch(case: OfSource) -> None:
    """Two processes see together what one sees."""
    whole = case.source.batches(6)(2)
    halves = [case.source.batches(6, shard=Shard(rank, 2))(2) for rank in range(2)]
    for key in whole:
        _same(torch.cat([half[key] for half in halves]), whole[key], f"{key} of two shards as that of the whole batch")


def an_even_batch_holds_as_many_of_each_class_in_turn(case: OfSource) -> None:
    """A function of seed and index; two processes see together what one sees."""
    source, count = case.source, len(case.source.spec.classes)
    batches, again = (source.batches(4 * count, seed=3, even=True) for _ in range(2))
    for index in range(3):
        wanted = torch.arange(count).repeat(4)
        demand(torch.equal(batches(index)["y"], wanted), f"labels {wanted.tolist()}", batches(index)["y"].tolist())
    _same(batches(2)["x"], again(2)["x"], "the same even batch whatever was drawn before")
    other = source.batches(4 * count, seed=4, even=True)(0)["x"]
    demand(not torch.equal(batches(0)["x"], other), "another even batch for another seed", "the same")
    halves = [source.batches(4 * count, seed=3, even=True, shard=Shard(rank, 2))(1) for rank in range(2)]
    for key, whole in batches(1).items():
        _same(torch.cat([half[key] for half in halves]), whole, f"{key} of two even shards as that of the whole batch")


def an_even_batch_that_cannot_be_is_refused(case: OfSource) -> None:
    """Of data without classes, and of a size that cannot be divided among the classes, or the processes."""
    count = len(case.source.spec.classes)
    asked = ((1, Shard()), (count, Shard(0, 2))) if count > 1 else ((8, Shard()),) if count == 0 else ()
    for size, shard in asked:
        try:
            case.source.batches(size, even=True, shard=shard)
        except BadData as error:
            demand("\n" not in str(error), "one line", str(error))
        else:
            demand(False, f"BadData for an even batch of {size} of {count} classes", "a batch")


def an_even_epoch_holds_every_sample_of_a_class_once(case: OfSource) -> None:
    """Of data that ends."""
    source, count = case.source, len(case.source.spec.classes)
    assert source.size
    whole = source.whole(source.size)
    own = whole["x"][whole["y"] == 0].float()
    batches = source.batches(count, even=True)
    epoch = torch.stack([batches(index)["x"][0] for index in range(len(own))])
    demand(_rows(epoch) == _rows(own), "each sample of a class once in its epoch", "another number of some")


def an_epoch_holds_every_sample_once(case: OfSource) -> None:
    """Of data that ends; also in its own units."""
    source = case.source
    assert source.size
    count = source.size
    batches = source.batches(count // 2)
    epoch = torch.cat([batches(i)["x"] for i in range(2)] + [batches(2)["x"][: count % 2]])
    demand(len(epoch) == count, f"{count} samples in an epoch", len(epoch))
    whole = source.whole(count)["x"]
    demand(_rows(epoch) == _rows(whole.float()), "each sample once in an epoch", "another number of some")
    demand(_rows(source.units.own(whole)) == _rows(source.real(count).x), "the same samples in own units", "others")


def _rows(x: Tensor) -> list[bytes]:
    return sorted(row.numpy().tobytes() for row in x)


def real_samples_are_in_own_units(case: OfSource) -> None:
    """As many as are asked for, always the same, with what they are asked for by, within the units' limits."""
    source = case.source
    real, again = source.real(10), source.real(10)
    columns = len(source.units.columns)
    wanted = (10, *((columns,) if columns else source.spec.shape))
    demand(real.x.shape == wanted, f"real samples {wanted}", tuple(real.x.shape))
    asked = bool(source.spec.classes or source.spec.given)
    demand((real.y is not None) == asked, "real samples with y" if asked else "real samples without y")
    _same(real.x, again.x, "the same real samples each time")
    if given := source.spec.given:
        assert real.y is not None
        demand(real.y.shape == (10, *given.shape), f"y {(10, *given.shape)} of real samples", tuple(real.y.shape))
        _within(real.y, given.units.limits, "y of real samples")
    _within(real.x, source.units.limits, "real samples")


def _within(x: Tensor, limits: tuple[float, float] | None, what: str) -> None:
    if limits:
        (least, most), (low, high) = limits, (float(end) for end in x.aminmax())
        demand(least <= low and high <= most, f"{what} from {least:g} to {most:g}", f"{low:g} to {high:g}")


def held_out_samples_are_none_of_the_training_samples(case: OfSource) -> None:
    """Where there are any, they have the shape of the real ones."""
    held, training = case.source.held_out(), case.source.real(2000)
    if held is None:
        return
    demand(
        not set(_rows(held.x)) & set(_rows(training.x)),
        "held-out samples that training never sees",
        "some that it does",
    )
    demand(
        held.x.shape[1:] == training.x.shape[1:],
        f"held-out samples {tuple(training.x.shape[1:])}",
        tuple(held.x.shape[1:]),
    )


def counterparts_are_held_out_samples_of_either_class(case: OfSource) -> None:
    """Where they are known there are two classes, and as many samples of each, in own units."""
    source, known, held = case.source, case.source.counterparts(), case.source.held_out()
    if known is None:
        return
    demand(len(source.spec.classes) == 2, "two classes", source.spec.classes)
    assert held is not None
    for label, x in enumerate((known.x, known.y)):
        assert x is not None
        assert held.y is not None
        demand(x.shape == known.x.shape, f"counterparts {tuple(known.x.shape)}", tuple(x.shape))
        own = set(_rows(held.x[held.y == label]))
        demand(set(_rows(x)) <= own, f"held-out samples of class {label} for counterparts", "others")


def a_view_tells_what_it_does_not_change(case: OfSource) -> None:
    """Pictures in the mirror, and what a task leaves, know what the pictures know, but what they are asked for by."""
    inner = case.source
    for view in _views(inner):
        demand(view.labelled is inner.labelled, "the samples with their classes as they were")
        for name in ("size", "modes", "domains", "notes"):
            mine, its = (getattr(one, name) for one in (view, inner))
            demand(mine is its or mine == its, f"{name} {its}", mine)
        for mine, its in ((view.real(7), inner.real(7)), (view.held_out(), inner.held_out())):
            demand((mine is None) == (its is None), "held-out samples where there are some")
            if mine and its:
                _same(mine.x, its.x, "real and held-out samples as they were")
        mine, its = view.counterparts(), inner.counterparts()
        demand((mine is None) == (its is None), "counterparts where they are known")
        if mine and its:
            assert mine.y is not None
            assert its.y is not None
            _same(torch.cat([mine.x, mine.y]), torch.cat([its.x, its.y]), "counterparts as they were")


def _views(inner: Source) -> Iterator[Source]:
    if inner.spec.is_image:
        yield Mirrored(inner)
        if not inner.spec.given:
            yield Derived(inner, Task(inner.spec.unasked, lambda x, generator: -x))


def its_description_survives_json(case: OfSource) -> None:
    """Spec and units come back as they were; the fingerprint is plain values."""
    spec, units = case.source.spec, case.source.units
    again = Spec.from_dict(json.loads(json.dumps(spec.as_dict())), units)
    demand(again == spec, f"the spec {spec} back from JSON", again)
    demand(Units.from_dict(json.loads(json.dumps(units.as_dict()))) == units, "the units back from JSON", "others")
    demand(bool(json.dumps(case.source.fingerprint())), "a fingerprint of plain values", "none")


def made_again_it_is_the_same(case: OfSource) -> None:
    """The same samples, and the same digest."""
    other = case.make()
    demand(other.digest == case.source.digest, f"the digest {case.source.digest} again", other.digest)
    _same(other.batches(6)(1)["x"], case.source.batches(6)(1)["x"], "the same batch of it made again")


LAWS: tuple[Law[OfSource], ...] = (
    Law(batches_have_the_shape_and_bounds_of_the_spec),
    Law(batches_say_what_samples_are_asked_for_by),
    Law(networks_see_about_minus_one_to_one),
    Law(a_batch_is_a_function_of_seed_and_index),
    Law(a_source_leaves_the_global_generator_alone),
    Law(shards_make_up_the_batch),
    Law(an_even_batch_holds_as_many_of_each_class_in_turn, lambda case: bool(case.source.spec.classes)),
    Law(an_even_batch_that_cannot_be_is_refused),
    Law(
        an_even_epoch_holds_every_sample_of_a_class_once,
        lambda case: bool(case.source.size and case.source.spec.classes),
    ),
    Law(an_epoch_holds_every_sample_once, lambda case: case.source.size is not None),
    Law(real_samples_are_in_own_units),
    Law(held_out_samples_are_none_of_the_training_samples),
    Law(counterparts_are_held_out_samples_of_either_class, lambda case: case.source.domains),
    Law(a_view_tells_what_it_does_not_change, lambda case: case.source.spec.is_image),
    Law(its_description_survives_json),
    Law(made_again_it_is_the_same),
)
