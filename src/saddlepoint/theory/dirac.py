"""The Dirac-GAN: the smallest game that shows whether training converges.

Data is a unit mass at 0, the generator a unit mass at theta, the discriminator D(x) = psi x. Written out, a score of
a real sample is 0 and of a fake one psi theta, so an objective with terms b(f) and c(f) over fakes has the field
(-c'(psi theta) psi, -b'(psi theta) theta), the equilibrium (0, 0), and there the eigenvalues +-sqrt(b'(0) c'(0)).

    objective                   b'(0)     c'(0)     eigenvalues
    minimax, non_saturating      1/2      -1/2      +-i/2
    r3gan without penalties      1/2      -1/2      +-i/2
    hinge, wgan                   1        -1       +-i
    least_squares                 0        -1       0, 0

Least squares with targets 1 and 0 wants the score 1/2 at the equilibrium, which a discriminator without a constant
cannot give: all of psi = 0 is at rest and the eigenvalues decide nothing. With targets 1/2 and -1/2 (the same game,
its scores less 1/2) they are +-i/2.

What adds damping g to the discriminator, g psi^2 / 2, gives -g/2 +- sqrt(g^2/4 - slope^2): R1 of weight g; r3gan of
weight g/2, by R1 and R2; instance noise of std s on the original game, g = s^2/2. A penalty that wants the slope 1
(wgan_gp, dragan) makes the origin no equilibrium at all: it pushes psi towards -1 and 1, and the game ends in a
cycle that smaller steps do not shrink.

Away from the equilibrium minimax circles exactly: its field is at right angles to (theta, psi). The non-saturating
game loses f tanh(f/2) of its squared radius' half per unit of time, f = theta psi, so it creeps in, ever slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from saddlepoint.duel import Duel, Objective
from saddlepoint.errors import BadOption
from saddlepoint.game import Batch, Game, Loss, Player
from saddlepoint.training.loop import train
from saddlepoint.training.solvers import Solver, alternate, extragradient, simultaneous

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

SLOPES = {"minimax": 0.5, "non_saturating": 0.5, "r3gan": 0.5, "hinge": 1.0, "wgan": 1.0, "least_squares": 0.0}
"""sqrt(-b'(0) c'(0)) of the library's objectives, the imaginary part of their eigenvalues without penalties."""


class Dirac(Game):
    """The game at (theta, psi), in float64; any objective, with any regularizers.

    Paper: Mescheder, Geiger & Nowozin 2018, Which Training Methods for GANs do actually Converge?, definition 2.1

    Each batch holds `points` copies of each unit mass: more than one matters to instance noise, whose mean over a
    batch is what the theory speaks of.
    """

    def __init__(self, objective: Objective, start: tuple[float, float] = (0.3, 0.0), points: int = 2) -> None:
        super().__init__()
        theta, psi = start
        self.generator, self.discriminator = _Mass(theta), _Line(psi)
        self.objective, self.points = objective, points

    def players(self) -> Sequence[Player]:
        steps = self.objective.discriminator_steps
        return (
            Player(
                "discriminator",
                [self.discriminator],
                self._discriminator_loss,
                steps,
                self.objective.following(self.discriminator),
            ),
            Player("generator", [self.generator], self._generator_loss),
        )

    def _discriminator_loss(self, batch: Batch, step: int) -> Loss:
        duel = _duel(self.generator.theta.detach(), self.discriminator.psi, self.points, step)
        return Loss({name: term(duel) for name, term in self.objective.discriminator.items()})

    def _generator_loss(self, batch: Batch, step: int) -> Loss:
        duel = _duel(self.generator.theta, self.discriminator.psi, self.points, step)
        return Loss({name: term(duel) for name, term in self.objective.generator.items()})


def field(objective: Objective, theta: ArrayLike, psi: ArrayLike, *, points: int = 2, seed: int = 0) -> Array:
    """The vector field (-dL_G/dtheta, -dL_D/dpsi), (..., 2), at `theta` and `psi`, which broadcast.

    Paper: Mescheder, Geiger & Nowozin 2018, section 2
    """
    places = np.stack(np.broadcast_arrays(np.asarray(theta, np.float64), np.asarray(psi, np.float64)), axis=-1)
    arrows = [_arrow(objective, torch.tensor(p), points, seed).detach().numpy() for p in places.reshape(-1, 2)]
    return np.stack(arrows).reshape(places.shape)


def jacobian(objective: Objective, at: tuple[float, float] = (0.0, 0.0), *, points: int = 2, seed: int = 0) -> Array:
    """The Jacobian (2, 2) of the field, by default at the equilibrium, in double precision by autograd."""
    place = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    arrow = _arrow(objective, place, points, seed)
    rows = [torch.autograd.grad(side, place, retain_graph=True)[0] for side in arrow]
    found: Array = torch.stack(rows).numpy()
    return found


