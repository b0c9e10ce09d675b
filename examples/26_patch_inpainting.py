"""Patch-based inpainting: a network that is trained on holes, with a score for the whole and scores by place.

Lectures: "patch-based image inpainting with generative adversarial networks" (Demir & Unal). Random stripes have a
hole in which they may go on in many ways. One sees what regression makes of it: grey where it cannot know; and what
a generator makes before a discriminator that scores the whole and its places by one trunk.

    python examples/26_patch_inpainting.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import torch
from _pictures import decibels, for_nothing, sheet, taught
from matplotlib.figure import Figure

from saddlepoint import games, networks, objectives, regularizers, tasks
from saddlepoint.metrics.sharpness import sharpness
from saddlepoint.source import Drawn
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.task import Derived

GREY = Spec((1, 24, 24), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
HOLE = (..., slice(6, 18), slice(6, 18))


def stripes(n, source):
    """White noise (n, 1, 24, 24) of which waves about six pixels long are left, hardened."""
    wave = torch.fft.fftfreq(24)
    left = (-((wave[:, None].hypot(wave) - 0.17) / 0.04).square()).exp()
    field = torch.fft.ifft2(torch.fft.fft2(torch.randn(n, 1, 24, 24, generator=source)) * left).real
    return (2 * field / field.std((2, 3), keepdim=True)).tanh() * 0.8, None


holed = Derived(Drawn(GREY, stripes, identity={"source": "stripes"}), tasks.build("hole", GREY))
held = holed.held_out().rows(slice(300))
objective = regularizers.build("r1", weight=1.0)(objectives.build("non_saturating"))
answers = for_nothing(holed, held)
for name, (game, options) in {
    "regression": ("pix2pix", {"adversarial": 0.0}),
    "inpainting": ("inpainting", {}),
}.items():
    torch.manual_seed(0)
    parts = objective, networks.build("unet", width=20, depth=3, field="16")
    answers[name] = taught(games.build(game, holed.spec, *parts, distance=1.0, **options), holed, 16, 400)(held.y)
for name, x in {**answers, "truth": held.x}.items():
    print(f"{name}: {decibels(held.x[HOLE], x[HOLE]):.1f} dB in the hole, sharpness {sharpness(x[HOLE].numpy()):.3f}")
rows = {"given": held.y[:, :1] * held.y[:, 1:], "ridge": answers["ridge"]}
rows |= {"regression": answers["regression"], "inpainting": answers["inpainting"], "truth": held.x}
figure = Figure(figsize=(11, 4.2), layout="constrained")
sheet(figure.subplots(), {name: row[:13] for name, row in rows.items()})
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
