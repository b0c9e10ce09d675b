"""What is told before the first step, against what happens."""

import gc

import torch
from torch import Tensor

from saddlepoint.runs.estimate import graph_bytes, state_bytes
from saddlepoint.training.precision import Precision
from tests.conftest import IMAGE, batches_of


class Batches:
    """A source as far as the estimate needs one."""

    def batches(self, size, *, seed, device, even):
        return batches_of(IMAGE, size)


def kept_at(game, rows):
    """Bytes that the costliest player's graph keeps at a batch of `rows`, counted in full."""
    found = []
    for player in game.players():
        kept = {}
        own = {p.untyped_storage().data_ptr() for p in player.parameters()}

        def keep(tensor, kept=kept, own=own):
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in own:
                kept[storage.data_ptr()] = storage.nbytes()
            return tensor.detach()

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            loss = player.loss(batches_of(IMAGE, rows)(0), 0)
        found.append(sum(kept.values()))
        del loss
    return max(found)


def test_the_graph_of_a_few_samples_tells_that_of_many(small_gan):
    game = small_gan("r3gan", IMAGE, "dcgan")
    before = {name: value.clone() for name, value in game.state_dict().items()}
    estimated = graph_bytes(game, Batches(), Precision(), 96)
    assert 0.8 < estimated / kept_at(game, 96) < 1.25
    again = small_gan("r3gan", IMAGE, "dcgan")
    graph_bytes(again, Batches(), Precision(), 96)
    assert all(torch.equal(value, before[name]) for name, value in again.state_dict().items()), "asking changes nothing"


def test_what_was_measured_on_is_let_go_of(small_gan):
    """A graph that held its own outputs would stay in memory until the program ends."""
    game = small_gan("r3gan", IMAGE, "dcgan")

    def tensors():
        gc.collect()
        return sum(type(one) is Tensor for one in gc.get_objects())

    before = tensors()
    graph_bytes(game, Batches(), Precision(), 96)
    assert tensors() <= before


def test_state_counts_weights_average_gradients_and_moments(small_gan):
    game = small_gan()
    generator = sum(p.numel() for p in game.generator.parameters())
    discriminator = sum(p.numel() for p in game.discriminator.parameters())
    assert state_bytes(game) == 4 * (generator + discriminator + generator + 3 * (generator + discriminator))
