"""InfoGAN: nobody tells the classes, the generator invents a code that can be read in its samples.

Lectures: InfoGAN among the variants of GANs. One sees the ring's eight modes coloured by an eight-valued code
that was found without labels, how well the code and the modes agree as training goes on, and what the reader Q makes
of real points it was never trained on. Codes are numbered by chance: agreement is of the best pairing with modes.

    python examples/17_infogan.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure

from saddlepoint import data, games, networks, objectives, optimizers, priors, train
from saddlepoint.metrics.code_agreement import code_agreement
from saddlepoint.metrics.code_purity import code_purity
from saddlepoint.metrics.modes import modes, nearest_mode

INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
STEPS, RATE = 1500, 2e-3
torch.manual_seed(0)
ring = data.build("ring")
means, real = ring.means.numpy(), ring.real(2000).x
parts = objectives.build("r3gan", weight=0.01), networks.build("mlp", width=128), priors.build("gaussian")
game = games.build("infogan", ring.spec, *parts, noise=2, codes=8, continuous=0)
adam = {player.name: optimizers.build("adam", lr=RATE)(player.parameters()) for player in game.players()}
drawn, looks = torch.arange(2000) % 8, []
for step in islice(train(game, ring.batches(256), adam), STEPS):
    for optimizer in adam.values():
        optimizer.param_groups[0]["lr"] = RATE * min(1, 2 - 2 * step.index / STEPS)
    if step.index % 100 == 99:
        fake = ring.units.own(game.decode(game.coded(game.latents(2000), drawn))).detach().numpy()
        group = nearest_mode(means, fake)
        found = modes(means, ring.std, fake)
        scores = code_purity(group, drawn.numpy()), code_agreement(group, drawn.numpy()), found.quality
        looks.append((step.index + 1, *scores))
        print("step {}: purity {:.3f}, agreement {:.3f}, high-quality share {:.3f}, ".format(*looks[-1]), end="")
        print(f"{found.covered} of 8 modes")
read = game.read(ring.units.seen(real))[0].argmax(1).numpy()
on_real = code_agreement(nearest_mode(means, real.numpy()), read)
print(f"codes that Q reads in real points agree with their modes: {on_real:.3f}")
figure = Figure(figsize=(13, 4.2), layout="constrained")
made, asked, curve = figure.subplots(1, 3)
for axes, points, codes, title in (
    (made, fake, drawn, "samples, coloured by their code"),
    (asked, real.numpy(), read, "real points, coloured as Q reads them"),
):
    axes.scatter(*points.T, c=codes, cmap="Dark2", s=14, lw=0, vmin=0, vmax=7)
    axes.set(aspect="equal", xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), title=title)
steps, *curves = zip(*looks, strict=True)
names = {"purity of codes": FAINT, "agreement, one code a mode": ACCENT, "high-quality share": INK}
for values, (name, colour) in zip(curves, names.items(), strict=True):
    curve.plot(steps, values, "o-", color=colour, label=name)
curve.set(xlabel="step", ylim=(0, 1.05), title="code and mode of the samples")
curve.legend(frameon=False, loc="center right", fontsize=9)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
