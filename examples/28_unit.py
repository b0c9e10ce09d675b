"""UNIT: two sides without pairs that share their latents.

Lectures: "unsupervised image-to-image translation, day to night" (Liu et al.). One side are digits by day, dark on
light, the other digits by night; no digit is shown as both. An encoder and a decoder for each side meet in the same
latents. One sees digits turned to night, and the way between two latents decoded by both: the same digits, twice.

    python examples/28_unit.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import torch
from _pictures import learnt, sheet
from matplotlib.figure import Figure
from torch.nn.functional import interpolate

from saddlepoint import data, games, networks, objectives, regularizers
from saddlepoint.source import Stored
from saddlepoint.spec import IMAGE_UNITS, Spec

STEPS, ROWS = 300, 14


def enlarged(x):
    return interpolate(x, (16, 16), mode="bicubic").clamp(0, 1) * 2 - 1


torch.manual_seed(0)
digits = data.build("digits")
x, held = enlarged(digits.real(2000).x), enlarged(digits.held_out().x)
spec = Spec((1, 16, 16), ("day", "night"), (0.5, 0.5), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
label = torch.arange(len(x)) % 2
sides = Stored(spec, torch.where(label.view(-1, 1, 1, 1) == 0, x, -x), label)
objective = regularizers.build("r1", weight=1.0)(objectives.build("non_saturating"))
network = networks.build("resnet", width=16, blocks=1, field="16", translator_norm="none")
game = games.build("unit", spec, objective, network, divergence=0.001)
for step in learnt(game, sides.batches(16, even=True), STEPS, 7e-4):
    if step.index % 100 == 99:
        night = game.translate(held, torch.ones(len(held), dtype=torch.long))
        day = game.translate(night, torch.zeros(len(held), dtype=torch.long))
        wrong, cycle = ((a - b).abs().mean() / 2 for a, b in ((night, -held), (day, held)))
        print(f"step {step.index + 1}: wrong by {wrong:.3f}, the cycle by {cycle:.3f}")
print(f"the mean digit by night is wrong by {(x.mean(0) - held).abs().mean() / 2:.3f}")
sides = game.average.requires_grad_(False)
z = [sides.encode(k, seen).flatten(1) for k, seen in ((0, held), (1, -held))]
apart = [(z[0] - other).norm(dim=1).mean() for other in (z[1], z[1].roll(1, 0))]
print(f"latents of a digit by day and by night are {apart[0]:.2f} apart, of two digits {apart[1]:.2f}")
z, share = sides.encode(0, held[:4]), torch.linspace(0, 1, ROWS).view(-1, 1, 1, 1)
own = IMAGE_UNITS.own
rows = {"by day": held, "night, made": night, "night, true": -held, "day again": day}
still, way = (figure := Figure(figsize=(13, 2.4), layout="constrained")).subplots(1, 2)
sheet(still, {name: own(row[:ROWS]) for name, row in rows.items()}, "without pairs")
rows = {}
for i in (0, 2):
    between = (1 - share) * z[i] + share * z[i + 1]
    rows |= {f"{name}{' ' * i}": own(sides.decode(k, between)) for k, name in enumerate(("as day", "as night"))}
sheet(way, rows, "between two latents, decoded by both sides")
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
