"""What a model is shown by."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from saddlepoint import data, games
from saddlepoint.configuration.tables import told
from saddlepoint.report.pictures import picture
from saddlepoint.runs.run import Run
from saddlepoint.runs.showcase import density_of, showcase
from saddlepoint.source import Shard


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
    first, _ = showcase(game, ring)
    density_of(game, ring, ring.real(100).x)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(showcase(game, ring)[0], first), "always of the same latents"


def test_drawing_touches_no_running_statistic(tmp_path, saddle_run):
    run = saddle_run("ring", [("game", "vae"), ("network.norm", "batch"), ("network.width", "8"), ("run.steps", "4")])
    for _ in run.steps():
        pass
    tracked = [v for k, v in run.game.state_dict().items() if k.endswith("num_batches_tracked")]
    assert tracked
    assert all(int(value) == 4 for value in tracked), "four steps, and nothing for pictures or densities"


def test_images_are_laid_out_by_class_and_by_code(small_game):
    digits = data.build("digits")
    samples, columns = showcase(small_game("vae", digits.spec), digits)
    assert (len(samples), columns) == (100, 10)
    z_fixed = small_game("infogan", digits.spec, codes=3)
    samples, columns = showcase(z_fixed, digits)
    assert (len(samples), columns) == (30, 10)
    samples, columns = showcase(small_game("autoencoder", digits.spec), digits)
    assert (len(samples), columns) == (64, 8)
