"""`saddle check`: things of one's own before the laws of their kind, good ones and bad ones."""

import re
from pathlib import Path

import pytest

from saddlepoint import laws
from saddlepoint.errors import BadOption
from saddlepoint.laws.kinds import KINDS

HEAD = """
import torch
from torch import nn
from saddlepoint.adversarial import GAN
from saddlepoint.architecture import Architecture, Discriminator, Generator
from saddlepoint.duel import Objective
from saddlepoint.errors import BadData
from saddlepoint.game import Loss, Player
from saddlepoint.metric import Estimate
from saddlepoint.optimizer import MakeOptimizer
from saddlepoint.prior import Prior
from saddlepoint.source import Drawn
from saddlepoint.spec import Spec

"""

GOOD = {
    "hinged": """
def hinged(*, margin: float = 1.0):
    return Objective(
        {"real": lambda d: (margin - d.on_real).relu().mean(), "fake": lambda d: (margin + d.on_fake).relu().mean()},
        {"fake": lambda d: -d.on_fake.mean()},
    )
""",
    "pair": """
def pair(spec, latent, *, width: int = 8):
    generator = nn.Sequential(nn.Linear(latent, width), nn.ReLU(), nn.Linear(width, spec.size))
    return generator.append(nn.Unflatten(1, spec.shape)), nn.Sequential(nn.Flatten(), nn.Linear(spec.size, 1))
""",
    "stripes": """
def stripes():
    def draw(n, source):
        x = torch.rand(n, 2, generator=source).mul(2).sub(1)
        return x, None
    return Drawn(Spec((2,)), draw, identity={"name": "stripes"})
""",
    "gap": """
def gap(real, fake) -> Estimate:
    return Estimate(abs(float(real.mean()) - float(fake.mean())))
""",
    "cube": """
def cube() -> Prior:
    return lambda n, dimensions, device: torch.rand(n, dimensions, device=device) - 0.5
""",
    "plain_sgd": """
def plain_sgd(*, lr: float = 1e-2) -> MakeOptimizer:
    return lambda parameters: torch.optim.SGD(parameters, lr=lr)
""",
}

THIEF = """
class Thief(GAN):
    def players(self):
        discriminator, generator = super().players()
        return discriminator, Player("generator", [self.generator, self.discriminator], generator.loss)

def thief(spec: Spec, objective: Objective, network: Architecture, prior: Prior, *, latent: int = 2):
    parts = Generator(network, spec, latent), Discriminator(network, spec)
    return Thief(*parts, objective, prior, latent, spec.shares)
"""
FORGETFUL = """
class Forgetful(GAN):
    moves = 0

    def discriminator_loss(self, batch, step):
        self.moves += 1
        loss = super().discriminator_loss(batch, step)
        return Loss({name: term / self.moves for name, term in loss.terms.items()}, loss.seen)

def forgetful(spec: Spec, objective: Objective, network: Architecture, prior: Prior, *, latent: int = 2) -> Forgetful:
    if spec.given and spec.given.is_image:
        raise BadData("no")
    parts = Generator(network, spec, latent), Discriminator(network, spec)
    return Forgetful(*parts, objective, prior, latent, spec.shares)
"""
MIXING = """
def mixing(spec, latent):
    generator = nn.Sequential(nn.Linear(latent, spec.size), nn.Unflatten(1, spec.shape))
    return generator, nn.Sequential(nn.Flatten(), nn.BatchNorm1d(spec.size), nn.Linear(spec.size, 1))
"""
NAN = """
def nan() -> Objective:
    both = {"both": lambda d: (d.on_fake - d.on_real).mean()}
    return Objective(both, {"fake": lambda d: -d.on_fake.sigmoid().log().mean()})
"""
MISSPELT = """
def misspelt(reel, fake):
    return Estimate(abs(reel.mean() - fake.mean()))
"""
HIDING = """
import numpy as np

def hiding(scores) -> Estimate:
    return Estimate(np.median(np.nan_to_num(scores, nan=0.0)) * 0)
"""
UNSTEADY = """
def unsteady():
    drawn = []
    def draw(n, source):
        drawn.append(n)
        return torch.rand(n, 2, generator=source) / len(drawn) ** 0.1, None
    return Drawn(Spec((2,)), draw, identity={"name": "unsteady"})
"""
FALLING = """
def falling(*, weight: float = 1.0) -> Objective:
    return Objective({"both": lambda d: (d.on_fake - d.on_real).mean()}, {"fake": lambda d: weight * d.on_fake.mean()})
"""
BAD = [
    (
        "thief",
        THIEF,
        "--kind game",
        r"each player moves all of its own .*wanted each parameter moved by one player, got ",
    ),
    ("forgetful", FORGETFUL, "", r"resumed is unbroken .*bit for bit, got others; is there state that is no buffer\?"),
    (
        "forgetful",
        FORGETFUL,
        "",
        r"says what it wants  \[image given .*wanted BadData or BadOption .* got BadData: no$",
    ),
    (
        "mixing",
        MIXING,
        "",
        r"the score of a sample depends on no other .*wanted the scores of two samples beside others",
    ),
    (
        "nan",
        NAN,
        "",
        r"terms are finite scalars .*wanted the generator's term fake at scores .* as a finite number, got inf",
    ),
    ("falling", FALLING, "", r"a higher score of a fake never costs .*wanted a loss of at most "),
    ("misspelt", MISSPELT, "", r"parameters are names of evidence .*'reel' is not known; did you mean 'real'\?"),
    ("hiding", HIDING, "", r"what is not finite .*wanted a refusal of NaN in scores, or other numbers, got the same"),
    ("unsteady", UNSTEADY, "", r"a batch is a function of seed and index .*wanted the same batch . whatever was drawn"),
]


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes a file of one's own into the current directory; how to name what is in it."""
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(HEAD + text)
        return f"./{name}.py:{name}"

    return write


