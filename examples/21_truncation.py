"""What is truncation, and what does it trade?

Lectures: the third question for self-study, fidelity against diversity. A trained conditional generator of digits
gets latents that are drawn again until they lie near 0. One sees samples become more typical and more alike: read
as the class asked for more often, while they spread less and lie near fewer of the real digits.

    python examples/21_truncation.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch.nn.functional import pad

from saddlepoint import data, games, networks, objectives, optimizers, priors, regularizers, train
from saddlepoint.classifier import Classifier

LABELS = {"#1f4e79": "read as asked for", "#c0504d": "spread / truth", "#808080": "coverage"}
SHOWN = 0.3, 1.0, 3.0
STEPS, RATE, THRESHOLDS = 900, 1e-3, (0.1, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
torch.manual_seed(0)
digits = data.build("digits")
x, y = digits.real(2000)
objective = regularizers.build("r1", weight=1.0)(objectives.build("non_saturating"))
parts = regularizers.build("r2", weight=1.0)(objective), networks.build("mlp", width=192), priors.build("gaussian")
game = games.build("gan", digits.spec, *parts, latent=32)
adam = {player.name: optimizers.build("adam", lr=RATE)(player.parameters()) for player in game.players()}
for step in islice(train(game, digits.batches(128), adam), STEPS):
    for optimizer in adam.values():
        optimizer.param_groups[0]["lr"] = RATE * min(1, 2 - 2 * step.index / STEPS)
game.requires_grad_(False)
reader = Classifier.fit(x.numpy(), y.numpy(), 10, steps=400)
flat = x.flatten(1)
radius = torch.cdist(flat, flat).kthvalue(6, dim=1).values


*sheets, curves = (figure := Figure(figsize=(13, 4), layout="constrained")).subplots(1, 4, width_ratios=[1, 1, 1, 1.8])
found, sheets = [], iter(sheets)
for threshold in THRESHOLDS:
    torch.manual_seed(1)
    z = priors.build("truncated", threshold=threshold)(len(y), 32, game.device)
    fake = digits.units.own(game.decode(z, y))
    near = (torch.cdist(flat, fake.flatten(1)).amin(1) <= radius).float().mean().item()
    ours, truth = (sum(rows[y == c].var(0).sum() for c in range(10)) for rows in (fake.flatten(1), flat))
    found.append((reader.accuracy(fake.numpy(), y.numpy()), (ours / truth).sqrt().item(), near))
    print("|z| <= {}: read rightly {:.3f}, spread {:.3f} of the truth, coverage {:.3f}".format(threshold, *found[-1]))
    if threshold in SHOWN:
        axes, page = next(sheets), pad(digits.units.own(game.decode(z[:80], torch.arange(80) // 8)), (1, 1, 1, 1))
        axes.imshow(page.view(10, 8, 10, 10).permute(0, 2, 1, 3).reshape(100, 80).numpy(), cmap="gray_r", vmax=1)
        axes.set(xticks=[], yticks=[], title=f"each |z| <= {threshold:g}")
for values, (colour, label) in zip(zip(*found, strict=True), LABELS.items(), strict=True):
    curves.plot(THRESHOLDS, values, "o-", color=colour, label=label)
curves.set(xlabel="threshold", ylim=(0, 1.05), title="fidelity against diversity")
curves.legend(frameon=False, loc="lower right", fontsize=9)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
