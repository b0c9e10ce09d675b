"""A Gaussian to be learnt from noise of three kinds: what happens to its tails.

Lectures: a Gaussian target, small probabilities in the tails, and noise sources as an important choice. One sees
quantiles of a trained generator beside the target's N(4, 1.5^2), in the target's standard deviations. A network is
continuous, so bounded noise gives bounded samples, and heavy-tailed noise gives some far too far; and a network
may flatten a tail of any noise that it rarely sees. An affine generator of Gaussian noise can be exact: the control.

    python examples/12_gaussian_target.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure

from saddlepoint import Spec, networks, objectives, optimizers, priors, regularizers, train
from saddlepoint.adversarial import GAN
from saddlepoint.architecture import Discriminator, Generator
from saddlepoint.theory import gaussian, tail_report

MEAN, STD, RATE, STEPS, COUNT = 4.0, 1.5, 5e-3, 2500, 100_000
INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
CASES = {"uniform": 2, "gaussian": 2, "student_t": 2, "gaussian, affine generator": 0}
figure = Figure(figsize=(13, 4.2), layout="constrained")
real = gaussian(MEAN, STD)
objective = regularizers.build("r1", weight=0.1)(objectives.build("non_saturating"))
for axes, (name, depth) in zip(figure.subplots(1, 4, sharey=True), CASES.items(), strict=True):
    torch.manual_seed(0)
    upwards, downwards = networks.build("mlp", width=32, depth=depth), networks.build("mlp", width=32, depth=2)
    spec = Spec((1,))
    game = GAN(
        Generator(upwards, spec, 1),
        Discriminator(downwards, spec),
        objective,
        priors.build(name.split(",")[0]),
        latent=1,
    )
    adam = {p.name: optimizers.build("adam", lr=RATE)(p.parameters()) for p in game.players()}
    for step in islice(train(game, lambda index: {"x": real(256)}, adam), STEPS):
        for optimizer in adam.values():
            optimizer.param_groups[0]["lr"] = RATE * (1 - step.index / STEPS)
    report = tail_report(game.sample(COUNT)[:, 0].numpy(), MEAN, STD)
    shares = ", ".join(f"{b:.5f} ({t:.5f})" for b, t in zip(report.beyond, report.truth, strict=True))
    print(f"{name}: beyond 2, 3, 4 deviations (truth) {shares}; farthest {report.farthest:.1f}; ", end="")
    print(f"KS {report.ks:.3f}, W1 {report.w1:.3f}")
    axes.plot([-6, 6], [-6, 6], color=FAINT, lw=6, label=f"truth: {report.truth[1]:.2%}, {report.truth[2]:.3%}")
    axes.legend(frameon=False, loc="upper left", fontsize=9)
    axes.plot(*report.quantiles.T, color=ACCENT if name == "uniform" else INK, lw=2)
    axes.set(xlim=(-4.5, 4.5), ylim=(-8, 8), xlabel="quantile of the target")
    axes.set_title(f"{name}\nbeyond 3: {report.beyond[1]:.2%}, beyond 4: {report.beyond[2]:.3%}", fontsize=10)
figure.axes[0].set_ylabel("quantile of the samples, in deviations")
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=110)
