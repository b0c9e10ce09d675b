"""Two domains without pairs, and the truth that is hidden from training."""

from __future__ import annotations

import pytest
import torch
from PIL import Image

from saddlepoint.data import build
from saddlepoint.errors import BadData
from saddlepoint.laws.data import LAWS, Sourced
from tests.data.conftest import save_images


def load(folder, **options):
    return build("images", str(folder), **options)


@pytest.fixture
def domains(tmp_path):
    """Seven horses, four zebras of other names; of each two to test by, called alike."""
    save_images(tmp_path, [f"trainA/horse{i}.png" for i in range(7)])
    save_images(tmp_path, [f"trainB/{i}.png" for i in range(4)], seed=1)
    save_images(tmp_path, ["testA/x.png", "testA/y.png"], seed=2)
    return save_images(tmp_path, ["testB/y.png", "testB/x.png"], seed=3)


def test_domains_are_two_classes_of_whatever_size(domains):
    source = load(domains)
    assert source.domains
    assert source.spec.classes == ("A", "B")
    assert (source.size, source.held_out().y.tolist()) == (11, [0, 0, 1, 1])
    assert not load(domains, labels="none").domains
    assert not load(domains / "trainA").domains


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
@pytest.mark.parametrize("memory", [1.0, 0.0])
def test_domains_keep_the_laws(domains, memory, law):
    case = Sourced("domains", lambda: load(domains, memory=memory))
    assert law.of(case)
    law.hold(case)


@pytest.mark.parametrize("memory", [1.0, 0.0])
def test_counterparts_are_held_out_images_of_the_same_name(domains, memory):
    truth, held = load(domains, memory=memory).counterparts(), load(domains).held_out()
    assert torch.equal(truth.x, held.x[:2])
    assert torch.equal(truth.y, held.x[2:])


def test_each_is_beside_its_own_counterpart(tmp_path):
    save_images(tmp_path, [f"{name}/{i}.png" for name in ("trainA", "trainB", "testA") for i in range(9, 12)])
    for file in (tmp_path / "testA").iterdir():
        made = tmp_path / "testB" / f"{file.stem}.tiff"
        made.parent.mkdir(exist_ok=True)
        Image.open(file).save(made)
    truth = load(tmp_path).counterparts()
    assert torch.equal(truth.x, truth.y)


def test_there_are_none_where_names_differ_or_nothing_is_held_out(domains):
    assert any("taken for counterparts" in note for note in load(domains).notes)
    (domains / "testB" / "x.png").rename(domains / "testB" / "w.png")
    source = load(domains)
    assert source.domains
    assert source.counterparts() is None
    assert not any("counterparts" in note for note in source.notes)


def test_one_domain_alone_is_refused(tmp_path):
    save_images(tmp_path, ["trainA/1.png", "trainA/2.png", "testA/1.png", "testB/1.png"])
    words = r"trainA is one of two domains, and of B there is nothing to train on; put its images beside it in trainB"
    with pytest.raises(BadData, match=words):
        load(tmp_path)
