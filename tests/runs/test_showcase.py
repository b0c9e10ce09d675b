"""What a model is shown by."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from saddlepoint import data, games, networks, objectives, tasks
from saddlepoint.asking import page
from saddlepoint.configuration.tables import told
from saddlepoint.report.pictures import picture
from saddlepoint.runs.run import Run
from saddlepoint.runs.showcase import density_of
from saddlepoint.saved.model import Model
from saddlepoint.source import Shard, Stored
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.task import Derived


@pytest.fixture
def saddle_run(tmp_path):
    """A run by its options: `saddle_run("ring", [("run.steps", "4")])`."""

    def begin(name, pairs):
        return Run.begin(told(pairs), name, None, str(tmp_path / "run"), Shard())

    return begin


def gaussian_on(path):
    source = data.build("arrays", path)
    game = games.build("gaussian", source.spec)
    game.fit(source.batches(source.size, seed=0)(0)["x"])
    return game, source


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_density_on_a_grid_adds_up_to_one_in_own_units(size, tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", (5 + 40 * rng.normal(size=(4000, size))).astype(np.float32))
    game, source = gaussian_on(str(tmp_path / "x.npy"))
    corners = torch.tensor([[5 - 200.0] * size, [5 + 200.0] * size])
    density = density_of(game, source, corners)
    cell = math.prod(float(edge[1] - edge[0]) for edge in density.edges)
    assert density.values.ndim == size
    assert density.values.sum() * cell == pytest.approx(1, abs=0.01)
    picture(tmp_path / "d.png", source.real(500).x.numpy(), density=density)
    with Image.open(tmp_path / "d.png") as drawn:
        assert drawn.size == (550 * (1 + size * (size - 1) // 2), 550), "a panel for each pair of dimensions"


def test_a_density_is_drawn_where_it_can_be(tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(100, 4)))
    game, source = gaussian_on(str(tmp_path / "x.npy"))
    assert density_of(game, source, source.real(10).x) is None, "four dimensions"
    ring = data.build("ring")
    empirical = games.build("empirical", ring.spec)
    assert density_of(empirical, ring, ring.real(10).x) is None, "no density"


def test_drawing_changes_nothing_random(small_game):
    ring = data.build("ring")
    game = small_game("flow")
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    first = page(Model(game, ring.spec, 0), ring).samples
    density_of(game, ring, ring.real(100).x)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(page(Model(game, ring.spec, 0), ring).samples, first), "always of the same latents"


def test_drawing_touches_no_running_statistic(tmp_path, saddle_run):
    run = saddle_run("ring", [("game", "vae"), ("network.norm", "batch"), ("network.width", "8"), ("run.steps", "4")])
    for _ in run.steps():
        pass
    tracked = [v for k, v in run.game.state_dict().items() if k.endswith("num_batches_tracked")]
    assert tracked
    assert all(int(value) == 4 for value in tracked), "four steps, and nothing for pictures or densities"


def shown(game, source):
    return page(Model(game.eval(), source.spec, 0), source)


@pytest.mark.parametrize(
    ("name", "options", "count", "columns"),
    [("vae", {}, 100, 10), ("infogan", {"codes": 3}, 30, 10), ("autoencoder", {}, 64, 8)],
)
def test_images_are_laid_out_by_class_and_by_code(small_game, name, options, count, columns):
    digits = data.build("digits")
    laid = shown(small_game(name, digits.spec, **options), digits)
    assert (len(laid.samples), laid.columns) == (count, columns)
    assert 0 <= laid.samples.min() <= laid.samples.max() <= 1, "own units"


def test_what_is_given_stands_above_what_is_made_and_the_truth():
    inner = data.build("digits")
    source = Derived(inner, tasks.build("hole", inner.spec))
    network = networks.build("unet", width=4, field="16")
    laid = shown(games.build("pix2pix", source.spec, objectives.build("hinge"), network), source)
    assert (laid.columns, laid.rows) == (10, ("given", "made", "truth"))
    given, made, truth = laid.samples.unflatten(0, (3, 10))
    assert torch.equal(truth, source.held_out().x[:10])
    assert torch.equal(made[:, :, 0], truth[:, :, 0]), "outside of the hole"
    assert float(given[:, :, 4, 4].std()) == 0, "the hole is grey"


def test_both_ways_are_shown():
    x, y = torch.randint(256, (40, 3, 8, 8), dtype=torch.uint8), torch.arange(40) % 2
    spec = Spec((3, 8, 8), ("day", "night"), (0.5, 0.5), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
    source = Stored(spec, x, y, x[:12], y[:12])
    game = games.build("cyclegan", spec, objectives.build("hinge"), networks.build("unet", width=4, field="16"))
    laid = shown(game, source)
    assert (laid.columns, laid.rows) == (6, ("day", "as night", "night", "as day"))
    assert torch.equal(laid.samples[:6], source.held_out().rows(y[:12] == 0).x)
