"""An autoencoder: a code of two numbers for each digit, and what comes of drawing codes at random.

Lectures: learning a representation by reconstruction; coding X -> Z and decoding Z -> X; "draw Z ~ N(mean,
covariance)". One sees the map of the codes (labels only colour it: training never saw them), reconstructions, and
samples from the Gaussian of the codes, of which some fall where no digit is coded.

    python examples/05_autoencoder.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from torch.nn.functional import pad

from saddlepoint import data, games, networks, optimizers, train

STEPS, RATE = 2500, 2e-3
torch.manual_seed(0)
digits = data.build("digits")
(own, y), held = digits.real(2000), digits.held_out()
x, new = digits.units.seen(own), digits.units.seen(held.x)
game = games.build("autoencoder", digits.spec, networks.build("mlp", width=128, depth=2), latent=2)
adam = {"autoencoder": optimizers.build("adam", lr=RATE, beta1=0.9)(game.players()[0].parameters())}
for step in islice(train(game, digits.batches(128), adam), STEPS):
    adam["autoencoder"].param_groups[0]["lr"] = RATE * (1 - step.index / STEPS)
codes, new_codes = game.requires_grad_(False).encode(x), game.encode(new)
again = game.decode(new_codes)
linear = PCA(2).fit(x.flatten(1))
flat = linear.transform(x.flatten(1)), linear.transform(new.flatten(1))
back = torch.from_numpy(linear.inverse_transform(flat[1])).view_as(new)
errors = [(new - each).flatten(1).square().sum(1).mean() for each in (again, back)]
reads = [KNeighborsClassifier(15).fit(seen, y).score(asked, held.y) for seen, asked in ((codes, new_codes), flat)]
print(f"squared error on held-out digits: autoencoder {errors[0]:.2f}, two principal components {errors[1]:.2f}")
print(f"held-out digits read from their 15 nearest codes: {reads[0]:.3f}, from principal components {reads[1]:.3f}")
figure = Figure(figsize=(13, 4.4), layout="constrained")
places, rebuilt, drawn = figure.subplots(1, 3, width_ratios=[1.35, 1, 1])
points = places.scatter(*codes.T, c=y, cmap="tab10", s=8, lw=0, vmin=-0.5, vmax=9.5)
places.set(xlabel="first number of the code", ylabel="second", title="codes of the training digits")
figure.colorbar(points, ax=places, ticks=range(10), label="digit")
places.scatter(*game.latents(64).T, marker="+", color="black", s=25, lw=0.8, label="codes drawn from a Gaussian")
places.legend(frameon=False, fontsize=9, loc="lower left")


def sheet(ax, images, title):
    page = pad(digits.units.own(images), (1, 1, 1, 1)).view(-1, 8, 10, 10).permute(0, 2, 1, 3).reshape(-1, 80)
    ax.imshow(page.numpy(), cmap="gray_r", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=10)


pairs = torch.stack([new[:32].unflatten(0, (4, 8)), again[:32].unflatten(0, (4, 8))], dim=1).flatten(0, 2)
sheet(rebuilt, pairs, "held-out digits, each above its reconstruction")
sheet(drawn, game.sample(64), "decoded from the Gaussian of the codes")
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
