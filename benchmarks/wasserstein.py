"""Does the critic's estimate fall as the samples improve? WGAN with the paper's own settings, beside the exact W1.

python benchmarks/wasserstein.py --seeds 3     writes docs/wasserstein.png from the first seed

RMSProp at 5e-5, five critic steps (a hundred for the first 25 steps, as in the authors' code), weights clipped to 0.01
(Arjovsky et al. 2017, algorithm 1), batch 64, on the eight Gaussians. The critic's estimate is mean D(x) - mean D(G(z))
of each step's last batch; W1 between 2,000 real and as many fake points, always of the same latents, is exact by
assignment, every hundred steps. As the paper plots it, both are filtered by a median, here over 500 steps. The
estimate is W1 times an unknown constant, so what is compared is their ranks.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from record import RESULTS, keep
from scipy.optimize import linear_sum_assignment
from scipy.stats import spearmanr

from saddlepoint import data, games, networks, objectives, optimizers, priors, train
from saddlepoint.adversarial import GAN
from saddlepoint.source import Source

POINTS, FIRST = 2000, 25
EVERY, WINDOW = 100, 500
Curve = NDArray[np.floating]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=8000)
    told = parser.parse_args()
    torch.set_num_threads(1)
    for seed in range(told.seeds):
        estimate, exact = curves(seed, told.steps)
        rank = spearmanr(estimate, exact).statistic
        keep(
            "wasserstein",
            seed=seed,
            steps=told.steps,
            rank_correlation=round(float(rank), 4),
            exact=[round(float(exact[i]), 4) for i in (0, len(exact) // 2, -1)],
            estimate=[round(float(estimate[i]), 6) for i in (0, len(exact) // 2, -1)],
        )
        if seed == 0:
            draw(estimate, exact, float(rank))


def curves(seed: int, steps: int) -> tuple[Curve, Curve]:
    """The critic's estimate and the exact W1, medians of every 500 steps."""
    ring = data.build("ring")
    torch.manual_seed(seed)
    parts = objectives.build("wgan", clip=0.01, critic_steps=5), networks.build("mlp", width=512, depth=3)
    game: GAN = games.build("gan", ring.spec, *parts, priors.build("gaussian"), latent=2)
    rmsprop = {p.name: optimizers.build("rmsprop", lr=5e-5)(p.parameters()) for p in game.players()}
    batches, latents = ring.batches(64, seed=seed), game.latents(POINTS)
    usual = game.objective
    # As the authors' code does: a critic that has hardly learnt estimates nothing.
    game.objective = replace(usual, discriminator_steps=100)
    for _ in islice(train(game, batches, rmsprop, seed=seed), FIRST):
        pass
    game.objective = usual
    estimate, exact = [], []
    for step in islice(train(game, batches, rmsprop, seed=seed, start=FIRST), steps):
        estimate.append(-float(step.losses["discriminator"].total.detach()))
        if len(estimate) % EVERY == 0:
            exact.append(w1(game, ring, latents))
    return medians(estimate, WINDOW), medians(exact, WINDOW // EVERY)


def medians(values: list[float], size: int) -> Curve:
    """The medians of runs of `size` values."""
    whole = np.array(values)[: len(values) // size * size]
    return np.median(whole.reshape(-1, size), axis=1)


def w1(game: GAN, ring: Source, latents: torch.Tensor) -> float:
    """W1 between real samples and those of the generator as it stands, exact by assignment."""
    with torch.no_grad():
        cost = torch.cdist(ring.batches(POINTS, seed=99)(0)["x"], game.generator(latents))
    square = cost.double().numpy()
    return float(square[linear_sum_assignment(square)].mean())


def draw(estimate: Curve, exact: Curve, rank: float) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    left = figure.add_subplot()
    right = left.twinx()
    steps = (np.arange(len(exact)) + 0.5) * WINDOW
    left.plot(steps, exact, color="#1f4e79", label="exact W1")
    right.plot(steps, estimate, color="#c0504d", label="the critic's estimate")
    left.set(
        xlabel="generator step", ylabel="exact W1", title=f"WGAN by the paper's settings: rank correlation {rank:.3f}"
    )
    right.set(ylabel="mean D(x) - mean D(G(z))")
    left.set_ylim(bottom=0)
    right.set_ylim(bottom=0)
    figure.legend(loc="upper right", bbox_to_anchor=(0.9, 0.88), frameon=False)
    figure.savefig(RESULTS.parent.parent / "docs" / "wasserstein.png", dpi=100)


if __name__ == "__main__":
    main()
