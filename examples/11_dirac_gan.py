"""The smallest GAN: data at 0, a generator at theta, a discriminator psi x, and whether training finds (0, 0).

Lectures: the Nash equilibrium, and alternating minimisation that can oscillate; which penalties cure it. One sees
the field that the players follow and 200 steps of each solver through it, from the ring. Eigenvalues on the imaginary
axis: alternating players circle, simultaneous ones spiral out, extragradient spirals in. R1 and instance noise move
them to the left and all converge; a penalty that wants slope 1 ends in a cycle, with a critic that never rests.

    python examples/11_dirac_gan.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from saddlepoint import objectives, regularizers
from saddlepoint.objectives.wgan import wgan
from saddlepoint.theory import eigenvalues, field, trajectory
from saddlepoint.training.solvers import SOLVERS

COLOURS = {"simultaneous": "#c0504d", "alternate": "#1f4e79", "extragradient": "#808080"}
minimax = objectives.build("minimax")
GAMES = {
    "minimax": (minimax, 2),
    "non-saturating": (objectives.build("non_saturating"), 2),
    "Wasserstein, unclipped": (wgan(clip=None, critic_steps=1), 2),
    "minimax + R1, weight 1": (regularizers.build("r1", weight=1.0)(minimax), 2),
    "minimax + instance noise, std 1": (regularizers.build("instance_noise", std=1.0)(minimax), 4096),
    "WGAN-GP, weight 1": (objectives.build("wgan_gp", weight=1.0, critic_steps=1), 2),
}
START, SIZE = (0.6, 0.0), 2.2
figure = Figure(figsize=(12, 8.4), layout="constrained")
axis = np.linspace(-SIZE, SIZE, 17)
theta, psi = np.meshgrid(axis, axis)
for axes, (name, (objective, points)) in zip(figure.subplots(2, 3).flat, GAMES.items(), strict=True):
    arrows = field(objective, theta, psi, points=points)
    axes.streamplot(theta, psi, arrows[..., 0], arrows[..., 1], color="#c8c8c8", density=0.9, linewidth=0.8)
    for solver, colour in COLOURS.items():
        way = trajectory(objective, solver=SOLVERS[solver], lr=0.2, start=START, steps=200, points=points)
        axes.plot(*way.T, color=colour, lw=1.2, marker=".", ms=3, label=solver)
        print(f"{name}, {solver}: radius {np.hypot(*way[0]):.2f} -> {np.hypot(*way[-1]):.4f}")
    # Where the origin repels as strongly as a kink does, there is no equilibrium to speak of.
    found = eigenvalues(objective, points=200_000 if points > 2 else points)
    words = ", ".join(f"{v.real:.2f}{v.imag:+.2f}i" for v in found + 0.0)
    title = f"eigenvalues {words}" if found.real.max() < 1e3 else "no equilibrium: the origin repels"
    print(f"{name}: {title}")
    axes.plot(*START, "o", mfc="none", color="black")
    axes.plot(0, 0, "+", color="black", ms=10)
    axes.set(xlim=(-SIZE, SIZE), ylim=(-SIZE, SIZE), xlabel="theta (generator)", ylabel="psi (discriminator)")
    axes.set_title(f"{name}\n{title}", fontsize=10)
    axes.set_aspect("equal")
figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
