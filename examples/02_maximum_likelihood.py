"""Maximum likelihood: one Gaussian, in closed form and by gradient descent, and a small Gaussian around each point.

Lectures: the argmax of the likelihood; its equivalence to KL(p_data | model); the sample mean as the estimate;
training by gradient descent. One sees that what the best likelihood misses of the entropy is the KL, that descent
finds what the formula gives, and where one Gaussian is the wrong family what its KL costs.

    python examples/02_maximum_likelihood.py [OUT_FOLDER]
"""

import math
import sys
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from saddlepoint import data, games, theory

INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
torch.manual_seed(0)
truth = theory.Gaussian(1.0, 0.7)
samples = np.random.default_rng(0).normal(*truth, size=2000)
closed, descended = theory.maximum_likelihood(samples), theory.descended_likelihood(samples)
print(f"closed form:      mean {closed.mean:.6f}, std {closed.std:.6f}")
print(f"gradient descent: mean {descended.mean:.6f}, std {descended.std:.6f}")

figure = Figure(figsize=(10, 4.2), layout="constrained")
costs, densities = figure.subplots(1, 2)
means = np.linspace(-1, 3, 201)
nll = np.array([theory.gaussian_nll(truth, theory.Gaussian(m, truth.std)) for m in means])
kl = np.array([theory.gaussian_kl([truth.mean], [truth.std**2], [m], [truth.std**2]) for m in means])
entropy = theory.gaussian_entropy(truth)
print(f"H = {entropy:.6f}; largest |NLL - H - KL| over {len(means)} models {np.abs(nll - entropy - kl).max():.1e}")
costs.plot(means, nll, color=INK, lw=2, label="NLL of N(m, 0.7$^2$)")
costs.plot(means, kl, color=ACCENT, lw=2, label="KL(p, N(m, 0.7$^2$))")
costs.axhline(entropy, color=FAINT, lw=4, zorder=0, label=f"entropy of p, {entropy:.3f}")
costs.plot(closed.mean, theory.gaussian_nll(truth, closed), "o", color=INK, label="the samples' mean")
costs.set(xlabel="m", ylabel="nats", title="p = N(1, 0.7$^2$): NLL = H + KL")
costs.legend(frameon=False, fontsize=9)

pair = data.build("mixture")
x, held = pair.units.seen(pair.real(2000).x), pair.units.seen(pair.real(10_000, seed=1).x)
line = torch.linspace(-4.5, 4.5, 400)[:, None]
own = math.log(pair.units.scale)
exact = np.exp([-((line - m) ** 2) / (2 * pair.std**2) for m in pair.means]).mean(0)[:, 0]
densities.fill_between(line[:, 0], exact / pair.std / math.sqrt(2 * math.pi), color=FAINT, lw=0, label="truth")
for name, colour in (("gaussian", ACCENT), ("kde", INK)):
    model = games.build(name, pair.spec)
    model.fit(x)
    score = (model.score(held) - own).mean()
    width = f", bandwidth {model.models[0].bandwidth * pair.units.scale:.3f}" if name == "kde" else ""
    print(f"{name}{width}: log-likelihood of new samples {score:.4f} nats")
    shown = (model.score(pair.units.seen(line)) - own).exp()
    densities.plot(line[:, 0], shown, color=colour, lw=2, label=f"{name}{width}: {score:.3f} nats")
densities.set(xlabel="x", ylabel="density", ylim=(0, 0.55), title="two Gaussians, 2,000 samples")
densities.legend(frameon=False, fontsize=9, loc="upper center")
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
