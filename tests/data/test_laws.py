"""What every source on the shelf owes, whatever it reads or draws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from saddlepoint.data import build, shelf
from saddlepoint.errors import BadData, SaddlepointError
from saddlepoint.laws.data import LAWS, Sourced, cases
from saddlepoint.source import Shard
from tests.laws.test_options import values_of


@pytest.fixture(scope="module", params=shelf.names())
def sourced(request, samples, tmp_path_factory) -> Sourced:
    name = request.param
    reads = shelf.entry(name).parts
    assert reads in ((), ("path",))
    path = str(samples[name](tmp_path_factory.mktemp(name))) if reads else None
    return next(cases(name, path))


@pytest.mark.parametrize("name", shelf.names())
def test_its_help_is_one_sentence_and_its_origin(name):
    entry = shelf.entry(name)
    assert entry.summary.endswith(".")
    assert entry.paper


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_every_source_keeps_the_law(law, sourced):
    if not law.of(sourced):
        pytest.skip("not of such a source")
    law.hold(sourced)


def test_what_cannot_be_even_is_refused_with_what_to_take(sourced):
    source, count = sourced.source, len(sourced.source.spec.classes)
    if not count:
        with pytest.raises(BadData, match="the data has no classes; label it"):
            source.batches(8, even=True)
        return
    with pytest.raises(BadData, match=f"a batch of 1 cannot hold as many of each of {count} classes; take a multiple"):
        source.batches(1, even=True)
    words = f"each of {count} classes in each of 2 processes; take a multiple of {2 * count}"
    with pytest.raises(BadData, match=words):
        source.batches(count, even=True, shard=Shard(0, 2))


def test_every_source_holds_samples_out(sourced):
    assert sourced.source.held_out() is not None


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
