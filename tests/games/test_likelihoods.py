"""Games of one player against closed forms: principal components, evidence bounds, changes of variables."""

import math

import pytest
import torch

from saddlepoint import Samples, games, networks, train
from saddlepoint.games.autoregressive import Autoregressive
from saddlepoint.games.flow import Flow, Stretch
from saddlepoint.games.vae import VAE, kl_to_standard
from saddlepoint.spec import Spec

PLANE = Spec((2,))
IMAGE = Spec((1, 3, 3), bounds=(-1.0, 1.0))
FAMILIES = ["affine", "elementwise", "coupling", "spline", "autoregressive"]


def shaken(game, scale=0.3):
    """The game with random parameters, so that nothing holds by the way it starts."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in game.parameters():
            parameter.add_(scale * torch.randn_like(parameter))
    return game


def play(game, x, steps, lr=1e-2):
    optimizers = {p.name: torch.optim.Adam(p.parameters(), lr=lr) for p in game.players()}
    for step in train(game, lambda index: {"x": x}, optimizers, seed=0):
        if step.index + 1 == steps:
            return step
    return None


def test_a_linear_autoencoder_finds_the_principal_components():
    torch.manual_seed(0)
    x = torch.randn(500, 6) @ torch.diag(torch.tensor([3.0, 2.0, 1.0, 0.5, 0.3, 0.1])) @ torch.randn(6, 6)
    x = x - x.mean(0)
    game = games.build("autoencoder", Spec((6,)), networks.build("mlp", depth=0), latent=2)
    play(game, x, 3000)
    _, _, components = torch.linalg.svd(x, full_matrices=False)
    best = (x - x @ components[:2].T @ components[:2]).square().sum(1).mean()
    ours = (x - game.decode(game.encode(x))).detach().square().sum(1).mean()
    assert float(ours) == pytest.approx(float(best), rel=1e-3)


def test_an_autoencoder_samples_from_the_gaussian_of_its_codes():
    torch.manual_seed(0)
    x = torch.randn(400, 3) * torch.tensor([1.0, 0.5, 0.1]) + 2
    game = games.build("autoencoder", Spec((3,)), networks.build("mlp", depth=0), latent=2)
    play(game, x, 1500)
    z = game.encode(x)
    drawn = game.latents(20_000)
    assert torch.allclose(drawn.mean(0), z.mean(0), atol=0.1)
    assert torch.allclose(torch.cov(drawn.T), torch.cov(z.T), atol=0.1, rtol=0.1)
    assert torch.allclose(game.sample(20_000).mean(0), x.mean(0), atol=0.1)


@pytest.mark.parametrize("size", [1, 2, 8])
def test_the_moments_of_codes_do_not_depend_on_the_batch(size):
    torch.manual_seed(0)
    game = games.build("autoencoder", Spec((3,)), networks.build("mlp", depth=0), latent=2)
    still = {"autoencoder": torch.optim.SGD(game.parameters(), lr=0.0)}
    x = torch.randn(4000, 3) * torch.tensor([2.0, 1.0, 0.5]) + 1
    for step in train(game, lambda i: {"x": x[torch.arange(i * size, (i + 1) * size) % 4000]}, still, seed=0):
        if step.index == 1500:
            break
    truth = torch.cov(game.encode(x).detach().T)
    found = game.square - game.mean.outer(game.mean)
    assert float(found.trace()) == pytest.approx(float(truth.trace()), rel=0.35)


def test_the_divergence_of_gaussians():
    mean, log_variance = torch.tensor([[1.0, -0.5]]), torch.tensor([[0.0, math.log(0.25)]])
    assert float(kl_to_standard(mean, log_variance)) == pytest.approx(0.943147, abs=1e-6)
    q = torch.distributions.Normal(mean, (log_variance / 2).exp())
    exact = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum()
    assert float(kl_to_standard(mean, log_variance)) == pytest.approx(float(exact))


def linear_gaussian(**options):
    """p(z) = N(0, I), p(x|z) = N(Wz + b, s^2), with the exact posterior as encoder; and log p(x) in closed form."""
    torch.manual_seed(0)
    game = games.build(
        "vae", Spec((4,)), networks.build("mlp", depth=0), latent=2, variance="fixed", std=0.5, **options
    )
    decoder = game.likelihood.decoder.decoder.last
    weight, bias = decoder.weight.detach().double(), decoder.bias.detach().double()
    weight = weight * 3
    precision = torch.eye(2) + weight.T @ weight / 0.25
    # The encoder's variance is diagonal: turn the latent space so that the posterior's is, too.
    _, turn = torch.linalg.eigh(precision)
    weight = weight @ turn
    covariance = torch.linalg.inv(torch.eye(2) + weight.T @ weight / 0.25)
    with torch.no_grad():
        decoder.weight.copy_(weight)
        gain = covariance @ weight.T / 0.25
        game.encoder.last.weight.copy_(torch.cat([gain, torch.zeros(2, 4)]))
        game.encoder.last.bias.copy_(torch.cat([-gain @ bias, covariance.diagonal().log()]))
    marginal = weight @ weight.T + 0.25 * torch.eye(4)
    return game, torch.distributions.MultivariateNormal(bias, marginal)


def test_the_bound_of_a_linear_gaussian_is_its_log_likelihood():
    game, truth = linear_gaussian()
    x = truth.sample((2000,))
    losses = [game.loss({"x": x.float()}, 0).total.item() for _ in range(20)]
    assert -sum(losses) / 20 == pytest.approx(float(truth.log_prob(x).mean()), abs=0.02)


@pytest.mark.parametrize("samples", [1, 7])
def test_importance_weights_of_the_exact_posterior_do_not_vary(samples):
    """Each weight p(x|z)p(z)/q(z|x) is p(x) itself, whatever z was drawn."""
    game, truth = linear_gaussian(importance_samples=samples)
    x = truth.sample((50,))
    assert torch.allclose(game.score(x.float()).double(), truth.log_prob(x), atol=1e-3)


def test_a_wrong_encoder_lowers_the_bound_and_more_samples_tighten_it():
    found = {}
    for samples in (1, 200):
        game, truth = linear_gaussian(importance_samples=samples)
        with torch.no_grad():
            game.encoder.last.bias[:2] += 0.5
            game.encoder.last.bias[2:] += 1.0
        torch.manual_seed(1)
        x = truth.sample((400,))
        found[samples] = float(game.score(x.float()).mean()), float(truth.log_prob(x).mean())
    gaps = {samples: exact - value for samples, (value, exact) in found.items()}
    assert gaps[1] > 0.2
    assert abs(gaps[200]) < 0.05


def test_reconstruction_is_summed_over_all_numbers_of_a_sample():
    game = games.build("vae", IMAGE, networks.build("mlp", width=8), variance="fixed", std=1.0)
    x = torch.rand(16, 1, 3, 3) * 2 - 1
    torch.manual_seed(0)
    loss = game.loss({"x": x}, 0)
    mean = game.decode(loss.seen["z"]).detach()
    expected = 0.5 * (x - mean).square().flatten(1).sum(1).mean() + 9 * 0.5 * math.log(2 * math.pi)
    assert loss.terms["reconstruction"].item() == pytest.approx(float(expected), rel=1e-5)


def test_beta_warms_up():
    game = games.build("vae", PLANE, networks.build("mlp", width=8), beta="0 to 2 over 10")
    terms = []
    for step in (0, 5, 10):
        torch.manual_seed(0)
        terms.append(game.loss({"x": torch.ones(4, 2)}, step).terms["divergence"].item())
    assert terms[0] == 0
    assert terms[2] == pytest.approx(2 * terms[1])


@pytest.mark.parametrize(
    ("options", "draws_vary"),
    [
        ({"likelihood": "bernoulli"}, {-1.0, 1.0}),
        ({"likelihood": "continuous_bernoulli"}, None),
        ({"variance": "learned"}, None),
    ],
)
def test_likelihoods_of_pixels(options, draws_vary):
    game = shaken(games.build("vae", IMAGE, networks.build("mlp", width=8), sampled="drawn", **options))
    assert isinstance(game, VAE)
    z = torch.zeros(5000, game.latent)
    drawn, mean = game.likelihood.draw(z, None), game.decode(z[:1])
    assert torch.allclose(drawn.mean(0), mean[0], atol=0.08)
    if draws_vary:
        assert set(drawn.unique().tolist()) == draws_vary


def test_the_continuous_bernoulli_is_a_density():
    game = shaken(
        games.build(
            "vae", Spec((1,), bounds=(-1.0, 1.0)), networks.build("mlp", width=8), likelihood="continuous_bernoulli"
        )
    )
    x = (torch.arange(2000) + 0.5)[:, None] / 1000 - 1
    z = torch.full((2000, game.latent), 0.7)
    with torch.no_grad():
        density = game.likelihood.log_density(x, z, None).exp()
    assert float(density.sum()) / 1000 == pytest.approx(1, abs=1e-3)


def test_a_bernoulli_vae_knows_no_density_of_grey_values():
    from saddlepoint import Scores

    options = {"likelihood": "bernoulli"}
    assert not isinstance(games.build("vae", IMAGE, networks.build("mlp", width=8), **options), Scores)
    with pytest.raises(ValueError, match="wants data between two bounds"):
        games.build("vae", PLANE, networks.build("mlp", width=8), **options)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("spec", [PLANE, IMAGE], ids=["plane", "image"])
def test_a_flow_is_undone_by_its_inverse(family, spec):
    game = shaken(games.build("flow", spec, family=family, transforms=2, width=8), 0.1)
    z = game.latents(64)
    assert torch.allclose(game._given(None).transform(game._given(None).transform.inv(z)), z, atol=1e-3)
    x = game.decode(z)
    assert torch.allclose(game.decode(game.encode(x)), x, atol=2e-2 if spec is IMAGE else 1e-3)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_flows_log_determinant_is_autograds(family, size):
    game = shaken(games.build("flow", Spec((size,)), family=family, transforms=2, width=8), 0.2).double()
    x = torch.randn(3, size, dtype=torch.double)
    for row in x:
        jacobian = torch.autograd.functional.jacobian(lambda v: game._given(None).transform(v[None])[0], row)
        z = game.encode(row[None]).detach()
        expected = -0.5 * z.square().sum() - size / 2 * math.log(2 * math.pi) + torch.linalg.slogdet(jacobian)[1]
        assert game.score(row[None]).item() == pytest.approx(float(expected), abs=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_flows_density_integrates_to_one(family):
    game = shaken(games.build("flow", PLANE, family=family, transforms=2, width=8), 0.1)
    axis = (torch.arange(600) + 0.5) / 600 * 16 - 8
    total = game.score(torch.cartesian_prod(axis, axis)).double().exp().sum() * (16 / 600) ** 2
    assert float(total) == pytest.approx(1, abs=5e-3)


def test_a_flow_starts_as_the_identity():
    for family in FAMILIES:
        game = games.build("flow", Spec((3,)), family=family)
        x = torch.randn(10, 3)
        assert torch.allclose(game.encode(x), x, atol=1e-5), family


def test_a_flow_comes_within_two_hundredths_of_a_nat_of_a_gaussians_entropy():
    torch.manual_seed(0)
    factor = torch.tensor([[0.8, 0.0], [-0.5, 0.3]])
    x = torch.randn(20_000, 2) @ factor.T
    game = games.build("flow", PLANE, family="affine", transforms=1, width=8)
    play(game, x, 400)
    entropy = math.log(2 * math.pi * math.e) + math.log(0.8 * 0.3)
    assert -float(game.score(x).mean()) == pytest.approx(entropy, abs=0.02)


def test_the_stretch_of_bounded_data_counts_its_own_volume():
    stretch = Stretch(IMAGE, 17).double()
    x = torch.rand(1, 9, dtype=torch.double) * 1.8 - 0.9
    noise = torch.rand(1, 9, dtype=torch.double)
    jacobian = torch.autograd.functional.jacobian(lambda v: stretch(v[None], noise)[0][0], x[0])
    assert stretch(x, noise)[1].item() == pytest.approx(float(torch.linalg.slogdet(jacobian)[1]))
    middle = torch.full_like(noise, 0.5)
    assert torch.allclose(stretch.undone(stretch(x, middle)[0]), x, atol=1e-9)


def test_one_number_after_the_other_never_looks_ahead():
    game = shaken(games.build("autoregressive", IMAGE, levels=4, width=32))
    assert isinstance(game, Autoregressive)
    index = torch.randint(4, (1, 9))
    told = game.network(game._input(index, None)).view(9, 4)
    for place in range(9):
        other = index.clone()
        other[:, place] = (other[:, place] + 1) % 4
        changed = game.network(game._input(other, None)).view(9, 4)
        assert torch.equal(told[: place + 1], changed[: place + 1])
        if place < 8:
            assert not torch.equal(told[place + 1 :], changed[place + 1 :])


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_the_last_number_sees_all_before_it_however_narrow_the_network(depth):
    game = shaken(games.build("autoregressive", Spec((40,), bounds=(-1.0, 1.0)), levels=2, width=4, depth=depth))
    z = torch.zeros(1, 41).requires_grad_()
    (slope,) = torch.autograd.grad(game.network(z).view(40, 2)[39].sum(), z)
    if depth == 0:
        assert (slope[0, :39] != 0).all()
    reach = torch.eye(41, dtype=torch.bool)[:, :41]
    for layer in game.network:
        if hasattr(layer, "mask"):
            reach = layer.mask.float() @ reach.float() > 0
    assert reach[-1, :39].all()
    assert not reach[-1, 39]


def test_one_number_after_the_other_sums_to_one_and_samples_what_it_says():
    game = shaken(games.build("autoregressive", Spec((3,), bounds=(-1.0, 1.0)), levels=3, width=16))
    every = torch.cartesian_prod(*[torch.arange(3)] * 3)
    with torch.no_grad():
        mass = game._log_mass((every + 0.5) / 1.5 - 1, None).double().exp()
    assert float(mass.sum()) == pytest.approx(1, abs=1e-5)
    assert isinstance(game, Samples)
    drawn = ((game.sample(40_000) + 1) * 1.5).long().clamp(0, 2)
    found = torch.zeros(27).index_add(0, (drawn * torch.tensor([9, 3, 1])).sum(1), torch.ones(40_000)) / 40_000
    assert float((found - mass).abs().sum()) / 2 < 0.02


def test_a_flow_knows_the_density_by_class():
    game = games.build("flow", Spec((1,), ("a", "b"), (0.25, 0.75)), width=8)
    assert isinstance(game, Flow)
    shaken(game)
    x = torch.randn(5, 1)
    a, b = (game.score(x, torch.full((5,), label)) for label in (0, 1))
    expected = torch.logaddexp(a + math.log(0.25), b + math.log(0.75))
    assert torch.allclose(game.score(x), expected, atol=1e-5)


def test_a_class_has_its_own_mean_and_deviation_of_a_flows_noise():
    game = games.build("flow", Spec((2,), ("a", "b"), (0.5, 0.5)), family="coupling", transforms=1, width=8)
    torch.manual_seed(0)
    means, deviations = torch.tensor([[-1.0, 1.0], [0.5, 2.0]]), torch.tensor([[0.5, 1.0], [2.0, 0.5]])
    y = torch.arange(4_000) % 2
    x = means[y] + deviations[y] * torch.randn(4_000, 2)
    optimizers = {"flow": torch.optim.Adam(game.flow.transform.transforms[-1].parameters(), lr=0.05)}
    for step in train(game, lambda index: {"x": x, "y": y}, optimizers, seed=0):
        if step.index == 400:
            break
    for label in (0, 1):
        drawn = game.sample(20_000, torch.full((20_000,), label))
        assert torch.allclose(drawn.mean(0), means[label], atol=0.1)
        assert torch.allclose(drawn.std(0), deviations[label], rtol=0.05)


def test_a_flow_of_large_images_mixes_by_permutation():
    large = Spec((3, 20, 20), bounds=(-1.0, 1.0))
    game = games.build("flow", large, transforms=2, width=4)
    assert sum(p.numel() for p in game.parameters()) < 1e6, "no matrix of 1,200 x 1,200"
    x = game.sample(2)
    assert torch.allclose(game.decode(game.encode(x)), x, atol=2e-2)
    other = games.build("flow", large, transforms=2, width=4)
    other.load_state_dict(game.state_dict())
    torch.manual_seed(0)
    expected = game.sample(2)
    torch.manual_seed(0)
    assert torch.equal(other.sample(2), expected), "the permutation is part of the model"


@pytest.mark.parametrize("name", ["gaussian", "bayes_net", "autoregressive"])
def test_samples_too_large_for_a_game_are_refused(name):
    with pytest.raises(ValueError, match=r"wants samples of at most [\d,]+ numbers, got 3 x 64 x 64 = 12,288; shrink"):
        games.build(name, Spec((3, 64, 64), bounds=(-1.0, 1.0)))
