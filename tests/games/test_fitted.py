"""Models fitted in closed form, against what is known of them."""

import itertools
import math

import pytest
import torch
from scipy.stats import multivariate_normal, norm

from saddlepoint import data, games
from saddlepoint.errors import BadData, BadOption, BadRun
from saddlepoint.games.bayes_net import Tree
from saddlepoint.games.gaussian import Normal
from saddlepoint.games.histogram import Cells
from saddlepoint.games.kde import Kernels
from saddlepoint.spec import Spec

PLANE = Spec((2,))


def fitted(name, x, y=None, spec=PLANE, **options):
    game = games.build(name, spec, **options)
    game.fit(x, y)
    return game


def plane(n=4000, seed=0):
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(seed)) @ torch.tensor([[0.5, 0.2], [0.0, 0.3]])


def over_the_plane(game, low=-3.0, high=3.0, steps=150):
    """The integral of the density over a square by the midpoint rule."""
    axis = low + (torch.arange(steps) + 0.5) * (high - low) / steps
    grid = torch.cartesian_prod(axis, axis)
    return float(game.score(grid).double().exp().sum()) * ((high - low) / steps) ** 2


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("gaussian", {}),
        ("kde", {"bandwidth": 0.1}),
        ("kde", {}),
        ("histogram", {"bins": 10}),
        ("histogram", {"bins": 8, "count": 1.0}),
        ("bayes_net", {"bins": 10}),
    ],
)
def test_densities_integrate_to_one(name, options):
    torch.manual_seed(0)
    game = fitted(name, plane(), **options)
    assert over_the_plane(game) == pytest.approx(1, abs=0.02 if name in ("histogram", "bayes_net") else 1e-3)


def test_the_gaussian_is_the_one_of_greatest_likelihood():
    x = plane()
    game = fitted("gaussian", x, floor=0.0)
    mean, covariance = x.mean(0), torch.cov(x.T, correction=0)
    (model,) = game.models
    assert isinstance(model, Normal)
    assert torch.allclose(model.mean, mean, atol=1e-6)
    assert torch.allclose(model.factor @ model.factor.T, covariance, atol=1e-6)
    expected = multivariate_normal(mean.double().numpy(), covariance.double().numpy()).logpdf(x[:50].double().numpy())
    assert game.score(x[:50]).numpy() == pytest.approx(expected, abs=1e-4)


def test_the_gaussian_agrees_with_gradient_descent():
    x = plane(1000).double()
    mean = torch.zeros(2, dtype=torch.double, requires_grad=True)
    factor = torch.eye(2, dtype=torch.double, requires_grad=True)
    descent = torch.optim.Adam([mean, factor], lr=0.05)
    falling = torch.optim.lr_scheduler.LinearLR(descent, 1.0, 0.0, total_iters=1500)
    for _ in range(1500):
        descent.zero_grad()
        model = torch.distributions.MultivariateNormal(mean, scale_tril=factor.tril(), validate_args=False)
        (-model.log_prob(x).mean()).backward()
        descent.step()
        falling.step()
    (model,) = fitted("gaussian", x.float(), floor=0.0).models
    assert torch.allclose(model.mean.double(), mean.detach(), atol=1e-3)
    ours, theirs = model.factor.double(), factor.detach().tril()
    assert torch.allclose(ours @ ours.T, theirs @ theirs.T, atol=1e-3)


def test_a_subspace_has_a_density_too():
    x = torch.randn(100, 1).repeat(1, 3)
    assert fitted("gaussian", x, spec=Spec((3,))).score(x).isfinite().all()


def test_the_empirical_distribution_gives_back_training_samples_alone():
    x = plane(50)
    torch.manual_seed(0)
    made = fitted("empirical", x).sample(2000)
    assert {tuple(row) for row in made.tolist()} == {tuple(row) for row in x.tolist()}


