"""CycleGAN: two sides without pairs, judged by a truth that it never sees, and a clip frame by frame.

Lectures: two generators, two discriminators, "reconstruction condition X -> Y -> X"; video to video. One side are
digits, the other the negatives of other digits. What a digit should become is known here, so that the error can be
drawn beside the cycle's. One sees two networks: one finds the negatives, the other something that leads back as well.

    python examples/27_cyclegan.py [OUT_FOLDER]
"""

import sys
from math import cos, sin
from pathlib import Path

import torch
from _pictures import learnt, sheet
from matplotlib.figure import Figure
from torch.nn.functional import affine_grid, grid_sample

from saddlepoint import data, games, networks, objectives, regularizers
from saddlepoint.runs.flicker import Flicker
from saddlepoint.source import Stored
from saddlepoint.spec import Spec

torch.manual_seed(0)
own, seen = (digits := data.build("digits")).units.own, digits.units.seen
x, held = seen(digits.real(2000).x), digits.held_out().x
label = torch.arange(len(x)) % 2
spec = Spec((1, 8, 8), ("digit", "negative"), (0.5, 0.5), bounds=(-1.0, 1.0), units=digits.units)
sides = Stored(spec, torch.where(label.view(-1, 1, 1, 1) == 0, x, -x), label)
objective = regularizers.build("r1", weight=1.0)(objectives.build("non_saturating"))
turns = torch.tensor([[[cos(a / 10), sin(a / 10), 0], [-sin(a / 10), cos(a / 10), 0]] for a in range(-6, 8)])
clip = grid_sample(held[5].expand(14, -1, -1, -1), affine_grid(turns, [14, 1, 8, 8], False), align_corners=False)


def made(x, k):
    return own(game.translate(seen(x), torch.full((len(x),), k)))


figure = Figure(figsize=(13, 4.4), layout="constrained")
print(f"the mean negative is wrong by {(own(-x.mean(0)) - (1 - held)).abs().mean():.3f}")
for added, (curve, still, moving) in enumerate(figure.subplots(2, 3, width_ratios=[0.8, 1.2, 1.2])):
    torch.manual_seed(0)
    unet, errors = networks.build("unet", width=24, depth=2, added=bool(added), field="16"), []
    game = games.build("cyclegan", spec, objective, unet)
    for step in learnt(game, sides.batches(32, even=True), 400, 1e-3):
        if step.index % 50 == 49:
            back = made(there := made(held, 1), 0)
            errors.append([(there - (1 - held)).abs().mean(), (back - held).abs().mean()])
    flicker, frames = Flicker(), made(clip, 1)
    for i in range(14):
        flicker.see(clip[i : i + 1], frames[i : i + 1])
    name = "added to what is given" if added else "made anew"
    print(f"{name}: wrong by {errors[-1][0]:.3f}, the cycle by {errors[-1][1]:.3f}; {flicker.told()}")
    curve.plot(range(50, 401, 50), errors, "o-", label=["error", "error of the cycle"])
    curve.set(ylim=(0, 0.5), xlabel="step", title=name)
    curve.legend(frameon=False, fontsize=9)
    sheet(still, {"given": held[:14], "made": there[:14], "back": back[:14], "truth": 1 - held[:14]}, "without pairs")
    sheet(moving, {"given": clip, "made": frames, "truth": 1 - clip}, "frame by frame")
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
