"""Flows: an invertible map between data and noise, and what each family of maps can bend.

Lectures: flows and their composition; sampling through the flow; the change of variables; "affine, elementwise,
splines"; "flows: example". One sees the density that each family fits to two moons, and its log-likelihood: an affine
map of a Gaussian stays a Gaussian, one number at a time cannot tie two numbers together, couplings can.

    python examples/07_flow.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure

from saddlepoint import data, games, optimizers, train

INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
STEPS, RATE = 500, 5e-3
moons = data.build("moons")
spec, held = moons.spec.unlabelled, moons.units.seen(moons.held_out().x)
own = moons.units.log_scale(spec.shape)
axes = torch.linspace(-1.5, 1.5, 200), torch.linspace(-1.1, 1.1, 150)
places = torch.cartesian_prod(*axes)
figure = Figure(figsize=(14, 4.6), layout="constrained")
above, below = figure.subplots(2, 4, sharex=True, sharey=True)
for column, family in enumerate(("affine", "elementwise", "coupling", "spline")):
    torch.manual_seed(0)
    game = games.build("flow", spec, family=family)
    adam = {"flow": optimizers.build("adam", lr=RATE, beta1=0.9)(game.players()[0].parameters())}
    for step in islice(train(game, moons.batches(256), adam), STEPS):
        adam["flow"].param_groups[0]["lr"] = RATE * (1 - step.index / STEPS)
    score = game.score(held).mean() - own
    back = (game.decode(game.encode(held)) - held).abs().max()
    total = game.score(places).exp().mean() * 3 * 2.2
    print(f"{family}: {score:.3f} nats a held-out point; there and back within {back:.1e}; ", end="")
    print(f"the density on the picture sums to {total:.3f}")
    density = game.score(places).exp().view(200, 150).T
    above[column].imshow(density.numpy(), origin="lower", extent=(-1.5, 1.5, -1.1, 1.1), cmap="Blues", vmax=1.6)
    above[column].set_title(f"{family}: {score:.3f} nats", fontsize=11)
    below[column].scatter(*held.T, s=2, color=FAINT, lw=0, label="real")
    below[column].scatter(*game.sample(1500).T, s=2, color=INK, lw=0, label="samples")
    below[column].set(aspect="equal", xlim=(-1.5, 1.5), ylim=(-1.1, 1.1))
below[0].legend(frameon=False, loc="upper right", fontsize=8, markerscale=4, handletextpad=0.1)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=75)
