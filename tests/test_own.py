"""Networks of one's own: modules in hand, by import path and by file."""

import re
from pathlib import Path

import pytest
import torch
from torch import nn

from saddlepoint import games, networks, objectives, priors
from saddlepoint.errors import BadOption
from saddlepoint.saved.model import load
from tests.conftest import IMAGE, PLANE

MINE = """
import torch
from torch import nn


def net(spec, latent, *, width: int = 16):
    \"\"\"A generator that sees no label and a discriminator that does.\"\"\"
    return Up(latent, width, spec.shape), Down(spec, width)


class Up(nn.Module):
    def __init__(self, latent, width, shape):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(latent, width), nn.ReLU(), nn.Linear(width, shape[0]))

    def forward(self, z):
        return self.layers(z)


class Down(nn.Module):
    def __init__(self, spec, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(spec.shape[0], width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, x):
        return self.layers(x)


def parts():
    return 7


broken = 1 / 1
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path


def test_a_file_of_ones_own_trains_resumes_and_loads_from_anywhere(mine, saddle, refused, monkeypatch):
    told = ["--network", "./mine.py:net", "--network.width", 8, "--run.judge", 0, "--run.save_every", 3]
    assert saddle("train", "ring", "--steps", 6, "--out", "run", *told)[0] == 0
    config = (mine / "run" / "config.toml").read_text()
    assert f'name = "{mine}/mine.py:net"' in config
    assert "width = 8" in config
    (mine / "run" / "checkpoints" / "000000006.safetensors").unlink()
    (mine / "elsewhere").mkdir()
    monkeypatch.chdir(mine / "elsewhere")
    assert "mine.py:net, which would be imported and run" in refused("resume", mine / "run")
    assert saddle("resume", mine / "run", "--trust")[0] == 0
    assert load(mine / "run", trust=True).sample(5, seed=0).shape == (5, 2)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("./mine.py:nte", "'nte' is not known; did you mean 'net'?"),
        ("./mien.py:net", "there is no file mien.py"),
        ("./mine.py:broken", "'broken' is not known"),
        ("./mine.py:parts", "wanted an Architecture, or of a function of (spec, latent) two modules"),
        (
            "./mine.py:Up",
            "wanted a generator and a discriminator from a call with (spec, latent); it failed: Ty",
        ),
    ],
)
def test_what_is_no_network_is_one_line_and_leaves_no_folder(named, words, mine, refused):
    assert words in refused("train", "ring", "--steps", 2, "--network", named, "--out", "run")
    assert not (mine / "run").exists()


def test_a_file_that_cannot_be_read_is_one_line(mine, refused):
    (mine / "torn.py").write_text("def net(:\n")
    assert "SyntaxError" in refused("train", "ring", "--steps", 2, "--network", "./torn.py:net")
    (mine / "lost.py").write_text("import nowhere_to_be_found\n")
    assert "nowhere_to_be_found" in refused("train", "ring", "--steps", 2, "--network", "./lost.py:net")


GOOD, JUDGE = nn.Linear(3, 2), nn.Linear(2, 1)


def gan(generator, discriminator, spec=PLANE, **options):
    network = networks.own(generator, discriminator)
    return games.build(
        "gan", spec, objectives.build("hinge"), network, priors.build("gaussian"), **{"latent": 3, **options}
    )


class Labelled(nn.Module):
    """A layer of x and the label's embedding."""

    def __init__(self, inputs, shape, outputs):
        super().__init__()
        self.layer, self.classes, self.shape = nn.Linear(inputs, outputs), nn.Embedding(3, outputs), shape

    def forward(self, x, y):
        return (self.layer(x.flatten(1)) + self.classes(y)).reshape(-1, *self.shape)


def test_labels_reach_the_modules_that_take_them():
    size = 2 * 9 * 6
    both = gan(Labelled(3, IMAGE.shape, size), Labelled(size, (1,), 1), IMAGE)
    assert both.classes == 3
    x, y = torch.randn(6, *IMAGE.shape), torch.arange(6) % 3
    assert both.discriminator(x, y).shape == (6,)
    assert not torch.equal(both.discriminator(x, y), both.discriminator(x, 2 - y))
    assert both.generator_loss({"x": x, "y": y}, 0).total.isfinite()
    plain = gan(nn.Sequential(nn.Linear(3, size), nn.Unflatten(1, IMAGE.shape)), Labelled(size, (1,), 1), IMAGE)
    assert plain.classes == 0, "nobody can ask for a class that the generator does not take"
    assert plain.discriminator_loss({"x": x, "y": y}, 0).total.isfinite()
    packed = gan(nn.Linear(3, 2), nn.Linear(4, 1), pack=2)
    assert packed.discriminator_loss({"x": torch.randn(8, 2)}, 0).total.isfinite()


def test_trying_changes_neither_modules_nor_random_numbers():
    generator = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
    before, state = {k: v.clone() for k, v in generator.state_dict().items()}, torch.get_rng_state()
    made = gan(generator, JUDGE)
    assert made.generator.module is generator
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


class Detached(nn.Linear):
    """Gives no gradient."""

    def forward(self, x):
        return super().forward(x).detach()


@pytest.mark.parametrize(
    ("generator", "discriminator", "words"),
    [
        (nn.Linear(3, 5), JUDGE, r"generator is given \(4, 3\) and wanted to return \(4, 2\) .*; got \(4, 5\)"),
        (nn.Linear(7, 2), JUDGE, r"generator is given \(4, 3\) .* it failed: RuntimeError: mat1 and mat2"),
        (GOOD, nn.Linear(2, 3), r"discriminator is given \(4, 2\) .* return \(4,\) .*; got \(4, 3\)"),
        (nn.Linear(3, 2).double(), JUDGE, "it failed: RuntimeError"),
        (GOOD, nn.LSTM(2, 1), "discriminator is given .* got tuple"),
        (nn.Identity(), JUDGE, "the generator has no parameters that can be trained"),
        (Detached(3, 2), JUDGE, "no gradient by the generator; does it detach"),
        (GOOD, Detached(2, 1), "no gradient by the"),
        (GOOD, nn.Sequential(nn.Linear(2, 1), nn.Sigmoid()), "ends with a sigmoid; wanted raw scores"),
        (GOOD, "text", "wanted two modules, a generator and a discriminator, got Linear, str"),
        (GOOD, nn.Sequential(GOOD, nn.Linear(2, 1)), "of their own parameters, got some in both"),
    ],
)
def test_modules_that_do_not_fit_are_one_line(generator, discriminator, words):
    with pytest.raises(BadOption, match=words) as refusal:
        gan(generator, discriminator)
    assert "\n" not in str(refusal.value)


def test_numbers_that_are_not_finite_are_told():
    broken = nn.Linear(3, 2)
    nn.init.constant_(broken.bias, float("nan"))
    with pytest.raises(BadOption, match="not finite"):
        gan(broken, JUDGE)


def test_games_that_build_from_parts_say_so():
    network = networks.own(GOOD, JUDGE)
    with pytest.raises(BadOption, match=r"builds its networks from parts, .* take --game gan"):
        games.build("vae", PLANE, network)


def test_the_page_on_ones_own_shows_what_works(tmp_path, monkeypatch, saddle):
    page = (Path(__file__).parent.parent / "docs" / "own.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "mine.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    told = ["--network", "./mine.py:net", "--network.width", 8, "--run.judge", 0, "--watch.share", 0]
    assert saddle("train", "digits", "--steps", 2, "--out", "run", *told)[0] == 0