def test_histogram_counts_shares():
    x = torch.tensor([[0.0], [0.1], [0.2], [0.9], [1.0]])
    line = Spec((1,))
    plain = fitted("histogram", x, spec=line, bins=2)
    assert plain.score(torch.tensor([[0.3], [0.7]])).exp().tolist() == pytest.approx([3 / 5 / 0.5, 2 / 5 / 0.5])
    assert plain.score(torch.tensor([[-0.1], [1.1]])).tolist() == [-math.inf, -math.inf]
    laplace = fitted("histogram", x, spec=line, bins=4, count=1.0)
    assert laplace.score(torch.tensor([[0.1], [0.6]])).exp().tolist() == pytest.approx([4 / 9 / 0.25, 1 / 9 / 0.25])
    torch.manual_seed(0)
    held = (laplace.sample(20_000)[:, 0] * 4).long().clamp_max(3).bincount(minlength=4) / 20_000
    assert held.tolist() == pytest.approx([4 / 9, 1 / 9, 1 / 9, 3 / 9], abs=0.015)


@pytest.mark.parametrize("count", [0.0, 1.0])
def test_laplaces_rule_holds_in_high_dimensions(count):
    x = torch.rand(100, 64, generator=torch.Generator().manual_seed(0))
    game = fitted("histogram", x, spec=Spec((64,)), bins=32, count=count)
    (cells,) = game.models
    expected = math.log(1 + count) - (64 * math.log(32) if count else math.log(100)) - float(cells._grid.log_volume)
    assert float(game.score(x[:1])) == pytest.approx(expected, rel=1e-4)
    assert game.sample(5).shape == (5, 64)


@pytest.mark.parametrize("dimensions", [1, 2, 3, 6, 500])
def test_cells_are_empty_in_high_dimensions(dimensions):
    x = torch.rand(1000, dimensions, generator=torch.Generator().manual_seed(0))
    (model,) = fitted("histogram", x, spec=Spec((dimensions,)), bins=10).models
    assert isinstance(model, Cells)
    expected = (1 - 10.0**-dimensions) ** 1000 if dimensions < 20 else 1.0
    assert model.empty_share == pytest.approx(expected, abs=0.03)


def test_kde_is_an_average_of_gaussians_and_chooses_a_good_width():
    x = plane(3000)
    told = fitted("kde", x, bandwidth=0.3)
    by_hand = norm.pdf(x[:, None].numpy(), x[:5][None].numpy(), 0.3).prod(2).mean(0)
    assert told.score(x[:5]).exp().numpy() == pytest.approx(by_hand, rel=1e-4)
    chosen = fitted("kde", x)
    (model,) = chosen.models
    assert isinstance(model, Kernels)
    held = plane(1000, seed=1)
    likelihood = float(chosen.score(held).mean())
    for factor in (0.5, 2):
        other = fitted("kde", x, bandwidth=float(model.bandwidth) * factor)
        assert float(other.score(held).mean()) < likelihood + 0.02


def test_a_bayes_net_finds_the_tree_and_its_tables():
    """A chain a -> b -> c of binary values, each equal to the one before with probability 0.9."""
    torch.manual_seed(0)
    a = torch.rand(50_000) < 0.5
    b = a ^ (torch.rand(50_000) < 0.1)
    c = b ^ (torch.rand(50_000) < 0.1)
    x = torch.stack([c, a, b], dim=1).float()
    (tree,) = fitted("bayes_net", x, spec=Spec((3,)), bins=2).models
    assert isinstance(tree, Tree)
    edges = {frozenset(edge) for edge in enumerate(tree.parent.tolist()) if edge[0] != edge[1]}
    assert edges == {frozenset({0, 2}), frozenset({1, 2})}
    child = next(node for node in range(3) if tree.parent[node] != node)
    assert tree.tables[child].exp().flatten().tolist() == pytest.approx([0.9, 0.1, 0.1, 0.9], abs=0.01)


