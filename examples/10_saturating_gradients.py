"""Same optimum, other gradient: why the generator does not play the game as it was written.

Lectures: vanishing gradients where the discriminator is sure; the non-saturating generator; "they have the same
argmax but the gradients are very different". One sees the slope of each generator's loss in a fake's score, and how
long the step is that a generator N(theta, 1) would take against the best discriminator between it and N(0, 1). The
non-saturating gradient is not the one of JS, not even at the optimum, but that of KL(q || p) - 2 JS.

    python examples/10_saturating_gradients.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import norm

from saddlepoint import objectives
from saddlepoint.theory import divergence_gradient, frozen_gradient, gaussian_logit, generator_slope

INK, ACCENT, GREY = "#1f4e79", "#c0504d", "#808080"
SHOWN = {
    "minimax": (ACCENT, "-", "minimax (saturating)"),
    "non_saturating": (INK, "-", "non-saturating"),
    "least_squares": (GREY, ":", "least squares"),
    "wgan": (GREY, "--", "Wasserstein, hinge"),
}
figure = Figure(figsize=(10, 4.2), layout="constrained")
slopes, steps = figure.subplots(1, 2)
scores = np.linspace(-10, 10, 401)
for name, (colour, style, label) in SHOWN.items():
    slope = generator_slope(objectives.build(name), scores)
    slopes.plot(scores, slope, color=colour, ls=style, lw=2, label=label)
    print(f"{name}: dL_G/df at f = -10, 0, 10: {slope[[0, 200, 400]].round(6)}")
slopes.set(xlabel="score f of a fake", ylabel="slope of the generator's loss", ylim=(-3, 1.5), xticks=range(-10, 11, 5))
slopes.set_title("f << 0: the discriminator is sure it is fake")
slopes.legend(frameon=False, loc="lower right", fontsize=9)

distances, z = np.linspace(0.05, 8, 100), np.linspace(-6, 6, 241)
weights = norm.pdf(z) / norm.pdf(z).sum()
for name in ("minimax", "non_saturating"):
    game, (colour, style, label) = objectives.build(name), SHOWN[name]
    # dL/dtheta = E dL/df df/dx at x = theta + z, against the best score f = -theta x + theta^2 / 2.
    pull = [abs(weights @ generator_slope(game, gaussian_logit(t + z, t)) * -t) for t in distances]
    steps.semilogy(distances, pull, color=colour, ls=style, lw=2, label=label)
    print(f"{name}: gradient at distance {distances[-1]:g}: {pull[-1]:.2e}")
steps.set(xlabel="distance theta of the fakes N(theta, 1) from the data", ylabel="|gradient in theta|", ylim=(1e-5, 20))
steps.set_title("against the best discriminator")
steps.legend(frameon=False, loc="lower left", fontsize=9)

p, logits = np.array([0.1, 0.2, 0.3, 0.4]), np.array([1.0, 0.0, 0.5, -1.0])
print("frozen at D*, minimax        ", frozen_gradient(objectives.build("minimax"), p, logits).round(6))
print("  2 JS                       ", (2 * divergence_gradient("js", p, logits)).round(6))
print("frozen at D*, non-saturating ", frozen_gradient(objectives.build("non_saturating"), p, logits).round(6))
print("  KL(q || p) - 2 JS          ", divergence_gradient("reverse_kl - 2 js", p, logits).round(6))
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=110)
