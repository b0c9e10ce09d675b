"""Faces at another age: are they read as that age, are they as varied as faces, and do they keep who it is?

python benchmarks/ageing.py --out kept                        # 20 minutes for the generator, 5 for its encoder
python benchmarks/ageing.py --out kept --faces 20             # with what is there already, on fewer faces

The faces are UTKFace's at 64x64 (`age_gender_race_date.jpg` in a zip), in six groups of age. Of files with the same
content one stays, and none whose copies say different ages. An eighth is held out; nothing here learns from it.

`saddle train` has a generator ask for a group and an encoder find its latents; `relabel` takes held-out faces to each
group, with the decoder as it is and taught each face. Who judges was trained for this alone, on the training faces: a
reader of the group, whose accuracy on held-out faces is the most that can be asked (to be read better is a fault, too);
and an embedding in which a face is near its own mirrored, cropped and brightened self and far from others, which knows
no ages (Chen et al. 2020, SimCLR). Who a face is counts as kept where of all held-out faces the one that it was made of
is the nearest, or among the ten nearest. Beside stand real faces, and what copying training faces gets.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from picture_peers import trained
from record import keep
from torch import Tensor, nn
from torch.nn.functional import affine_grid, avg_pool2d, cross_entropy, grid_sample, normalize

from saddlepoint import load
from saddlepoint.classifier import Classifier
from saddlepoint.configuration.building import data_table, source_of
from saddlepoint.latent.relabel import relabel
from saddlepoint.metrics.density_coverage import density_coverage
from saddlepoint.metrics.precision_recall import precision_recall
from saddlepoint.report.pictures import sheet
from saddlepoint.saved.model import Model

GROUPS = {"00-18": 18, "19-29": 29, "30-39": 39, "40-49": 49, "50-59": 59, "60+": 200}
HELD, SHOWN, SAMPLES = 8, 12, 1200
# The embedding: its side, its batch, its steps, and the temperature of the contrast.
SIDE, BATCH, STEPS, TEMPERATURE = 32, 128, 600, 0.2

WAYS: dict[str, dict[str, Any]] = {
    "the decoder as it is": {"tuning": 0},
    "taught": {},
    "taught, free to forget the classes": {"change": 0.0},
    "taught, from the encoder": {},
}

Array = NDArray[np.floating]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data/utkface/utkface_64.zip")
    parser.add_argument("--out", required=True, help="where the faces, the runs and the sheets are kept")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--faces", type=int, default=100, help="held-out faces that are aged")
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    torch.set_num_threads(1)
    out = Path(told.out)
    if not (faces := out / "faces").exists():
        written(Path(told.data), faces)
    generator, encoder = runs(faces, out, told.minutes, told.seed)
    judged(faces, generator, encoder, told.faces, told.seed, out)


def written(file: Path, folder: Path) -> None:
    """The faces below `train/GROUP` and `test/GROUP`, each content once."""
    for place, (content, group) in enumerate(once(file)):
        into = folder / ("test" if place % HELD == 0 else "train") / group
        into.mkdir(parents=True, exist_ok=True)
        (into / f"{place:05}.jpg").write_bytes(content)


def once(file: Path) -> Iterator[tuple[bytes, str]]:
    """Each content and its group, in an order that has nothing to do with age; none that has two ages."""
    found: dict[bytes, set[str]] = defaultdict(set)
    with zipfile.ZipFile(file) as packed:
        for name in packed.namelist():
            if name.endswith(".jpg"):
                found[packed.read(name)].add(Path(name).name.split("_")[0])
    for content, ages in sorted(found.items(), key=lambda one: hashlib.sha256(one[0]).digest()):
        if len(ages) == 1:
            yield content, group_of(int(*ages))


def group_of(age: int) -> str:
    return next(group for group, most in GROUPS.items() if age <= most)


def runs(faces: Path, out: Path, minutes: float, seed: int) -> tuple[Path, Path]:
    """The generator's run and its encoder's, trained unless they are there."""
    generator, encoder = out / f"generator-{minutes:g}-{seed}", out / f"encoder-{minutes:g}-{seed}"
    if not generator.exists():
        trained(faces, generator, minutes, seed, [])
    if not encoder.exists():
        told = ["--game", "encoder", "--model", str(generator), "--seed", str(seed), "--run.threads", "1"]
        command = [sys.executable, "-m", "saddlepoint", "train", str(faces), *told, "--run.judge", "0"]
        subprocess.run([*command, "--minutes", str(minutes / 4), "--out", str(encoder)], check=True)
    return generator, encoder


def judged(faces: Path, generator: Path, encoder: Path, count: int, seed: int, out: Path) -> None:
    """Keep what real faces, samples and aged faces get."""
    source = source_of(data_table(str(faces), {}))
    known, held = source.real(source.size or 1), source.held_out()
    assert known.y is not None
    assert held is not None
    assert held.y is not None
    told = {"set": "faces", "seed": seed, "faces": count}
    reader = Classifier.fit(mirrored(known.x), known.y.repeat(2).numpy(), len(GROUPS), seed=seed)
    who = Identity(known.x, held.x, seed)
    everybody = torch.arange(len(held.x))
    keep("ageing", who="real faces", **told, **read(reader, held.x, held.y), **who.kept(changed(held.x), everybody))
    model = load(generator, "last")
    y = torch.arange(len(GROUPS)).repeat(SAMPLES // len(GROUPS))
    made = model.sample(len(y), y, seed=seed)
    keep("ageing", who="samples", **told, **read(reader, made, y), **near(reader, held.x, made))
    keep("ageing", who="training faces as samples", **told, **near(reader, held.x, known.x[:SAMPLES]))
    rows = torch.randperm(len(held.x), generator=torch.Generator().manual_seed(seed))[:count]
    keep("ageing", who="the faces as they are", **told, **near(reader, held.x, held.x[rows]))
    for way, options in WAYS.items():
        aged(
            way,
            load(encoder if "encoder" in way else generator, "last"),
            held.x[rows],
            rows,
            options,
            reader,
            who,
            told,
            out,
        )


def aged(
    way: str,
    model: Model,
    x: Tensor,
    rows: Tensor,
    options: Mapping[str, float],
    reader: Classifier,
    who: Identity,
    told: dict[str, Any],
    out: Path,
) -> None:
    """Keep what held-out faces get that were taken to each group, and show some of them."""
    found = relabel(model, x, **options)
    made, asked = torch.cat([*found.x.values()]), torch.arange(len(GROUPS)).repeat_interleave(len(x))
    moved = asked != found.y.repeat(len(GROUPS))
    error = {"error": round(float(found.errors.mean()), 4)}
    scores = read(reader, made, asked) | who.kept(made[moved], rows.repeat(len(GROUPS))[moved]) | error
    keep("ageing", who=f"aged: {way}", **told, **scores, **near(reader, who.held, *found.x.values()))
    shown = torch.stack([x, found.same, *found.x.values()], dim=1)[:SHOWN]
    sheet(
        out / f"aged-{way.replace(', ', '-').replace(' ', '-')}.png",
        shown.flatten(0, 1).numpy(),
        columns=shown.shape[1],
    )


def mirrored(x: Tensor) -> Array:
    return torch.cat([x, x.flip(3)]).numpy()


def read(reader: Classifier, x: Tensor, y: Tensor) -> dict[str, float]:
    """How often a face's group is read, and how often it or the one beside it."""
    found = torch.as_tensor(reader.probabilities(x.numpy())).argmax(1)
    apart = (found - y).abs()
    return {"read": share(apart == 0), "read within one": share(apart <= 1)}


