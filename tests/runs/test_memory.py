"""What does not fit is refused before it is made, and asking changes nothing."""

import pytest
import torch
from torch import nn

from saddlepoint import data
from saddlepoint.errors import BadOption
from saddlepoint.machine import memory, room
from saddlepoint.machine.memory import Bounded, allocated, enough
from saddlepoint.runs.estimate import _kept_by, graph_bytes
from saddlepoint.training.precision import Precision


def test_weights_are_counted_before_they_are_made():
    with Bounded(4 * 11 * 10):
        assert nn.Linear(10, 10).weight.shape == (10, 10)
        with pytest.raises(BadOption, match="weights take more than half"):
            nn.Linear(10**6, 10**6)
    with Bounded(2**30), pytest.raises(BadOption, match="take smaller networks"):
        torch.empty(2**40, 2**40)


def test_counting_leaves_every_weight_as_it_was(small_gan):
    plain = small_gan(seed=3)
    with Bounded(2**30):
        counted = small_gan(seed=3)
    for name, value in plain.state_dict().items():
        assert torch.equal(value, counted.state_dict()[name])


def test_there_is_some_memory_and_no_more_than_the_system_says(monkeypatch, tmp_path):
    there = memory.memory(torch.device("cpu"))
    assert 2**20 < there < 2**60
    (tmp_path / "memory.max").write_text("32345\n")
    (tmp_path / "memory.current").write_text("20000\n")
    told = tmp_path / "memory.max", tmp_path / "memory.current"
    monkeypatch.setattr(room, "_CONTAINERS", (told, (tmp_path / "none", tmp_path / "none")))
    assert memory.memory(torch.device("cpu")) == 12345
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.memory(torch.device("cpu")) > 12345


def test_what_is_held_already_counts_as_had(monkeypatch):
    monkeypatch.setattr(memory, "memory", lambda device: 3 * 2**30)
    enough(4 * 2**30, torch.device("cpu"), "training", held=2**30)
    with pytest.raises(BadOption, match=r"^training would take about 4\.0 GB, and there are 3\.0 GB of mem"):
        enough(4 * 2**30, torch.device("cpu"), "training")


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory")])
def test_a_failed_allocation_is_one_line(error):
    with pytest.raises(BadOption, match="not enough memory for this model and batch"), allocated():
        raise error
    with pytest.raises(BadOption, match="not enough memory for this model and batch"), allocated():
        torch.empty(2**55)
    with pytest.raises(RuntimeError, match="shapes"), allocated():
        raise RuntimeError("shapes do not fit")


@pytest.mark.parametrize("objective", ["non_saturating", "wgan_gp"])
def test_a_graph_told_from_a_few_samples_is_that_of_the_whole_batch(objective, small_gan):
    """Weights that a penalty or the other player needs are kept once, whatever the batch."""
    game, ring, float32 = small_gan(objective), data.build("ring"), Precision(False)
    assert graph_bytes(game, ring, float32, 64) == pytest.approx(_kept_by(game, ring, float32, 64), rel=0.1)
