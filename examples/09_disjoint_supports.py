"""Why Wasserstein: where supports do not touch, KL and JS say nothing of how far apart they are.

Lectures: JS is not smooth, the Wasserstein distance is; earth mover's distance as a plan; its dual and the critic.
One sees JS and total variation jump where W1 is a slope one can walk down, the cheapest plan between two histograms,
and how close a trained critic comes: the difference of its mean scores is its estimate of W1.

    python examples/09_disjoint_supports.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from saddlepoint import theory

INK, ACCENT, FAINT = "#1f4e79", "#c0504d", "#c8c8c8"
figure = Figure(figsize=(13, 4.2), layout="constrained")
points, moving, critics = figure.subplots(1, 3)
theta = np.linspace(-2, 2, 401)
found = [theory.of_two_points(t) for t in theta]
points.plot(theta, [f.w1 for f in found], color=INK, lw=2, label="W1 = |theta|")
jumps = {"JS = log 2 (0 at 0)": ("-", "js"), "TV = 1 (0 at 0)": ("--", "total_variation")}
for label, (style, name) in jumps.items():
    values = [getattr(f, name) if t else np.nan for f, t in zip(found, theta, strict=True)]
    points.plot(theta, values, color=ACCENT, ls=style, lw=2, label=label)
points.plot(0, 0, "o", color=ACCENT)
points.set(xlabel="theta", ylabel="distance", ylim=(-0.1, 2.6), title="unit masses at 0 and theta (KL = infinity)")
points.legend(frameon=False, loc="upper center", ncols=1, fontsize=9)
for t in (0.0, 0.001, 1.0, 2.0):
    print(f"theta {t:g}: {theory.of_two_points(t)}")

places = np.arange(10.0)
p, q = (np.exp(-((places - m) ** 2) / s) for m, s in ((2.0, 2.0), (6.5, 5.0)))
p, q = p / p.sum(), q / q.sum()
plan, prices = theory.primal(p, q, theory.distances(places)), theory.dual(p, q, theory.distances(places))
print(f"plan {plan.cost:.12f}, prices {prices.value:.12f}, difference {abs(plan.cost - prices.value):.1e}")
shades = LinearSegmentedColormap.from_list("mass", ["white", INK])
image = moving.imshow(plan.moved.T, origin="lower", cmap=shades)
moving.plot(places, places, color=ACCENT, ls="--", lw=1, label="what stays where it is")
moving.set(xlabel="from place", ylabel="to place", title=f"a cheapest plan costs W1 = {plan.cost:.3f}")
moving.legend(frameon=False, loc="lower right", fontsize=9)
figure.colorbar(image, ax=moving, label="mass moved", shrink=0.85)
rng = np.random.default_rng(0)
found = []
for shift in (0.5, 1.0, 2.0, 3.0):
    real, fake = rng.normal(size=500), rng.normal(size=500) + shift
    critic = theory.critic_estimate(real, fake)
    found.append((theory.w1_of_samples(real, fake), critic.difference, critic.bound))
    print("shift {}: exact {:.4f}, critic {:.4f}, at slope 1 {:.4f}".format(shift, *found[-1]))
exact, differences, bounds = zip(*found, strict=True)
critics.plot([0, 3.3], [0, 3.3], color=FAINT, lw=6, label="exact")
critics.plot(exact, differences, "o", color=INK, label="critic's difference of means")
critics.plot(exact, bounds, "v", color=ACCENT, label="divided by its steepest slope")
critics.set(xlabel="exact W1 of the samples", ylabel="estimate", title="a trained critic")
critics.legend(frameon=False, loc="upper left", fontsize=9)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=110)
