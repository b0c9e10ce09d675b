"""The Wasserstein GAN: a critic whose loss says how far the samples are from the data.

Lectures: the Wasserstein distance and its dual; clipping; the algorithm, five critic steps with RMSProp. The
critic's mean f(real) - mean f(fake) falls as the exact W1 of 500 points does; clipping leaves its scale unknown.

    python examples/15_wasserstein.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr

from saddlepoint import data, games, networks, objectives, optimizers, priors, train

INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
STEPS, EVERY, RATE = 1200, 40, 5e-4
torch.manual_seed(0)
ring = data.build("ring", std=0.05)
real = ring.real(500, seed=1).x


def w1(x, y):
    return (cost := cdist(x, y))[linear_sum_assignment(cost)].mean()


parts = objectives.build("wgan", clip=0.1), networks.build("mlp", width=128), priors.build("gaussian")
game = games.build("gan", ring.spec, *parts, latent=2)
moved = {player.name: optimizers.build("rmsprop", lr=RATE)(player.parameters()) for player in game.players()}
estimates, exact = [], []
for step in islice(train(game, ring.batches(256), moved), STEPS + 1):
    estimates.append(-step.losses["discriminator"].total.item())
    if step.index % EVERY == 0:
        fake = ring.units.own(game.generator(game.latents(500)).detach())
        exact.append(w1(real, fake))
smooth = [np.median(estimates[max(0, i - 20) : i + 20]) for i in range(0, STEPS + 1, EVERY)]
floor, rank = w1(real, ring.real(500, seed=2).x), spearmanr(smooth[1:], exact[1:]).statistic
print(f"exact W1: {exact[0]:.3f} at the start, {exact[-1]:.3f} at the end; two samples of the data: {floor:.3f}")
print(
    f"critic's estimate: {smooth[1]:.4f} after {EVERY} steps, {smooth[-1]:.4f} at the end; rank correlation {rank:.3f}"
)
curve, points = (figure := Figure(figsize=(10, 4.2), layout="constrained")).subplots(1, 2, width_ratios=[1.4, 1])
steps, scaled = range(0, STEPS + 1, EVERY), np.array(smooth) * np.median(np.array(exact[1:]) / smooth[1:])
curve.plot(steps, exact, "o-", color=INK, ms=3, label="exact W1 of 500 points")
curve.plot(steps[1:], scaled[1:], color=ACCENT, label="critic's estimate, times one number")
curve.axhline(floor, color=FAINT, lw=4, zorder=0, label=f"two samples of the data, {floor:.3f}")
curve.set(xlabel="generator steps", ylabel="distance", yscale="log", title=f"rank correlation {rank:.2f}")
points.scatter(*real.T, s=3, color=ACCENT, lw=0, label="real")
points.scatter(*fake.T, s=3, color=INK, lw=0, label=f"after {STEPS} steps")
points.set_aspect("equal")
points.legend(frameon=False, loc="center", markerscale=3)
curve.legend(frameon=False)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
