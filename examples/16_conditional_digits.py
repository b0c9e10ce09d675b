"""The class-conditional GAN: digits made to order.

Lectures: conditional GANs; the generator takes z and a one-hot label, the discriminator the sample and the same
label; "conditionally generated digit samples". One sees a row for each class and a column for each z: what stays the
same down a column is style. A classifier of real digits says how often the class that was asked for is read.

    python examples/16_conditional_digits.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch.nn.functional import pad

from saddlepoint import data, games, networks, objectives, optimizers, priors, regularizers, train
from saddlepoint.classifier import Classifier

INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
STEPS, RATE, COLUMNS = 1200, 1e-3, 12
torch.manual_seed(0)
digits = data.build("digits")
(x, y), held = digits.real(2000), digits.held_out()
objective = objectives.build("non_saturating")
for name, options in {"r1": {"weight": 1.0}, "r2": {"weight": 1.0}, "instance_noise": {"std": 0.05}}.items():
    objective = regularizers.build(name, **options)(objective)
game = games.build("gan", digits.spec, objective, networks.build("mlp", width=192), priors.build("gaussian"), latent=32)
adam = {player.name: optimizers.build("adam", lr=RATE)(player.parameters()) for player in game.players()}
reader = Classifier.fit(x.numpy(), y.numpy(), 10, steps=400)
asked = torch.arange(2000) % 10
looks = []
for step in islice(train(game, digits.batches(128), adam), STEPS):
    for optimizer in adam.values():
        optimizer.param_groups[0]["lr"] = RATE * min(1, 2 - 2 * step.index / STEPS)
    if step.index % 100 == 99:
        fake = digits.units.own(game.sample(2000, asked))
        looks.append((step.index + 1, reader.accuracy(fake.numpy(), asked.numpy())))
        print(f"step {looks[-1][0]}: read as the class asked for {looks[-1][1]:.3f}")
on_real = reader.accuracy(held.x.numpy(), held.y.numpy())
print(f"the classifier reads held-out real digits with {on_real:.3f}")
z = game.requires_grad_(False).latents(COLUMNS)
every = torch.arange(10).repeat_interleave(COLUMNS)
made = pad(digits.units.own(game.decode(z.repeat(10, 1), every)), (1, 1, 1, 1))
figure = Figure(figsize=(11, 4.6), layout="constrained")
sheet, curve = figure.subplots(1, 2, width_ratios=[1.2, 1])
sheet.imshow(made.view(10, COLUMNS, 10, 10).permute(0, 2, 1, 3).reshape(100, -1).numpy(), cmap="gray_r", vmin=0, vmax=1)
sheet.set(yticks=range(5, 100, 10), yticklabels=range(10), xticks=[], xlabel="the same z down each column")
sheet.set(ylabel="class asked for", title="samples")
curve.plot(*zip(*looks, strict=True), "o-", color=INK, label="samples, read as the class asked for")
curve.axhline(on_real, color=FAINT, lw=4, zorder=0, label="held-out real digits")
curve.set(xlabel="step", ylabel="share read rightly", title="judged by a classifier of real digits")
curve.legend(frameon=False, loc="lower right", fontsize=9)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
