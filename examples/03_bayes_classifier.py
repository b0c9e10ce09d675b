"""Two ways to a classifier: learn p(x | y) and turn it round by Bayes' rule, or learn p(y | x) alone.

Lectures: y* = argmax p(y | x), the Bayes classifier; discriminative against generative models. One sees both on
N(-1, 1) and N(1, 1), of which nobody can read more than 84.1 % rightly, and on handwritten digits, few and many.

    python examples/03_bayes_classifier.py [OUT_FOLDER]
"""

import sys
from itertools import islice
from pathlib import Path

import torch
from matplotlib.figure import Figure
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from saddlepoint import Spec, data, games, optimizers, train

INK, ACCENT, GREY, FAINT = "#1f4e79", "#c0504d", "#808080", "#c8c8c8"
torch.manual_seed(0)
pair = Spec((1,), ("left", "right"), (0.5, 0.5))


def logistic(x, y, new):
    return torch.from_numpy(LogisticRegression(max_iter=2000).fit(x.flatten(1), y).predict_log_proba(new.flatten(1)))


line, digit = (figure := Figure(figsize=(10, 4.2), layout="constrained")).subplots(1, 2)
labels = torch.randint(2, (200_500,))
x = torch.randn(len(labels), 1) + 2 * labels[:, None] - 1
few, axis = {"x": x[:500], "y": labels[:500]}, torch.linspace(-4, 4, 200)[:, None]
normal, flow = games.build("gaussian", pair), games.build("flow", pair, family="elementwise", transforms=1, width=8)
normal.fit(**few)
adam = {"flow": optimizers.build("adam", lr=2e-3, beta1=0.9)(flow.parameters())}
next(islice(train(flow, [few], adam), 150, None))
line.plot(axis, (2 * axis).sigmoid(), color=FAINT, lw=7, label=f"truth: error {norm.sf(1):.4f}")
kinds = (normal.posterior, "gaussian", INK, "-"), (flow.posterior, "flow", GREY, "--")
for posterior, name, colour, style in (*kinds, (lambda new: logistic(**few, new=new), "logistic", ACCENT, ":")):
    error = (posterior(x[500:]).argmax(1) != labels[500:]).float().mean()
    print(f"{name}: error {error:.4f}, Bayes error {norm.sf(1):.6f}")
    line.plot(axis, posterior(axis)[:, 1].exp(), color=colour, ls=style, lw=2, label=f"{name}: {error:.4f}")
line.set(xlabel="x", ylabel="p(right | x)", title="N(-1, 1) against N(1, 1)")
digits = data.build("digits")
(x, y), held = digits.real(2000), digits.held_out()
x, new = digits.units.seen(x), digits.units.seen(held.x)
found, counts = {"Gaussians, by Bayes' rule": [], "logistic regression": []}, [60, 120, 240, 480, 960, len(x)]
for count in counts:
    model = games.build("gaussian", digits.spec, floor=0.1)
    model.fit(x[:count], y[:count])
    for kept, chance in zip(found.values(), (model.posterior(new), logistic(x[:count], y[:count], new)), strict=True):
        kept.append((chance.argmax(1) == held.y).float().mean().item())
    print(f"digits, {count} samples: " + ", ".join(f"{name} {kept[-1]:.3f}" for name, kept in found.items()))
for (name, kept), colour in zip(found.items(), (INK, ACCENT), strict=True):
    digit.plot(counts, kept, "o-", color=colour, label=name)
digit.set(xlabel="training samples", ylabel="held-out digits read rightly", title="handwritten digits")
for ax, place in ((line, "upper left"), (digit, "lower right")):
    ax.legend(frameon=False, loc=place, fontsize=9)
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
