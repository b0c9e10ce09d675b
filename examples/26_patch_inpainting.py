"""Patch-based inpainting: a network that is trained on holes, with a score for the whole and scores by place.

Lectures: "patch-based image inpainting with generative adversarial networks" (Demir & Unal). Textures of stripes have
a hole, whose stripes cannot all be known. One sees what regression makes of it, and what a generator makes before a
discriminator that scores the whole and its places by one trunk.

    python examples/26_patch_inpainting.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import torch
from _pictures import SIDE, decibels, for_nothing, sheet, taught
from matplotlib.figure import Figure

from saddlepoint import games, networks, objectives, regularizers, tasks
from saddlepoint.metrics.sharpness import sharpness
from saddlepoint.source import Drawn
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.task import Derived

SPEC = Spec((1, SIDE, SIDE), bounds=(-1.0, 1.0), units=IMAGE_UNITS)


def spots(n, source):
    """Random fields of blobs (n, 1, side, side): white noise, smoothed and hardened."""
    noise = torch.randn(n, 1, SIDE, SIDE, generator=source)
    wave = torch.fft.fftfreq(SIDE).square()
    radius = (wave[:, None] + wave).sqrt()
    keep = (-((radius - 0.12) / 0.03).square()).exp()
    field = torch.fft.ifft2(torch.fft.fft2(noise) * keep).real
    return (field / field.std((2, 3), keepdim=True) * 2).tanh() * 0.8, None


holed = Derived(Drawn(SPEC, spots, identity={"source": "spots"}), tasks.build("hole", SPEC))
held = holed.held_out().rows(slice(300))
objective = regularizers.build("r1", weight=1.0)(objectives.build("non_saturating"))
answers = for_nothing(holed, held)
for name in ("regression", "inpainting"):
    torch.manual_seed(0)
    parts = objective, networks.build("unet", width=24, depth=3, field="16")
    adversarial = {"adversarial": 0.0} if name == "regression" else {}
    game = games.build("inpainting" if name == "inpainting" else "pix2pix", holed.spec, *parts, distance=2.0, **adversarial)
    answers[name] = taught(game, holed, 16, 600)(held.y)
    import time; print(time.process_time())
hole = (..., slice(6, 18), slice(6, 18))
for name, x in {**answers, "truth": held.x}.items():
    print(f"{name}: {decibels(held.x[hole], x[hole]):.1f} dB in the hole, {sharpness(x[hole].numpy()):.3f} sharp")
rows = {"given": held.y[:, :1] * held.y[:, 1:], **{name: answers[name] for name in ("ridge", "regression", "inpainting")}, "truth": held.x}
figure = Figure(figsize=(11, 4.2), layout="constrained")
sheet(figure.subplots(), {name: row[:13] for name, row in rows.items()})
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
