"""Whose job is easier, the generator's or the discriminator's?

Lectures: the first question for self-study. One sees how many steps a fresh discriminator needs to tell real
digits from those of a generator that stands still, for generators trained for longer and longer. Telling apart is
learnt in tens of steps; to make that hard takes the generator many hundreds.

    python examples/19_whose_job_is_easier.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure

from saddlepoint import data, games, networks, objectives, optimizers, priors, regularizers, train

INK, FAINT = "#1f4e79", "#c8c8c8"
RATE, AGES, LONGEST, EVERY = 1e-3, (0, 100, 300, 1000, 2000), 200, 5
digits = data.build("digits")
spec, held = digits.spec.unlabelled, digits.units.seen(digits.held_out().x)


def built():
    objective = regularizers.build("r1", weight=1.0)(objectives.build("non_saturating"))
    return games.build("gan", spec, objective, networks.build("mlp", width=128), priors.build("gaussian"), latent=32)


def fresh_accuracy(generator):
    game = built()
    game.generator.load_state_dict(generator)
    moved = {"discriminator": optimizers.build("adam", lr=RATE)(game.discriminator.parameters())}
    moved["generator"] = optimizers.build("sgd", lr=0.0)(game.generator.parameters())
    found = []
    for _ in islice(train(game, digits.batches(128), moved), 0, LONGEST, EVERY):
        fake = game.generator(game.latents(len(held)))
        right = torch.cat([game.discriminator(held) > 0, game.discriminator(fake) <= 0])
        found.append(right.float().mean().item())
    return found


torch.manual_seed(0)
game = built()
adam = {player.name: optimizers.build("adam", lr=RATE)(player.parameters()) for player in game.players()}
curves = {0: fresh_accuracy(game.generator.state_dict())}
for step in islice(train(game, digits.batches(128), adam), max(AGES)):
    if step.index + 1 in AGES:
        curves[step.index + 1] = fresh_accuracy(game.generator.state_dict())
learning = (figure := Figure(figsize=(7.5, 4.2), layout="constrained")).subplots()
moves = range(1, LONGEST + 1, EVERY)
for (age, curve), shade in zip(curves.items(), (0.2, 0.4, 0.55, 0.75, 1.0), strict=True):
    first = next((move for move, accuracy in zip(moves, curve, strict=True) if accuracy >= 0.95), "more than 200")
    print(f"generator of {age} steps: 0.95 after {first} steps, {curve[-1]:.3f} after {moves[-1]}")
    learning.plot(moves, curve, color=INK, alpha=shade, lw=2, label=f"generator of {age} steps")
learning.axhline(0.95, color=FAINT, lw=4, zorder=0)
learning.set(xlabel="steps of a new discriminator", ylabel="accuracy, real against fake, generator frozen")
learning.legend(frameon=False, loc="lower right", fontsize=9)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