def near(reader: Classifier, real: Tensor, *made: Tensor) -> dict[str, float]:
    """Precision, recall and coverage by the reader's features: means over several sets of faces."""
    known = reader.features(real.numpy())
    found: dict[str, list[float]] = defaultdict(list)
    for x in made:
        other = reader.features(x.numpy())
        scores = precision_recall(known, other)._asdict() | {"coverage": density_coverage(known, other).coverage}
        for name, value in scores.items():
            found[name].append(float(value))
    return {name: round(mean(values), 4) for name, values in found.items()}


def share(flags: Tensor) -> float:
    return round(float(flags.float().mean()), 4)


class Identity:
    """Who a face is, of all `held` faces (N, 3, H, W): by an embedding that was taught faces (M, 3, H, W)."""

    def __init__(self, faces: Tensor, held: Tensor, seed: int) -> None:
        self.held, self.network = held, embedding()
        torch.manual_seed(seed)
        adam = torch.optim.AdamW(self.network.parameters(), 2e-3, weight_decay=0.01)
        falling = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, STEPS)
        for _ in range(STEPS):
            batch = faces[torch.randint(len(faces), (BATCH,))]
            both = self.of(torch.cat([changed(batch), changed(batch)]))
            alike = (both @ both.T / TEMPERATURE).fill_diagonal_(-torch.inf)
            loss = cross_entropy(alike, torch.arange(2 * BATCH).roll(BATCH))
            adam.zero_grad()
            loss.backward()
            adam.step()
            falling.step()
        self.network.eval()
        with torch.no_grad():
            self.known = self.of(held)

    def of(self, x: Tensor) -> Tensor:
        """Embeddings (N, F) of length 1."""
        return normalize(self.network(avg_pool2d(x, x.shape[-1] // SIDE)))

    @torch.no_grad()
    def kept(self, x: Tensor, rows: Tensor) -> dict[str, float]:
        """How often the held face of `rows` (N,) is the nearest to x (N, 3, H, W), and how often of the ten nearest."""
        alike = self.of(x) @ self.known.T
        nearer = (alike > alike.gather(1, rows[:, None])).sum(1)
        return {
            "nearest": share(nearer == 0),
            "of ten nearest": share(nearer < 10),
            "likeness": round(float(alike.gather(1, rows[:, None]).mean()), 4),
        }


def embedding() -> nn.Sequential:
    """Four halvings of 32x32, and a hundred and twenty-eight numbers."""
    layers: list[nn.Module] = []
    for before, after in ((3, 32), (32, 64), (64, 128), (128, 256)):
        layers += [nn.Conv2d(before, after, 3, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(256 * (SIDE // 16) ** 2, 128))


def changed(x: Tensor) -> Tensor:
    """Faces in the mirror or not, cropped, and of another light and contrast."""
    size = len(x)
    zoom, where = 1 - 0.25 * torch.rand(size), 0.25 * (torch.rand(size, 2) - 0.5)
    ways = torch.zeros(size, 2, 3)
    ways[:, 0, 0], ways[:, 1, 1], ways[:, :, 2] = zoom * torch.randn(size).sign(), zoom, where
    x = grid_sample(
        x, affine_grid(ways, list(x.shape), align_corners=False), padding_mode="reflection", align_corners=False
    )
    middle = x.mean((1, 2, 3), keepdim=True)
    contrast, light, tint = (torch.rand(size, n, 1, 1) for n in (1, 1, 3))
    x = (x - middle) * (0.6 + 0.8 * contrast) + middle + 0.25 * (light - 0.5)
    return x * (1 + 0.15 * (tint - 0.5))


if __name__ == "__main__":
    main()
