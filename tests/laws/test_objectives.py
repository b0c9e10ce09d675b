"""What every objective and regularizer, found by discovery, must keep."""

import itertools

import pytest
import torch
from torch import nn

from saddlepoint import Duel, objectives, regularizers, train
from saddlepoint.duel import Featured
from tests.conftest import IMAGE, PLANE, VECTOR, batches_of

COMBINATIONS = [(name, None) for name in objectives.names()] + list(
    itertools.product(objectives.names(), regularizers.names())
)


class Mean(nn.Module, Featured):
    """A discriminator without parameters: a sample's features are its numbers, its score their mean."""

    def features(self, x, y=None):
        return x

    def judge(self, features, y=None):
        return features.mean(1)

    def forward(self, x, y=None):
        return self.judge(self.features(x))


def built(name, regularizer):
    objective = objectives.build(name)
    return regularizers.build(regularizer)(objective) if regularizer else objective


@pytest.mark.parametrize(("name", "regularizer"), COMBINATIONS)
class TestEveryObjective:
    def test_terms_are_finite_scalars_even_for_sure_discriminators(self, name, regularizer):
        objective = built(name, regularizer)
        for real, fake in itertools.product((-100.0, 0.0, 100.0), repeat=2):
            x, z = torch.full((4, 2), real), torch.full((4, 2), fake)
            for side in (objective.discriminator, objective.generator):
                duel = Duel(Mean(), x, z)
                for value in (term(duel) for term in side.values()):
                    assert value.shape == ()
                    assert value.isfinite()

    def test_a_higher_score_of_a_fake_never_costs_the_generator(self, name, regularizer):
        if regularizer == "feature_matching":
            return  # asks for likeness, not for high scores
        objective = built(name, regularizer)
        top = 1 if name == "least_squares" else 10  # beyond its target a score costs again, by definition
        scores = torch.linspace(-10, top, 50)
        losses = []
        for score in scores.tolist():
            torch.manual_seed(0)
            duel = Duel(Mean(), torch.zeros(8, 1), torch.full((8, 1), score))
            losses.append(sum(term(duel).item() for term in objective.generator.values()))
        slack = 0.05 if regularizer == "instance_noise" else 1e-6
        assert all(later <= earlier + slack for earlier, later in itertools.pairwise(losses))

    @pytest.mark.parametrize("spec", [PLANE, VECTOR, IMAGE], ids=["plane", "labelled vector", "labelled image"])
    def test_every_parameter_gets_a_gradient_and_only_its_player_moves_it(
        self, name, regularizer, spec, small_gan, adams
    ):
        game = small_gan(built(name, regularizer), spec)
        before = {k: v.clone() for k, v in game.named_parameters()}
        optimizers = adams(game)
        next(iter(train(game, batches_of(spec), optimizers)))
        for key, parameter in game.named_parameters():
            if key.startswith("average"):
                continue
            assert parameter.grad is not None, key
            assert parameter.requires_grad, key
        moved = {k for k, v in game.named_parameters() if not torch.equal(v, before[k])}
        assert {key.split(".")[0] for key in moved} == {"generator", "discriminator", "average"}

        for player, other in (("generator", "discriminator"), ("discriminator", "generator")):
            frozen = {k: v.clone() for k, v in game.named_parameters() if k.startswith(other)}
            alone = next(p for p in game.players() if p.name == player)
            loss = alone.loss(batches_of(spec)(0), 0)
            torch.autograd.backward(loss.total, inputs=alone.parameters())
            assert all(torch.equal(v, frozen[k]) for k, v in game.named_parameters() if k in frozen)


@pytest.mark.parametrize("name", objectives.names())
def test_a_penalty_reads_the_scores_that_the_other_terms_read(name):
    """Differentiating penalties at the duel's own samples costs no further pass."""
    penalised = regularizers.build("r2")(regularizers.build("r1")(objectives.build(name)))
    passes = []

    def counting(x, y):
        passes.append(x)
        return x.square().sum(1)

    duel = Duel(counting, torch.randn(4, 2).requires_grad_(), torch.randn(4, 2).requires_grad_())
    for term in penalised.discriminator.values():
        term(duel)
    assert len(passes) == (3 if "penalty" in penalised.discriminator else 2)