@pytest.mark.parametrize("name", GOOD)
def test_what_is_good_keeps_every_law(name, written, saddle):
    status, out, err = saddle("check", written(name, GOOD[name]))
    *lines, last = out.splitlines()
    assert (status, err) == (0, ""), out
    assert re.fullmatch(rf"./{name}.py:{name}: [1-9]\d* kept, 0 broken, \d+ refused", last)
    assert all(line.startswith(("kept", "refused")) for line in lines)


@pytest.mark.parametrize(("name", "text", "told", "words"), BAD)
def test_what_is_bad_breaks_a_law_in_words(name, text, told, words, written, saddle):
    status, out, err = saddle("check", written(name, text), *told.split())
    assert (status, err) == (1, ""), out
    broken = [line for line in out.splitlines() if line.startswith("broken")]
    assert any(re.search(words, line) for line in broken), out
    assert f"{len(broken)} broken" in out.splitlines()[-1]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (["./nowhere.py:f"], "there is no file nowhere.py"),
        (["nowhere.at.all:f"], "no module 'nowhere' on the import path"),
        (["gna"], "thing 'gna' is not known; did you mean 'gan'?"),
        (["gaussian"], "gaussian is a game and a prior; say which with --kind: game, network, objective"),
        (["hinge", "--kind", "objectiv"], "kind 'objectiv' is not known; did you mean 'objective'?"),
        (["table"], "table reads a path: say which, --path PATH"),
        (["ring", "--path", "x"], "ring reads nothing; leave --path out"),
        (["hinge", "--path", "x"], "an objective reads nothing; leave --path out"),
    ],
)
def test_what_cannot_be_checked_is_refused(told, words, refused):
    assert words in refused("check", *told)


def test_what_is_not_in_a_file_and_what_is_nothing_is_refused(written, refused):
    name = written("some", "def what(a, b):\n    return a\n\ntext = 'x'\n")
    assert "'waht' is not known; did you mean 'what'?" in refused("check", name.replace(":some", ":waht"))
    assert "'text' is not known" in refused("check", name.replace(":some", ":text"))
    assert "is of no kind that can be told; say which with --kind: game, " in refused(
        "check", name.replace(":some", ":what")
    )
    broken = written("torn", "def torn(:\n")
    assert "SyntaxError" in refused("check", broken)


def test_what_stands_on_a_shelf_can_be_checked(saddle, tmp_path):
    status, out, _ = saddle("check", "gaussian", "--kind", "prior")
    assert status == 0
    assert out.splitlines()[0] == "kept     latents have the shape asked for  [6 dimensions]"
    status, out, _ = saddle("check", "acgan")
    assert status == 0
    assert "refused  it takes a spec or says what it wants  [line]: acgan wants data with at least two" in out
    (tmp_path / "t.csv").write_text("a,b\n" + "\n".join(f"{i / 7},{'xy'[i % 2]}" for i in range(40)))
    status, out, _ = saddle("check", "table", "--path", tmp_path / "t.csv")
    assert status == 0, out


def test_from_python_functions_are_checked_too():
    from saddlepoint.objectives.hinge import hinge

    verdicts = laws.check(hinge)
    assert {verdict.state for verdict in verdicts} == {"kept"}
    assert [verdict[1:] for verdict in laws.check("hinge")] == [verdict[1:] for verdict in verdicts]
    with pytest.raises(BadOption, match=r"a function at the top of a module, got .*<lambda>"):
        laws.check(lambda: None)


def test_all_kinds_of_which_there_can_be_ones_own_have_laws(saddle):
    status, out, _ = saddle("check", "--help")
    assert status == 0
    assert all(re.search(rf"\b{kind}\b", out) for kind in KINDS)
    assert all(kind.laws for kind in KINDS.values())


def test_contributing_shows_how():
    page = (Path(__file__).parent.parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert "saddle check " in page
