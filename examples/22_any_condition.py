"""The condition may be anything: digits asked for by a class, by numbers, by words.

Lectures: conditional GANs; "y could be any kind of auxiliary information, such as class labels or data from other
modalities". One game is given a class; two numbers, as they were measured in real digits; three words, of which two
say the same and one the class. One sees its answers; printed is how well they are those asked for.

    python examples/22_any_condition.py [OUT_FOLDER]
"""

import sys
from pathlib import Path

import torch
from _pictures import sheet, taught
from matplotlib.figure import Figure

from saddlepoint import data, games, networks, objectives, priors, regularizers
from saddlepoint.classifier import Classifier
from saddlepoint.source import Stored
from saddlepoint.spec import Spec

WORDS = "pale", "bold", "upright", "leaning", *"0123456789"
torch.manual_seed(0)
real, held = (digits := data.build("digits")).real(2000), digits.held_out()
reader = Classifier.fit(real.x.numpy(), real.y.numpy(), 10, steps=400)
objective = regularizers.build("r1", weight=1.0)(objectives.build("non_saturating"))
parts = objective, networks.build("mlp", width=128), priors.build("gaussian")


def measured(x):
    """The ink of digits (N, 1, 8, 8), and how far the upper half stands right of the lower: about 0 in the middle."""
    upper, lower = ((half.sum(2) * torch.arange(8)).sum(2) / half.sum((2, 3)).clamp_min(1e-3) for half in x.split(4, 2))
    return torch.cat([20 * x.mean((2, 3)) - 6, upper - lower], dim=1)


def worded(x, y):
    return torch.cat([(measured(x) > 0) + torch.tensor([0, 2]), torch.as_tensor(y)[:, None] + 4], dim=1)


def answering(y, **told):
    source = Stored(Spec((1, 8, 8), bounds=(-1.0, 1.0), units=digits.units, **told), digits.units.seen(real.x), y)
    return taught(games.build("gan", source.spec, *parts, latent=16), source, 64, 700)


by_class = answering(real.y, classes=digits.spec.classes, shares=digits.spec.shares)
print(f"a class: read as asked for {reader.accuracy(by_class(held.y).numpy(), held.y.numpy()):.3f}, by chance 0.1")
by_numbers, y = answering(measured(real.x), given=Spec((2,))), measured(held.x)
alike = (torch.corrcoef(torch.stack(pair))[0, 1].item() for pair in zip(measured(by_numbers(y)).T, y.T, strict=True))
print("two numbers: correlation with those measured {:.3f} (ink), {:.3f} (leaning), by chance 0".format(*alike))
by_words, y = answering(worded(*real), given=Spec((3,), words=WORDS)), worded(*held)
right = (worded(x := by_words(y), reader.predict(x.numpy())) == y).float().mean(0).tolist()
print("three words: read as asked for {:.3f}, {:.3f}, {:.3f}, by chance 0.5, 0.5, 0.1".format(*right))
classes, numbers, words = (figure := Figure(figsize=(13, 1.9), layout="constrained")).subplots(1, 3)
sheet(classes, {f"z$_{i}$": by_class(torch.arange(10)) for i in range(1, 5)}, "given a class")
asked = {f"ink {ink:g}": torch.tensor([[ink, lean / 3 - 1.5] for lean in range(10)]) for ink in (-1.5, -0.5, 0.5, 1.5)}
sheet(numbers, {name: by_numbers(y) for name, y in asked.items()}, "given numbers: ink, leaning (left to right)")
asked = {f"{WORDS[a]} {WORDS[b]}": torch.tensor([[a, b, c] for c in range(4, 14)]) for a in (0, 1) for b in (2, 3)}
sheet(words, {name: by_words(y) for name, y in asked.items()}, "given words, the third the class")
figure.savefig(Path(sys.argv[1] if len(sys.argv) > 1 else ".") / f"{Path(__file__).stem}.png", dpi=100)
