"""Noise of one piece cannot make data of eight: the bridges between modes, and two ways to be rid of them.

Lectures: "noise sources type important consideration"; the pushforward of a fixed prior. One sees the ring made
from connected noise, with samples on the way from mode to mode, and from noise in eight clusters. Then the samples
of the first generator again, each kept with a chance that grows with exp(score): discriminator rejection sampling.

    python examples/18_noise_sources.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure

from saddlepoint import data, games, networks, objectives, optimizers, priors, regularizers, train
from saddlepoint.metrics.modes import modes

INK, STEPS, RATE, COUNT = "#1f4e79", 1000, 4e-3, 10_000
ring = data.build("ring")
plain = objectives.build("non_saturating")
punished = regularizers.build("r1", weight=0.01)(plain)
panels = iter((figure := Figure(figsize=(13, 4.2), layout="constrained")).subplots(1, 4))


def show(name, x):
    found = modes(ring.means.numpy(), ring.std, x.numpy())
    far = (torch.cdist(x, ring.means).amin(1) > 10 * ring.std).float().mean()
    print(f"{name}: {found.covered} of 8 modes, within 3 deviations {found.quality:.3f}, farther than 10: {far:.4f}")
    ax = next(panels)
    ax.scatter(*x.T, s=1.5, color=INK, lw=0)
    ax.set(aspect="equal", xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), xticks=[], yticks=[], xlabel=f"between modes: {far:.2%}")
    ax.set_title(f"{name}\nwithin 3 deviations: {found.quality:.1%}", fontsize=10)


trained = {}
for name in ("uniform", "gaussian", "mixture"):
    torch.manual_seed(0)
    game = games.build("gan", ring.spec, punished, networks.build("mlp", width=128), priors.build(name), latent=2)
    adam = {player.name: optimizers.build("adam", lr=RATE)(player.parameters()) for player in game.players()}
    for step in islice(train(game, ring.batches(256), adam), STEPS):
        for optimizer in adam.values():
            optimizer.param_groups[0]["lr"] = RATE * min(1, 2 - 2 * step.index / STEPS)
    show(f"{name} noise", ring.units.own(game.sample(COUNT)))
    trained[name] = game
# The discriminator alone goes on without its penalty, against the generator that is sampled.
game = trained["gaussian"]
game.objective, stays = plain, optimizers.build("sgd", lr=0.0)(game.generator.parameters())
game.generator.load_state_dict(game.average.state_dict())
moves = optimizers.build("adam", lr=RATE / 4)(game.discriminator.parameters())
next(islice(train(game, ring.batches(256), {"generator": stays, "discriminator": moves}), 600, None))
fake = game.sample(4 * COUNT)
with torch.no_grad():
    score = game.discriminator(fake)
kept = fake[torch.rand(len(fake)).log() < score - score.quantile(0.99)]
print(f"rejection: kept {len(kept) / len(fake):.3f} of the samples")
show("gaussian noise, then rejection", ring.units.own(kept[:COUNT]))
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