def test_a_bayes_net_of_ten_binary_nodes_sums_to_one_and_samples_what_it_says():
    torch.manual_seed(0)
    x = (torch.randn(500, 10) @ torch.randn(10, 10) > 0).float()
    game = fitted("bayes_net", x, spec=Spec((10,)), bins=2)
    (tree,) = game.models
    every = torch.tensor(list(itertools.product((0, 1), repeat=10)))
    mass = tree.log_mass(every).double().exp()
    assert float(mass.sum()) == pytest.approx(1, abs=1e-6)
    drawn = (game.sample(50_000) > 0.5).long()
    found = torch.zeros(1024).index_add(0, (drawn * 2 ** torch.arange(9, -1, -1)).sum(1), torch.ones(50_000)) / 50_000
    assert float((found - mass).abs().sum()) / 2 < 0.05, "total variation"


def test_laplaces_rule_leaves_no_value_impossible():
    x = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    (tree,) = fitted("bayes_net", x, bins=2, count=1.0).models
    assert tree.log_mass(torch.tensor([[0, 1]])).exp().item() == pytest.approx(0.5 / 3)


@pytest.mark.parametrize("name", ["gaussian", "kde", "histogram", "bayes_net"])
def test_a_model_for_each_class_is_bayes_classifier(name):
    """Two Gaussians N(-1, 1) and N(1, 1): no classifier is wrong less often than in 0.158655 of the cases."""
    torch.manual_seed(0)
    y = torch.randint(2, (20_000,))
    x = torch.randn(20_000, 1) + 2.0 * y[:, None] - 1
    two = Spec((1,), ("left", "right"), (0.5, 0.5))
    options = {"histogram": {"bins": 40, "count": 1.0}, "bayes_net": {"bins": 40}}.get(name, {})
    game = fitted(name, x[:8000], y[:8000], two, **options)
    wrong = (game.posterior(x[8000:]).argmax(1) != y[8000:]).double().mean()
    assert float(wrong) == pytest.approx(norm.cdf(-1), abs=0.012)


def test_generative_and_discriminative_classifiers_on_digits():
    from sklearn.linear_model import LogisticRegression

    source = data.build("digits")
    batch = source.batches(source.size, seed=0)(0)
    held = source.held_out()
    x = source.units.seen(held.x)
    game = fitted("gaussian", batch["x"], batch["y"], source.spec, floor=0.01)
    generative = float((game.posterior(x).argmax(1) == held.y).float().mean())
    logistic = LogisticRegression(max_iter=500).fit(batch["x"].flatten(1).numpy(), batch["y"].numpy())
    discriminative = logistic.score(x.flatten(1).numpy(), held.y.numpy())
    assert generative > 0.97
    assert discriminative > 0.94


def test_a_subspace_without_a_floor_is_refused():
    with pytest.raises(BadOption, match="wanted more than 0, as the data lies in a subspace"):
        fitted("gaussian", torch.zeros(10, 2), floor=0.0)


def test_fitted_again_a_bandwidth_is_chosen_again():
    game = fitted("kde", plane(500))
    first = float(game.models[0].bandwidth)
    game.fit(10 * plane(500))
    assert float(game.models[0].bandwidth) > 5 * first


def test_what_is_not_fitted_says_so():
    with pytest.raises(BadRun, match="not fitted yet; `saddle resume RUN` fits it"):
        games.build("gaussian", PLANE).sample(3)


def test_a_class_without_samples_is_named():
    two = Spec((2,), ("cat", "dog"), (1.0, 0.0))
    with pytest.raises(BadData, match="no samples of class 'dog'"):
        fitted("gaussian", plane(10), torch.zeros(10, dtype=torch.long), two)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("histogram", {"bins": 0}),
        ("histogram", {"count": -1.0}),
        ("kde", {"bandwidth": -1.0}),
        ("bayes_net", {"bins": 1}),
        ("gaussian", {"floor": -1.0}),
    ],
)
def test_impossible_options_are_refused(name, options):
    with pytest.raises(BadOption, match="wanted"):
        games.build(name, PLANE, **options)
