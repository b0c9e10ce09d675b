"""Settings for every test, made before torch is imported, and what many tests build."""

import functools
import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from saddlepoint import Game, games, networks, objectives, priors
from saddlepoint.adversarial import GAN
from saddlepoint.classifier import Classifier
from saddlepoint.cli.app import main
from saddlepoint.judging import evidence
from saddlepoint.laws import zoo
from saddlepoint.laws.games import Played
from saddlepoint.laws.zoo import IMAGE, PLANE, VECTOR, batches_of
from saddlepoint.spec import Spec

__all__ = ["IMAGE", "PLANE", "VECTOR", "batches_of"]

DATA = Path(__file__).parent.parent.parent / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is dear to make is kept for the tests of one session alone, and for the processes they start."""
    os.environ["SADDLEPOINT_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def real_data() -> Path:
    """The folder of real data sets; the test is skipped where it is absent."""
    if not DATA.exists():
        pytest.skip("the real data sets are not here")
    return DATA


@pytest.fixture
def small_gan() -> Callable[..., GAN]:
    """Makes a small GAN for a spec: `small_gan(objective="hinge", spec=IMAGE, network="dcgan")`."""

    def make(
        objective: object = "non_saturating", spec: Spec = PLANE, network: str = "mlp", seed: int = 0, **options: object
    ) -> GAN:
        torch.manual_seed(seed)
        built = objectives.build(objective) if isinstance(objective, str) else objective
        return games.build("gan", spec, built, networks.build(network, width=8), priors.build("gaussian"), **options)

    return make


def made_small(name: str, spec: Spec = PLANE, network: str = "mlp", seed: int = 0, **options: object) -> Game:
    """Any small game by name, with whatever parts it takes: `made_small("vae", IMAGE, network="dcgan")`."""
    return Played("", name, spec, network, options).make(seed)


@pytest.fixture
def small_game() -> Callable[..., Game]:
    """`made_small`, for tests that want it handed to them."""
    return made_small


@pytest.fixture
def adams() -> Callable[..., dict[str, torch.optim.Optimizer]]:
    """An Adam for each player of a game."""
    return zoo.adams


@pytest.fixture
def saddle(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs `saddle ARGUMENTS`: its exit status, what it printed, and what it said on stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return int(exit.value.code or 0), out, err

    return call


@pytest.fixture
def refused(saddle: Callable[..., tuple[int, str, str]]) -> Callable[..., str]:
    """Runs a command that must be refused in one line with exit status 2; the line."""

    def call(*arguments: object) -> str:
        status, _, err = saddle(*arguments)
        assert status == 2, err
        assert err.count("\n") == 1, err
        assert err.startswith("saddle: ")
        return err

    return call


@pytest.fixture
def quick_judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Judging classifiers that hardly learn: for tests of everything but their judgement."""
    monkeypatch.setattr(Classifier, "fit", functools.partial(Classifier.fit, steps=5))
    monkeypatch.setenv("SADDLEPOINT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(evidence, "_ASKED", 100)
