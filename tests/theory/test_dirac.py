"""The Dirac-GAN: eigenvalues against closed forms, and the real loop against both."""

import itertools

import numpy as np
import pytest
import torch

from saddlepoint import alternate, extragradient, objectives, regularizers, simultaneous
from saddlepoint.errors import BadOption
from saddlepoint.objectives.r3gan import r3gan
from saddlepoint.objectives.wgan import wgan
from saddlepoint.theory import SLOPES, Dirac, closed_form, eigenvalues, field, jacobian, step_matrix, trajectory
from saddlepoint.training.solvers import Solver

SOLVERS = {"simultaneous": simultaneous, "alternate": alternate, "extragradient": extragradient}
WITHOUT_PENALTIES = {"wgan": lambda: wgan(clip=None, critic_steps=1), "r3gan": lambda: r3gan(weight=0)}
KNOWN = [name for name in objectives.names() if name in SLOPES]


def plain(name):
    """The objective, one discriminator step to one of the generator, with neither penalties nor clipping."""
    return WITHOUT_PENALTIES.get(name, lambda: objectives.build(name))()


def damped(name="minimax", weight=1.0):
    return regularizers.build("r1", weight=weight)(plain(name))


def radius(way):
    return np.hypot(*way.T)


def test_every_slope_that_is_stated_is_of_an_objective_that_exists():
    assert set(SLOPES) == set(KNOWN)


@pytest.mark.parametrize("name", KNOWN)
def test_eigenvalues_without_penalties(name):
    assert eigenvalues(plain(name)) == pytest.approx(closed_form(SLOPES[name]), abs=1e-12)


@pytest.mark.parametrize(("name", "weight"), [*itertools.product(KNOWN, (0.3, 1.0, 3.0))])
def test_eigenvalues_with_r1(name, weight):
    # Near critical damping an eigenvalue is a root of a difference: half of the digits are left.
    assert eigenvalues(damped(name, weight)) == pytest.approx(closed_form(SLOPES[name], weight), abs=1e-7)


def test_closed_form():
    assert closed_form(0.5, 0.6) == pytest.approx([-0.3 - 0.4j, -0.3 + 0.4j], abs=1e-12)
    assert closed_form(0.5, 1.0) == pytest.approx([-0.5, -0.5], abs=1e-12), "critically damped"
    assert closed_form(0.5, 2.0).imag.tolist() == [0, 0]
    assert closed_form(1.0) == pytest.approx([-1j, 1j], abs=1e-12)


def test_least_squares_with_targets_around_zero_circles_like_the_original():
    centred = objectives.build("least_squares", real=0.5, fake=-0.5, target=0.5)
    assert eigenvalues(centred) == pytest.approx(closed_form(0.5), abs=1e-12)
    assert trajectory(plain("least_squares"), steps=5)[-1] == pytest.approx([0.3, 0]), "all of psi = 0 is at rest"


def test_what_else_damps():
    assert eigenvalues(objectives.build("r3gan", weight=0.4)) == pytest.approx(closed_form(0.5, 0.8), abs=1e-7)
    noisy = regularizers.build("instance_noise", std=1.0)(plain("minimax"))
    assert eigenvalues(noisy, points=200_000) == pytest.approx(closed_form(0.5, 0.5), abs=0.01)


@pytest.mark.parametrize("name", ["minimax", "non_saturating", "hinge", "wgan_gp", "r3gan"])
def test_the_field_is_what_the_games_own_players_descend(name):
    objective = objectives.build(name)
    theta, psi = 0.4, -0.7
    game = Dirac(objective, (theta, psi))
    arrows = {}
    for player in game.players():
        (slope,) = torch.autograd.grad(player.loss({}, 0).total, player.parameters())
        arrows[player.name] = -slope.item()
    assert field(objective, theta, psi) == pytest.approx([arrows["generator"], arrows["discriminator"]], abs=1e-12)


@pytest.mark.parametrize("name", ["minimax", "non_saturating", "least_squares", "r3gan"])
def test_the_jacobian_is_the_fields_slope(name):
    objective, at, h = objectives.build(name), (0.4, -0.7), 1e-6
    columns = [(field(objective, *(at + h * e)) - field(objective, *(at - h * e))) / (2 * h) for e in np.eye(2)]
    assert jacobian(objective, at) == pytest.approx(np.stack(columns, axis=1), abs=1e-7)


def test_far_from_the_equilibrium_minimax_circles_and_non_saturating_creeps_in():
    theta, psi = np.meshgrid(np.linspace(-3, 3, 7), np.linspace(-3, 3, 7))
    outwards = lambda name: (field(plain(name), theta, psi) * np.stack([theta, psi], -1)).sum(-1)
    f = theta * psi
    assert outwards("minimax") == pytest.approx(0 * f, abs=1e-12)
    assert outwards("non_saturating") == pytest.approx(-f * np.tanh(f / 2), abs=1e-12)


