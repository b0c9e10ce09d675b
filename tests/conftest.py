"""Settings for every test, made before torch is imported, and what many tests build."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from saddlepoint import Game, games, networks, objectives, optimizers, priors
from saddlepoint.adversarial import GAN
from saddlepoint.cli.app import main
from saddlepoint.spec import Spec

DATA = Path(__file__).parent.parent.parent / "shared" / "data"

PLANE = Spec((2,))
CLASSES = ("a", "b", "c")
VECTOR = Spec((5,), CLASSES, (0.5, 0.25, 0.25))
IMAGE = Spec((2, 9, 6), CLASSES, (0.5, 0.25, 0.25), bounds=(-1.0, 1.0))


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
    torch.manual_seed(seed)
    entry = games.shelf.entry(name)
    parts = {
        "spec": spec,
        "objective": objectives.build("non_saturating"),
        "network": networks.build(network, width=8),
        "prior": priors.build("gaussian"),
    }
    sizes = {"latent": 3, "noise": 2, "code": 4, "width": 8, "importance_samples": 3}
    small = {key: value for key, value in sizes.items() if key in entry.options}
    return games.build(name, *(parts[part] for part in entry.parts), **(small | options))


@pytest.fixture
def small_game() -> Callable[..., Game]:
    """`made_small`, for tests that want it handed to them."""
    return made_small


@pytest.fixture
def adams() -> Callable[..., dict[str, torch.optim.Optimizer]]:
    """An Adam for each player of a game."""

    def make(game: Game, lr: float = 1e-3) -> dict[str, torch.optim.Optimizer]:
        return {p.name: optimizers.build("adam", lr=lr)(p.parameters()) for p in game.players()}

    return make


def batches_of(spec: Spec, size: int = 8) -> Callable[[int], dict[str, torch.Tensor]]:
    """Random batches for a spec, each a function of its index."""

    def batch(index: int) -> dict[str, torch.Tensor]:
        source = torch.Generator().manual_seed(index)
        x = torch.randn(size, *spec.shape, generator=source).clamp(-1, 1)
        if not spec.classes:
            return {"x": x}
        return {"x": x, "y": torch.randint(len(spec.classes), (size,), generator=source)}

    return batch


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
