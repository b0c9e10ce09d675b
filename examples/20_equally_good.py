"""Must the generator and the discriminator be equally good?

Lectures: the second question for self-study; "choose the number of alternating steps carefully". One sees three
losses at five generator steps for one of the discriminator, one for one, five for one and twenty for one, and one
loss against narrow and wide discriminators: all for 1,600 moves altogether, whoever makes them.

    python examples/20_equally_good.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure

from saddlepoint import data, games, networks, objectives, optimizers, priors, train
from saddlepoint.architecture import Discriminator
from saddlepoint.metrics.modes import modes

STYLES = {"minimax": ("#c0504d", "s--"), "non_saturating": ("#1f4e79", "o-"), "wgan_gp": ("#808080", "^:")}
MOVES, RATE = 1600, 1e-3
RATIOS = {"1 : 5": (1, 5), "1 : 1": (1, 1), "5 : 1": (5, 1), "20 : 1": (20, 1)}
ring = data.build("ring", std=0.05)


def played(objective, ours, theirs, width=64):
    torch.manual_seed(0)
    parts = objective, networks.build("mlp", width=64, depth=2), priors.build("gaussian")
    game = games.build("gan", ring.spec, *parts, latent=2, discriminator_steps=ours, generator_steps=theirs)
    game.discriminator = Discriminator(networks.build("mlp", width=width, depth=2), ring.spec)
    adam = {player.name: optimizers.build("adam", lr=RATE)(player.parameters()) for player in game.players()}
    rounds = MOVES // (ours + theirs)
    for step in islice(train(game, ring.batches(128), adam), rounds):
        for optimizer in adam.values():
            optimizer.param_groups[0]["lr"] = RATE * min(1, 2 - 2 * step.index / rounds)
    return modes(ring.means.numpy(), ring.std, ring.units.own(game.sample(2500)).numpy())


covered, quality, sizes = (figure := Figure(figsize=(13, 4.2), layout="constrained")).subplots(1, 3)
for name, (colour, style) in STYLES.items():
    objective = objectives.build(name, **({"weight": 0.1} if name == "wgan_gp" else {}))
    found = [played(objective, *steps) for steps in RATIOS.values()]
    for ratio, each in zip(RATIOS, found, strict=True):
        print(f"{name}, {ratio}: {each.fair} of 8 modes with a fifth of their share, quality {each.quality:.3f}")
    for axes, label in ((covered, "fair"), (quality, "quality")):
        axes.plot(list(RATIOS), [getattr(each, label) for each in found], style, color=colour, lw=2, label=name)
covered.set(xlabel="discriminator : generator steps", ylim=(-0.3, 8.3), title="modes with a fifth of their share")
quality.set(xlabel="discriminator : generator steps", ylim=(-0.03, 1), title="within 3 deviations of a mode")
covered.legend(frameon=False, fontsize=9)
found = {str(width): played(objectives.build("non_saturating"), 1, 1, width) for width in (4, 16, 64, 256)}
for width, each in found.items():
    print(f"discriminator {width} wide, generator 64: {each.fair} of 8 modes, quality {each.quality:.3f}")
sizes.plot(list(found), [each.fair / 8 for each in found.values()], "o-", color="#1f4e79", label="modes / 8")
sizes.plot(list(found), [each.quality for each in found.values()], "s--", color="#1f4e79", label="quality")
sizes.set(xlabel="width of the discriminator (generator: 64)", ylim=(-0.03, 1.03), title="non_saturating, 1 : 1")
sizes.legend(frameon=False, fontsize=9)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