@pytest.mark.parametrize(
    ("solver", "weight", "expected"),
    [
        ("simultaneous", 0, 3.83),
        ("alternate", 0, 0.307),
        ("simultaneous", 0.3, 0.0),
        ("simultaneous", 1, 0.0),
        ("alternate", 0.3, 0.0),
        ("alternate", 1, 0.0),
    ],
)
def test_two_thousand_steps_of_the_original_game(solver, weight, expected):
    objective = damped(weight=weight) if weight else plain("minimax")
    way = trajectory(objective, solver=SOLVERS[solver], lr=0.2, start=(0.3, 0.0), steps=2000)
    assert way.shape == (2001, 2)
    assert way[0].tolist() == [0.3, 0]
    assert radius(way)[-1] == pytest.approx(expected, abs=0.005 if expected > 1 else 0.0005)


@pytest.mark.parametrize(("name", "weight", "solver"), [*itertools.product(("minimax", "hinge"), (0, 0.3), SOLVERS)])
def test_near_the_equilibrium_the_loop_does_what_the_linear_step_says(name, weight, solver):
    objective = damped(name, weight) if weight else plain(name)
    start, steps = np.array([1e-4, 2e-4]), 60
    matrix = step_matrix(jacobian(objective), solver=SOLVERS[solver], lr=0.2)
    way = trajectory(objective, solver=SOLVERS[solver], lr=0.2, start=tuple(start), steps=steps)
    expected = [np.linalg.matrix_power(matrix, n) @ start for n in range(steps + 1)]
    assert way == pytest.approx(np.array(expected), abs=1e-9)


@pytest.mark.parametrize(("slope", "lr"), [*itertools.product((0.5, 1.0), (0.1, 0.5))])
def test_sizes_of_the_linear_steps_eigenvalues(slope, lr):
    circling = np.array([[0, slope], [-slope, 0]])
    size = lambda solver: np.abs(np.linalg.eigvals(step_matrix(circling, solver=solver, lr=lr)))
    h = lr * slope
    assert size(simultaneous) == pytest.approx(np.sqrt(1 + h**2)), "spirals outwards at any rate"
    assert size(alternate) == pytest.approx(1), "stays on its circle while h < 2"
    assert size(extragradient) == pytest.approx(np.sqrt((1 - h**2) ** 2 + h**2)), "spirals inwards while h < 1"
    assert np.abs(np.linalg.eigvals(step_matrix(circling, solver=alternate, lr=2.1 / slope))).max() > 1


def test_another_solver_is_refused():
    with pytest.raises(BadOption, match="wanted alternate, simultaneous or extragradient"):
        step_matrix(np.eye(2), solver=Solver(len, lambda movers, fresh, step: None))


@pytest.mark.parametrize("lr", [0.1, 0.03])
def test_a_penalty_that_wants_slope_one_never_rests_at_any_rate(lr):
    objective = objectives.build("wgan_gp", weight=1, critic_steps=1)
    way = trajectory(objective, lr=lr, steps=round(60 / lr))
    cycle = radius(way[len(way) // 2 :])
    assert cycle.min() == pytest.approx(1.14, abs=0.05)
    assert cycle.max() == pytest.approx(2.04, abs=0.05)
    assert eigenvalues(objective).real.max() > 1e6, "the origin repels"
    plainly = trajectory(plain("wgan"), lr=lr, steps=round(60 / lr))
    assert radius(plainly) == pytest.approx(0.3, rel=0.1), "without it the critic keeps its circle"


def test_a_clipped_critic_circles_on_its_box():
    objective = objectives.build("wgan", clip=0.1, critic_steps=1)
    way = trajectory(objective, steps=500)
    assert abs(way[:, 1]).max() == pytest.approx(0.1)
    assert np.abs(way[-200:, 0]).max() > 0.01
    assert (np.diff(np.sign(way[-200:, 0])) != 0).sum() > 5, "and goes on for ever"


def test_instance_noise_converges_and_without_it_nothing_does():
    noisy = regularizers.build("instance_noise", std=1.0)(plain("minimax"))
    assert radius(trajectory(noisy, steps=400, points=4096))[-1] < 0.02
    assert radius(trajectory(plain("minimax"), steps=400))[-1] > 0.25


def test_the_discriminator_takes_its_own_number_of_steps():
    once, five = (trajectory(wgan(clip=None, critic_steps=n), steps=1) for n in (1, 5))
    assert once[1, 1] == pytest.approx(-0.06)
    assert five[1, 1] == pytest.approx(-0.3)


def test_a_trajectory_leaves_the_random_state():
    state = torch.get_rng_state()
    trajectory(plain("hinge"), steps=2)
    field(plain("hinge"), 0.1, 0.1)
    assert torch.equal(torch.get_rng_state(), state)
