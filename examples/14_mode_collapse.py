"""Mode collapse, made on purpose, and what cures it.

Lectures: mode collapse; a generator that "could simply encourage P to concentrate on a single point". The
generator moves three times for each move of the discriminator: it runs to the point that scores best, and the
discriminator runs after it. One sees which cure helps here, and where a generator ends if the discriminator stands
still. Judging samples together helps, and so does letting the discriminator keep up; a penalty alone does not.

    python examples/14_mode_collapse.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure

from saddlepoint import data, games, networks, objectives, optimizers, priors, regularizers, train
from saddlepoint.metrics.modes import modes

INK, FAINT = "#1f4e79", "#c8c8c8"
STEPS, RATE = 600, 1e-3
ring = data.build("ring", std=0.05)
real, plain = ring.real(1000).x, objectives.build("non_saturating")
punished = regularizers.build("r1", weight=0.1)(plain)
CASES = {
    "as it is": (plain, {}, {}),
    "R1, weight 0.1": (punished, {}, {}),
    "batch statistics (std)": (plain, {"minibatch": "std"}, {}),
    "packs of 4": (plain, {}, {"pack": 4}),
    "3 discriminator steps": (plain, {}, {"discriminator_steps": 3}),
    "frozen discriminator": (punished, {}, {"generator_steps": 1}),
}
figure = Figure(figsize=(14, 3), layout="constrained")


def play(game, rates, steps):
    movers = {p.name: optimizers.build("adam", lr=rates[p.name], beta1=0.5)(p.parameters()) for p in game.players()}
    for step in islice(train(game, ring.batches(128), movers), steps):
        for name, mover in movers.items():
            mover.param_groups[0]["lr"] = rates[name] * min(1, 2 - 2 * step.index / steps)


for axes, (name, (objective, network, options)) in zip(figure.subplots(1, 6), CASES.items(), strict=True):
    torch.manual_seed(0)
    parts = objective, networks.build("mlp", width=128, **network), priors.build("gaussian")
    game = games.build("gan", ring.spec, *parts, latent=2, **{"generator_steps": 3, **options})
    if name == "frozen discriminator":
        play(game, {"discriminator": RATE, "generator": 0.0}, STEPS // 2)
    play(game, {"discriminator": 0.0 if name == "frozen discriminator" else RATE, "generator": RATE}, STEPS)
    x = ring.units.own(game.sample(2500))
    found = modes(ring.means.numpy(), ring.std, x.numpy())
    print(f"{name}: {found.fair} modes with a fifth of their share, ", end="")
    print(f"high-quality share {found.quality:.3f}; deviation of all samples {x.std(0).norm():.3f}")
    axes.scatter(*real.T, s=2, color=FAINT, lw=0)
    axes.scatter(*x.T, s=2, color=INK, lw=0)
    axes.set(aspect="equal", xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), xticks=[], yticks=[])
    axes.set_title(f"{name}\n{found.fair} of 8 modes", fontsize=10)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
