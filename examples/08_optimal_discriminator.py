"""The best discriminator: D* = p / (p + q), and what a trained one makes of it.

Lectures: the optimal discriminator; the generator's cost at it, 2 JS - log 4; the discriminator's, log 2 - JS;
the same game with real = 0. One sees a network land on the closed form where there are samples, and leave it where
there are none; inverted labels give the mirror image.

    python examples/08_optimal_discriminator.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import norm

from saddlepoint import objectives
from saddlepoint.theory import (
    best_response,
    gaussian,
    gaussian_logit,
    half_loss_at_optimum,
    inverted,
    js,
    scores,
    value_at_optimum,
)

INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
FAKES = [(2.0, 1.0), (0.0, 2.0)]
game = objectives.build("non_saturating")
x = np.linspace(-5, 6, 400)
edges = np.linspace(-16, 18, 5001)
figure = Figure(figsize=(10, 4.2), layout="constrained")
for axes, (mean, std) in zip(figure.subplots(1, 2), FAKES, strict=True):
    cells = [np.diff(norm.cdf(edges, *of)) for of in ((0, 1), (mean, std))]
    p, q = (cell / cell.sum() for cell in cells)
    found, mirrored = (
        scores(best_response(objective, gaussian(), gaussian(mean, std), steps=1500), x)
        for objective in (game, inverted(game))
    )
    closed = gaussian_logit(x, mean, std)
    density = norm.pdf(x) + norm.pdf(x, mean, std)
    error = np.abs(found - closed)[density > 0.02].max()
    print(f"real N(0, 1), fake N({mean:g}, {std:g}^2): largest error of the logit where samples are {error:.3f}")
    print(f"  JS {js(p, q):.6f}, V(D*) = 2 JS - log 4 = {value_at_optimum(p, q):.6f}, ", end="")
    print(f"J(D*) = log 2 - JS = {half_loss_at_optimum(p, q):.6f}")
    axes.fill_between(x, 12 * norm.pdf(x) - 8, -8, color=INK, alpha=0.15, lw=0, label="real density (no scale)")
    axes.fill_between(
        x, 12 * norm.pdf(x, mean, std) - 8, -8, color=ACCENT, alpha=0.15, lw=0, label="fake density (no scale)"
    )
    axes.plot(x, closed, color=FAINT, lw=6, label="closed form, log p - log q")
    axes.plot(x, found, color=INK, lw=1.5, label="trained, real = 1")
    axes.plot(x, mirrored, color=ACCENT, lw=1.5, ls="--", label="trained, real = 0")
    axes.set(xlim=(-5, 6), ylim=(-8, 8), xlabel="x", ylabel="score (logit)")
    axes.set_title(f"real N(0, 1), fake N({mean:g}, {std**2:g})")
figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False, fontsize=9)
out = Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png"
figure.savefig(out, dpi=110)
