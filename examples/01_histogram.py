"""Counting: the histogram and the empirical distribution, and why neither survives many dimensions.

Lectures: the empirical distribution; the histogram as the first density; "inefficient in high dimensions". One
sees the same 5,000 points as points to draw again and as shares of cells, and how the cells empty as dimensions are
added: of K cells a sample of N leaves (1 - 1/K)^N empty even if all are equally likely, and more if they are not.

    python examples/01_histogram.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from saddlepoint import Spec, data, games

INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
COUNT, BINS = 5000, 8
torch.manual_seed(0)
figure = Figure(figsize=(13, 4.2), layout="constrained")
drawn, density, empty = figure.subplots(1, 3, width_ratios=[1, 1.2, 1.1])

toy = data.build("checkerboard")
x = toy.units.seen(toy.real(COUNT).x)
memory, counted = games.build("empirical", toy.spec), games.build("histogram", toy.spec, bins=32)
for game in (memory, counted):
    game.fit(x)
again = memory.sample(COUNT)
known = {tuple(row) for row in x.tolist()}
copies = np.mean([tuple(row) in known for row in again.tolist()])
fresh = toy.units.seen(toy.real(COUNT, seed=1).x)
inside = counted.score(fresh).isfinite().float().mean()
print(f"empirical: {copies:.0%} of {COUNT} draws are training points, {len(again.unique(dim=0))} of them different")
print(f"histogram: {1 - inside:.1%} of {COUNT} new points lie where it has density 0")
drawn.scatter(*again.T, s=2, color=INK, lw=0)
drawn.set(title=f"empirical: {len(again.unique(dim=0)):,} of {COUNT:,} points", aspect="equal")
axis = torch.linspace(-1.05, 1.05, 400)
places = torch.cartesian_prod(axis, axis)
heights = counted.score(places).exp().view(400, 400).T.numpy()
image = density.imshow(heights, origin="lower", extent=(-1.05, 1.05) * 2, cmap="Blues")
density.set(title="histogram: density in 32 x 32 cells")
figure.colorbar(image, ax=density, shrink=0.8)

dimensions = range(1, 9)
measured, expected = [], []
for d in dimensions:
    model = games.build("histogram", Spec((d,)), bins=BINS)
    model.fit(torch.randn(COUNT, d))
    measured.append(model.models[0].empty_share)
    expected.append((1 - BINS**-d) ** COUNT)
    print(f"{d} dimensions, {BINS**d:>10,} cells: empty {measured[-1]:.4f}, were all equally likely {expected[-1]:.4f}")
empty.plot(dimensions, measured, "o-", color=INK, label=f"{COUNT:,} points of N(0, I)")
empty.plot(dimensions, expected, "s--", color=ACCENT, label="equally likely cells, (1 - 1/K)$^N$")
empty.set(xlabel="dimensions", ylabel="share of empty cells", title=f"{BINS} bins a dimension")
empty.legend(frameon=False, loc="lower right", fontsize=9)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
