"""Two players: a generator and a discriminator on the ring, round by round.

Lectures: the counterfeiter and the police; the value function; alternating steps of both players on minibatches;
the expected output on a plane. One sees what the generator makes after a few rounds, the discriminator's opinion of
the plane (dark: real), and both losses: the discriminator's nears log 4 = 1.386, its loss when it can tell nothing.

    python examples/13_gan.py [OUT_FOLDER]
"""

import math
import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure

from saddlepoint import data, games, networks, objectives, optimizers, priors, train
from saddlepoint.metrics.modes import modes

INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
STEPS, RATE, SHOWN = 2500, 2e-3, (10, 100, 300, 1000, 2500)
torch.manual_seed(0)
ring = data.build("ring")
real = ring.real(1000).x
parts = objectives.build("non_saturating"), networks.build("mlp", width=128), priors.build("gaussian")
game = games.build("gan", ring.spec, *parts, latent=2)
adam = {player.name: optimizers.build("adam", lr=RATE)(player.parameters()) for player in game.players()}
figure = Figure(figsize=(13, 5.8), layout="constrained")
above, below = figure.subfigures(2, 1, height_ratios=[1, 0.9])
rounds = iter(above.subplots(1, len(SHOWN)))
axis = torch.linspace(-1.4, 1.4, 120)
places = torch.cartesian_prod(axis, axis)
curves = {"discriminator": [], "generator": []}
for step in islice(train(game, ring.batches(256), adam), STEPS):
    for name, optimizer in adam.items():
        optimizer.param_groups[0]["lr"] = RATE * min(1, 2 - 2 * step.index / STEPS)
        curves[name].append(step.losses[name].total.item())
    if step.index + 1 in SHOWN:
        fake = ring.units.own(game.sample(2500))
        found = modes(ring.means.numpy(), ring.std, fake.numpy())
        print(f"step {step.index + 1}: {found.covered} of 8 modes, high-quality share {found.quality:.3f}, ", end="")
        print(", ".join(f"{name} {sum(each[-50:]) / len(each[-50:]):.3f}" for name, each in curves.items()))
        with torch.no_grad():
            chance = game.discriminator(ring.units.seen(places)).sigmoid().view(120, 120).T
        ax = next(rounds)
        ax.imshow(chance.numpy(), origin="lower", extent=(-1.4, 1.4) * 2, cmap="Greys", vmin=0, vmax=1.4)
        ax.scatter(*real.T, s=3, color=ACCENT, lw=0)
        ax.scatter(*fake[:1000].T, s=3, color=INK, lw=0)
        ax.set(title=f"after {step.index + 1} steps", xticks=[], yticks=[], xlim=(-1.4, 1.4), ylim=(-1.4, 1.4))
losses = below.subplots()
for (name, curve), colour in zip(curves.items(), (ACCENT, INK), strict=True):
    losses.plot(range(10, STEPS - 9), torch.tensor(curve).unfold(0, 20, 1).mean(1), color=colour, lw=1, label=name)
losses.axhline(math.log(4), color=FAINT, lw=4, zorder=0, label="log 4 = 1.386")
losses.set(xlabel="step", ylabel="loss", ylim=(0.4, 1.6))
losses.legend(frameon=False, ncols=3, fontsize=9)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=90)
