"""pix2pix: pictures from their edges, where many answers are right.

Lectures: image-to-image translation. Shapes of any hue are to be made of their edges, which do not tell the hue. The
answer with the least absolute error is the median of all hues, grey; a discriminator that sees edges and picture has
never seen grey, and the generator must choose. One sees that at a glance; the error alone says the opposite.

    python examples/23_pix2pix.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import torch
from _pictures import PICTURE, decibels, for_nothing, shapes, sheet, taught
from matplotlib.figure import Figure

from saddlepoint import games, networks, objectives, regularizers, tasks
from saddlepoint.source import Drawn
from saddlepoint.task import Derived


def any_shape(n, source):
    kind, chance = torch.randint(3, (n,), generator=source), torch.rand(n, 4, generator=source)
    radius = 0.4 + 0.3 * chance[:, 0]
    return shapes(kind, (0.9 - radius[:, None]) * (2 * chance[:, 1:3] - 1), radius, chance[:, 3]), None


def colourful(x):
    """The greatest less the least channel within the shapes."""
    return (x.amax(1) - x.amin(1))[inside].mean().item()


drawn = Derived(Drawn(PICTURE, any_shape, identity={"source": "shapes"}), tasks.build("edges", PICTURE, share=0.2))
held = drawn.held_out().rows(slice(500))
inside = held.x.amin(1) < 0.2
objective = regularizers.build("r1", weight=2.0)(objectives.build("non_saturating"))
answers = for_nothing(drawn, held)
for name, weight in {"regression": 0.0, "pix2pix": 1.0}.items():
    torch.manual_seed(0)
    parts = objective, networks.build("unet", width=20, depth=3, field="16")
    game = games.build("pix2pix", drawn.spec, *parts, distance=4.0, adversarial=weight)
    answers[name] = taught(game, drawn, 16, 500)(held.y)
for name, x in {**answers, "truth": held.x}.items():
    print(f"{name}: L1 {(x - held.x).abs().mean():.3f}, {decibels(held.x, x):.1f} dB, colourfulness {colourful(x):.3f}")
rows = {"given": held.y, **{name: answers[name] for name in ("ridge", "regression", "pix2pix")}, "truth": held.x}
figure = Figure(figsize=(11, 4.2), layout="constrained")
sheet(figure.subplots(), {name: row[:13] for name, row in rows.items()})
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
