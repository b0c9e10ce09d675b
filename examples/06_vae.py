"""A variational autoencoder: the same two numbers for each digit, but now a model that can be sampled.

Lectures: P(x) = integral of P(x | z) P(z); the evidence lower bound, a reconstruction and a divergence; sampling
z, then x; the grid of decoded latents; "not sharp". One sees the bound's two terms settle, the plane of latents
decoded at z = (quantiles of a Gaussian), and how blurred means of p(x | z) are beside real digits.

    python examples/06_vae.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch.nn.functional import pad

from saddlepoint import data, games, networks, optimizers, train
from saddlepoint.metrics.sharpness import sharpness

INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
STEPS, RATE, SIDE = 3000, 2e-3, 12
torch.manual_seed(0)
digits = data.build("digits")
own, held = digits.real(2000).x, digits.held_out()
game = games.build("vae", digits.spec, networks.build("mlp", width=128, depth=2), latent=2, label="none")
adam = {"autoencoder": optimizers.build("adam", lr=RATE, beta1=0.9)(game.players()[0].parameters())}
curve = []
for step in islice(train(game, digits.batches(128), adam), STEPS):
    adam["autoencoder"].param_groups[0]["lr"] = RATE * (1 - step.index / STEPS)
    terms = step.losses["autoencoder"].terms
    curve.append([terms["reconstruction"].item(), terms["divergence"].item()])
reconstruction, divergence = torch.tensor(curve).unfold(0, 100, 20).mean(2).T
new = digits.units.seen(held.x)
bound = -torch.stack([game.loss({"x": new}, 0).total.detach() for _ in range(50)]).mean()
likelihood = torch.stack([game.score(part).mean() for part in new.split(71)]).mean()
print(f"last hundred steps: reconstruction {reconstruction[-1]:.2f}, divergence {divergence[-1]:.2f} nats")
print(f"held out: bound {bound:.2f} nats, log-likelihood of 50 importance samples {likelihood:.2f}: the bound is lower")
game.requires_grad_(False)
images = digits.units.seen(own), game.decode(game.encode(digits.units.seen(own))), game.sample(1000)
names = "real", "rebuilt", "sampled"
sharp = {name: sharpness(digits.units.own(x).numpy()) for name, x in zip(names, images, strict=True)}
print("mean absolute Laplacian: " + ", ".join(f"{name} {value:.3f}" for name, value in sharp.items()))

figure = Figure(figsize=(13, 4.4), layout="constrained")
terms, plane, blur = figure.subplots(1, 3, width_ratios=[1.1, 1, 0.7])
index = range(50, 50 + 20 * len(divergence), 20)
terms.plot(index, reconstruction, color=INK, label="reconstruction, -E log p(x | z)")
terms.plot(index, divergence, color=ACCENT, label="divergence, KL(q(z | x), p(z))")
terms.set(yscale="log", xlabel="step", ylabel="nats a digit", title="minus the bound is the sum of two terms")
terms.legend(frameon=False, fontsize=9)
u = torch.special.ndtri((torch.arange(SIDE) + 0.5) / SIDE)
z = torch.cartesian_prod(-u, u).flip(1)
page = pad(digits.units.own(game.decode(z)), (1, 1, 1, 1)).view(SIDE, SIDE, 10, 10).permute(0, 2, 1, 3)
plane.imshow(page.reshape(10 * SIDE, -1).numpy(), cmap="gray_r", vmin=0, vmax=1)
plane.set(title="the plane of latents, decoded", xticks=[], yticks=[], xlabel="quantiles of z$_1$", ylabel="of z$_2$")
blur.bar(list(sharp), list(sharp.values()), color=[FAINT, INK, ACCENT])
blur.set(ylabel="mean absolute Laplacian", title="sharpness")
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
