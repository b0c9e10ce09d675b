"""Looking for pictures among latents: reconstruction, interpolation, and holes filled by a model that saw none.

Lectures: "generative modeling reveals a face" (Yeh et al.); "interpolation, reconstruction". Of all digits that a GAN
makes, the one is looked for that is nearest to a held-out digit, or to what is known of it. One sees what is found,
the way from one digit to the next through latents and through pixels, and holes filled, beside linear regression.

    python examples/25_semantic_inpainting.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import torch
from _pictures import decibels, for_nothing, learnt, sheet
from matplotlib.figure import Figure

from saddlepoint import data, games, networks, objectives, priors, regularizers, tasks
from saddlepoint.latent.invert import invert
from saddlepoint.metrics.sharpness import sharpness
from saddlepoint.saved.model import Model
from saddlepoint.task import Derived

torch.manual_seed(0)
digits = data.build("digits")
holed = Derived(digits, tasks.build("hole", digits.spec))
held = holed.held_out().rows(slice(100))
known, real = held.y[:1, -1:], held.x
objective = regularizers.build("r1", weight=3.0)(objectives.build("non_saturating"))
parts = objective, networks.build("mlp", width=192), priors.build("gaussian")
game = games.build("gan", digits.spec, *parts, latent=32)
for _ in learnt(game, digits.batches(64), 1500, 1e-3):
    pass
model = Model.of(game, digits)
again, filled = invert(model, real), invert(model, real, known)
nothing, seen = for_nothing(holed, held), digits.real(2000).x
near = seen[torch.cdist(real.flatten(1), seen.flatten(1)).argmin(1)]
print(f"reconstructed: {decibels(real, again.x):.1f} dB, the nearest training digit {decibels(real, near):.1f} dB")
hole = (..., slice(2, 6), slice(2, 6))
scores = {name: decibels(real[hole], x[hole]) for name, x in [*nothing.items(), ("found", filled.filled)]}
print("within the hole, dB:", ", ".join(f"{name} {value:.1f}" for name, value in scores.items()))
order = again.y.argsort()
one, two = order[:-1], order[1:]
far = (again.x[one] - again.x[two]).abs().flatten(1).sum(1) * (again.y[one] == again.y[two])
one, two = (side[far.topk(40).indices] for side in (one, two))
ways = []
for share in torch.linspace(0, 1, 13):
    between = model.decode((1 - share) * again.z[one] + share * again.z[two], again.y[one])
    ways.append(torch.stack([between, (1 - share) * again.x[one] + share * again.x[two]]))
ways = torch.stack(ways, dim=2)
sharp = [sharpness(x.numpy()) for x in (*ways[:, :, 6], again.x)]
print("sharpness half way by latents {:.3f}, by pixels {:.3f}, at the ends {:.3f}".format(*sharp))
holes, between = (figure := Figure(figsize=(13, 2.8), layout="constrained")).subplots(1, 2)
rows = {"given": held.y[:, :1] * held.y[:, 1:], "found": filled.x, "filled": filled.filled}
rows |= {"ridge": nothing["ridge"], "truth": real}
sheet(holes, {name: row[:14] for name, row in rows.items()}, "holes filled")
rows = {f"{name}{' ' * i}": ways[kind, i] for i in range(3) for kind, name in enumerate(("latents", "pixels"))}
sheet(between, rows, "from one digit to another of its class")
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
