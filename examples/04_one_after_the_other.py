"""Models that make a sample one number at a time: a tree of tables, and a network that reads all before it.

Lectures: parametrising distributions by Bayes nets; autoregressive models; fully visible belief networks,
"typically slow". One sees what each makes of handwritten digits of 17 grey levels, how many bits a pixel held-out
digits cost, and that the density takes one pass where a sample takes as many as it has numbers.

    python examples/04_one_after_the_other.py [OUT_FOLDER]
"""

import math
import sys
import time
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch.nn.functional import pad

from saddlepoint import data, games, optimizers, train

STEPS, RATE, LEVELS = 800, 2e-3, 17
torch.manual_seed(0)
digits = data.build("digits")
x, held = digits.units.seen(digits.real(2000).x), digits.units.seen(digits.held_out().x)
unlabelled = digits.spec.unlabelled

tree = games.build("bayes_net", unlabelled, bins=LEVELS, count=0.1)
tree.fit(x)
networks = {depth: games.build("autoregressive", unlabelled, levels=LEVELS, depth=depth) for depth in (0, 2)}
for network in networks.values():
    adam = {"network": optimizers.build("adam", lr=RATE, beta1=0.9)(network.parameters())}
    for step in islice(train(network, digits.batches(128), adam), STEPS):
        adam["network"].param_groups[0]["lr"] = RATE * (1 - step.index / STEPS)
models = {"tree of tables": tree, "fully visible belief network": networks[0], "autoregressive": networks[2]}
figure = Figure(figsize=(13, 3.9), layout="constrained")
axes = figure.subplots(1, 4)


def sheet(ax, images, title):
    page = pad(digits.units.own(images), (1, 1, 1, 1)).view(-1, 8, 10, 10).permute(0, 2, 1, 3).reshape(-1, 80)
    ax.imshow(page.numpy(), cmap="gray_r", vmin=0, vmax=1)
    ax.set_title(title, fontsize=10)
    ax.set_axis_off()


sheet(axes[0], x[:64], "real")
for ax, (name, model) in zip(axes[1:], models.items(), strict=True):
    bits = [-(model.score(each).mean() / 64 + math.log(2 / LEVELS)) / math.log(2) for each in (x, held)]
    started = time.perf_counter()
    model.score(x[:1000])
    between = time.perf_counter()
    fake = model.sample(1000)
    scoring, sampling = between - started, time.perf_counter() - between
    print(f"{name}: bits a pixel {bits[0]:.3f}, held out {bits[1]:.3f}; ", end="")
    print(f"1,000 scored in {1000 * scoring:.0f} ms, drawn in {1000 * sampling:.0f} ms")
    sheet(ax, fake[:64], f"{name}\n{bits[1]:.2f} bits a pixel, held out")
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
