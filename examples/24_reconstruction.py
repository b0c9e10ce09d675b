"""Data reconstruction: photos from what is left of them.

Lectures: applications; "super-resolution, reconstruction", "colorization, super resolution, inpainting". A task makes
what is given of the samples themselves, so that photos alone are enough to learn from: here crops of one, judged on a
strip of it that is not in training. One sees what is given, linear regression, what was learnt, and the truth.

    python examples/24_reconstruction.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import torch
from _pictures import PICTURE, SIDE, decibels, for_nothing, sheet, taught
from matplotlib.figure import Figure
from sklearn.datasets import load_sample_images
from torch.nn.functional import avg_pool2d

from saddlepoint import games, networks, objectives, tasks
from saddlepoint.asking import Questions
from saddlepoint.source import Stored
from saddlepoint.task import Derived

TASKS = {
    "downscale": ({"by": 2}, networks.build("srresnet", width=24, blocks=2)),
    "grey": ({}, networks.build("unet", width=24, depth=2)),
    "hole": ({"where": "random", "share": 0.3}, networks.build("unet", width=24, depth=3)),
}
temple = avg_pool2d(torch.tensor(load_sample_images().images[0]).permute(2, 0, 1).float(), 3)
left, middle, right = (
    part.unfold(1, SIDE, 2).unfold(2, SIDE, 2).permute(1, 2, 0, 3, 4).flatten(0, 1).round().byte()
    for part in temple.split([80, 40, 93], dim=2)
)
torch.manual_seed(0)
crops = Stored(PICTURE, torch.cat([left, right]), held_x=middle[torch.randperm(len(middle))[:300]])
figure = Figure(figsize=(13, 2.4), layout="constrained")
for axes, (task, (options, network)) in zip(figure.subplots(1, 3), TASKS.items(), strict=True):
    torch.manual_seed(0)
    source = Derived(crops, tasks.build(task, PICTURE, **options))
    held = source.held_out()
    game = games.build(
        "pix2pix", source.spec, objectives.build("non_saturating"), network, distance=1.0, adversarial=0.0
    )
    answers = for_nothing(source, held)
    answers["learnt"] = taught(game, source, 16, 500)(held.y)
    print(f"{task}, dB:", ", ".join(f"{name} {decibels(held.x, answer):.2f}" for name, answer in answers.items()))
    rows = {"given": Questions(len(held.x), held.y).shown(source.spec), "ridge": answers["ridge"]}
    rows |= {"learnt": answers["learnt"], "truth": held.x}
    sheet(axes, {name: row[:8] for name, row in rows.items()}, task)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
