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
one, two, y = order[0::2], order[1::2], again.y[order[0::2]]
middles = {"latents": model.decode((again.z[one] + again.z[two]) / 2, y), "pixels": (again.x[one] + again.x[two]) / 2}
for name, x in {**middles, "nothing: other real digits": real}.items():
    far = torch.cdist(x.flatten(1), seen.flatten(1)).amin(1).mean()
    print(f"half way between two of a class through {name}: {far:.2f} from the nearest training digit")
holes, ways = (figure := Figure(figsize=(13, 2.8), layout="constrained")).subplots(1, 2)
rows = {"given": held.y, "found": filled.x, "filled": filled.filled, "ridge": nothing["ridge"], "truth": real}
sheet(holes, {name: (row[:, :1] * row[:, 1:] if name == "given" else row)[:14] for name, row in rows.items()}, "holes filled")
share, rows = torch.linspace(0, 1, 14)[:, None], {}
for i in (5, 20, 35):
    rows[f"latents {i}"] = model.decode((1 - share) * again.z[one[i]] + share * again.z[two[i]], y[i].expand(14))
    rows[f"pixels {i}"] = (1 - share[..., None, None]) * again.x[one[i]] + share[..., None, None] * again.x[two[i]]
sheet(ways, rows, "from one digit to another")
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