def eigenvalues(
    objective: Objective, at: tuple[float, float] = (0.0, 0.0), *, points: int = 2, seed: int = 0
) -> Complex:
    """The eigenvalues (2,) of the field's Jacobian, by real and then by imaginary part.

    All real parts below 0: training with small enough steps converges. All 0: it circles, as far as they can tell.
    """
    return _sorted(np.linalg.eigvals(jacobian(objective, at, points=points, seed=seed)))


def closed_form(slope: float = 0.5, damping: float = 0.0) -> Complex:
    """The eigenvalues (2,) worked out by hand: -g/2 -+ sqrt(g^2/4 - slope^2) with g the damping.

    Paper: Mescheder, Geiger & Nowozin 2018, lemma 4.1 (R1, instance noise: lemma 3.2 and section 3.2)

    Critically damped at g = 2 slope. `slope` is f'(0), an entry of `SLOPES`; the module says what damps how much.

    >>> closed_form(0.5, 1.0)
    array([-0.5+0.j, -0.5+0.j])
    """
    root = np.sqrt(complex(damping**2 / 4 - slope**2))
    return _sorted(np.array([-damping / 2 - root, -damping / 2 + root]))


def step_matrix(jacobian: ArrayLike, *, solver: Solver = alternate, lr: float = 0.2) -> Array:
    """What one step of gradient descent does near the equilibrium: (theta, psi) times this matrix (2, 2).

    It converges where all eigenvalues are smaller than 1 in size, and spirals outwards where one is larger. Where
    players alternate, the discriminator moves first, once. Raises `BadOption` for a solver that is not the library's.
    """
    j, one = lr * np.asarray(jacobian, np.float64), np.eye(2)
    if solver is simultaneous:
        return one + j
    if solver is extragradient:
        return one + j @ (one + j)
    if solver is alternate:
        generator, discriminator = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
        return (one + generator @ j) @ (one + discriminator @ j)
    raise BadOption(
        "step_matrix wanted alternate, simultaneous or extragradient, got another solver; take `trajectory`"
    )


def trajectory(
    objective: Objective,
    *,
    solver: Solver = alternate,
    lr: float = 0.2,
    start: tuple[float, float] = (0.3, 0.0),
    steps: int = 2000,
    points: int = 2,
    seed: int = 0,
) -> Array:
    """The way (steps + 1, 2) of (theta, psi) through the real loop, with gradient descent of rate `lr`.

    The objective's own number of discriminator steps counts where players alternate: for one to one take
    `wgan(critic_steps=1)`. Torch's random state is left as it was.
    """
    game = Dirac(objective, start, points)
    descents = {player.name: torch.optim.SGD(player.parameters(), lr=lr) for player in game.players()}
    way = [start]
    with torch.random.fork_rng(devices=[]):
        for _ in islice(train(game, lambda index: {}, descents, solver=solver, seed=seed), steps):
            way.append((game.generator.theta.item(), game.discriminator.psi.item()))
    return np.array(way)


class _Mass(nn.Module):
    """The generator: a unit mass at theta."""

    def __init__(self, theta: float) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.tensor(theta, dtype=torch.float64))


class _Line(nn.Module):
    """The discriminator: D(x) = psi x."""

    def __init__(self, psi: float) -> None:
        super().__init__()
        self.psi = nn.Parameter(torch.tensor(psi, dtype=torch.float64))


def _sorted(values: NDArray[Any]) -> Complex:
    found: Complex = np.sort_complex(values.astype(np.complex128))
    return found


def _duel(theta: Tensor, psi: Tensor, points: int, step: int) -> Duel:
    real = torch.zeros(points, 1, dtype=torch.float64, requires_grad=True)
    fake = theta.expand(points, 1)
    return Duel(
        lambda x, y: psi * x[:, 0], real, fake if fake.requires_grad else fake.clone().requires_grad_(), step=step
    )


def _arrow(objective: Objective, place: Tensor, points: int, seed: int) -> Tensor:
    """The field (2,) at `place` (theta, psi), differentiable again."""
    theta, psi = place.detach().requires_grad_() if not place.requires_grad else place
    duel = _duel(theta, psi, points, 0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        generator = torch.stack([term(duel) for term in objective.generator.values()]).sum()
        discriminator = torch.stack([term(duel) for term in objective.discriminator.values()]).sum()
    (down_theta,) = torch.autograd.grad(generator, theta, create_graph=True)
    (down_psi,) = torch.autograd.grad(discriminator, psi, create_graph=True)
    return -torch.stack([down_theta, down_psi])
