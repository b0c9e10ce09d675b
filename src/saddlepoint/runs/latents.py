"""What a run's latents are asked, answered in files: a picture for each, a sheet, and the latents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from saddlepoint import latent
from saddlepoint.data._holes import central, masked
from saddlepoint.data._labels import meant
from saddlepoint.data._shown import Picture, shown_at
from saddlepoint.errors import BadOption, BadRun, listed, unknown
from saddlepoint.judging.evidence import ModelEvidence
from saddlepoint.judging.named import Told as JudgedBy
from saddlepoint.judging.named import real_of
from saddlepoint.judging.records import judged
from saddlepoint.judging.reference import Reference
from saddlepoint.latent._found import Found
from saddlepoint.latent._laid import Laid
from saddlepoint.latent.curve import Curve
from saddlepoint.metrics.psnr import psnr
from saddlepoint.report.pictures import animation, curves, image, sheet
from saddlepoint.runs.samples import folders_of
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.log import line_of
from saddlepoint.saved.model import Model, load
from saddlepoint.saved.storage import refuse_filled, replace, writing

_MOST_ROWS = 32


@dataclass(frozen=True)
class Told:
    """The pictures' paths, the mask's path or "centre", the class's name, and which model."""

    inputs: Sequence[str]
    mask: str | None = None
    label: str | None = None
    checkpoint: str = "best"
    trust: bool = False


def write_latent(run: str, verb: str, told: Told, options: Mapping[str, Any], out: str) -> Iterator[str]:
    """Do `verb` with the model in the folder `run`, write what is found into the folder `out`, and say it in lines.

    Raises `BadOption` for a folder that holds something, `BadRun` for a model that makes no pictures or has no latents.
    """
    entry = latent.shelf.entry(verb)
    options = entry.complete(options, latent.shelf.kind)
    folder = refuse_filled(out)
    _refuse_more(f"saddle latent {run} {verb}", entry.parts, told)
    asked = _Asked(run, load(run, told.checkpoint, trust=told.trust), told)
    if "x" in entry.parts and "mask" not in entry.parts and bool((asked.known == 0).any()):
        raise BadOption(f"saddle latent {run} {verb}: wanted pictures without holes, got some; `invert` fills them")
    found = latent.build(verb, *(_PARTS[part](asked) for part in entry.parts), **options)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if isinstance(found, Curve):
        _write_curve(folder, found)
        yield from _rows(found)
    elif isinstance(found, Laid):
        _write_laid(folder, asked.model, found)
        yield from found.names
    else:
        _write(folder, asked, found)
        yield from _lines(asked, found)


def _refuse_more(command: str, parts: Sequence[str], told: Told) -> None:
    """Raises `BadOption` for pictures, or holes in them, where a verb takes none, and for none where it takes some."""
    if "x" in parts and not told.inputs:
        raise BadOption(f"{command}: wanted pictures, folders of them or a .npy, got none")
    if "x" not in parts and told.inputs:
        raise BadOption(f"{command} takes no pictures, got {listed(told.inputs)}; leave them out")
    if "x" not in parts and told.mask:
        raise BadOption(f"{command} takes no pictures and has no holes to fill; leave out --mask and --hole")


@dataclass(frozen=True)
class _Asked:
    """What can be had of a run, its model and what was told."""

    run: str
    model: Model
    told: Told

    @cached_property
    def pictures(self) -> list[Picture]:
        if not self.model.spec.is_image:
            raise BadRun("this model makes no pictures; from Python, `saddlepoint.latent` takes its vectors")
        return shown_at(self.told.inputs, self.model.spec.shape)

    @cached_property
    def x(self) -> Tensor:
        return torch.stack([picture.x for picture in self.pictures])

    @cached_property
    def known(self) -> Tensor:
        """1 where pictures are known, 0 in holes, (N, 1, H, W)."""
        opaque, told = torch.stack([picture.opaque for picture in self.pictures]), self.told.mask
        if told is None:
            return opaque
        sides = (opaque.shape[2], opaque.shape[3])
        return opaque * (central(sides) if told == "centre" else masked(told, sides))

    @cached_property
    def truth(self) -> Tensor:
        """Whether it is known what a picture is like in its hole, (N,)."""
        return torch.stack([picture.opaque.amin() > 0 for picture in self.pictures])

    def judge(self, model: Model) -> dict[str, float]:
        """How near a model's samples are to the run's data and how many of it they cover, and what real data gets."""
        reference, seed = self._real
        records = judged(ModelEvidence(reference, model, seed=seed), _NEAR_AND_FULL)
        scores = {record["metric"].rpartition(".")[2]: record for record in records}
        real = {f"real {name}": record["floor"] for name, record in scores.items()}
        return {name: record["value"] for name, record in scores.items()} | real

    @cached_property
    def _real(self) -> tuple[Reference, int]:
        told = JudgedBy(checkpoint=self.told.checkpoint, trust=self.told.trust)
        return real_of(RunFolder(self.run), self.model, told)

    @property
    def label(self) -> int | None:
        classes = self.model.spec.classes
        if self.told.label is None:
            return None
        known = meant([self.told.label], classes)
        if self.told.label not in known:
            raise BadOption(unknown("label", self.told.label, classes))
        return known[self.told.label]


_PARTS: dict[str, Callable[[_Asked], Any]] = {
    "model": lambda asked: asked.model,
    "x": lambda asked: asked.x,
    "mask": lambda asked: asked.known,
    "y": lambda asked: asked.label,
    "judge": lambda asked: asked.judge,
}
_NEAR_AND_FULL = ("precision_recall", "density_coverage")


def _write(folder: Path, asked: _Asked, found: Found) -> None:
    classes = asked.model.spec.classes
    folders = dict(zip(classes, folders_of(classes), strict=True))
    for name, made in found.kept().items():
        within = folder / folders.get(name, "")
        within.mkdir(exist_ok=True)
        for picture, x in zip(asked.pictures, made.cpu(), strict=True):
            replace(within / f"{picture.name}.png", partial(image, x=x.numpy()))
    replace(folder / "z.npy", lambda file: np.save(file, found.z.cpu().numpy()))
    columns = torch.stack(_columns(asked, found), dim=1)[:_MOST_ROWS]
    replace(folder / "sheet.png", lambda file: sheet(file, columns.flatten(0, 1).numpy(), columns=columns.shape[1]))


def _write_laid(folder: Path, model: Model, found: Laid) -> None:
    """The latents and the samples as arrays; of images a sheet too, and where rows are ways an animation of all."""
    x = found.x.cpu()
    for name, values in (("z", found.z.cpu()), ("x", x)):
        replace(folder / f"{name}.npy", lambda file, values=values: np.save(file, values.numpy()))  # type: ignore[misc]
    if not model.spec.is_image:
        return
    replace(folder / "sheet.png", lambda file: sheet(file, x.flatten(0, 1).numpy(), columns=x.shape[1]))
    if found.moves:
        # The rows beside each other, each frame a column of them.
        frames = torch.cat([*x], dim=3)
        replace(folder / "ways.gif", lambda file: animation(file, frames.numpy()))


def _write_curve(folder: Path, found: Curve) -> None:
    """The scores by psi, as JSON lines and as a picture."""
    lines = [line_of({"psi": psi, **scores}) for psi, scores in zip(found.psi, found.scores, strict=True)]
    replace(folder / "curve.jsonl", partial(Path.write_text, data="".join(lines), encoding="utf-8"))
    names = [name for name in found.scores[0] if not name.startswith("real ")]
    lines_of = {name: [scores[name] for scores in found.scores] for name in names}
    real = {name: found.scores[0][f"real {name}"] for name in names}
    replace(folder / "curve.png", lambda file: curves(file, found.psi, lines_of, real, along="psi"))


def _rows(found: Curve) -> Iterator[str]:
    for psi, scores in zip(found.psi, found.scores, strict=True):
        yield _line(f"psi {psi:g}", {name: value for name, value in scores.items() if not name.startswith("real ")})
    yield _line("real data", {n.removeprefix("real "): v for n, v in found.scores[0].items() if n.startswith("real ")})


def _columns(asked: _Asked, found: Found) -> list[Tensor]:
    """What is given, what is made of it and, where it is known of all, the truth."""
    holed = bool((asked.known == 0).any())
    given = asked.x * asked.known + 0.5 * (1 - asked.known)
    truth = [asked.x] if holed and bool(asked.truth.all()) else []
    return [given, *(x.cpu() for x in found.shown().values()), *truth]


def _lines(asked: _Asked, found: Found) -> Iterator[str]:
    """A line for each picture and, of several, one for their means."""
    figures = {name: values.cpu().tolist() for name, values in found.figures().items()}
    figures |= _decibels(asked, found) if found.remakes else {}
    for row, picture in enumerate(asked.pictures):
        yield _line(picture.name, {name: values[row] for name, values in figures.items()})
    if len(asked.pictures) > 1:
        means = {name: [value for value in values if value is not None] for name, values in figures.items()}
        yield _line(f"mean of {len(asked.pictures)}", {name: sum(v) / len(v) for name, v in means.items() if v})


def _line(name: str, figures: Mapping[str, float | None]) -> str:
    said = [f"{figure} {value:.4g}" for figure, value in figures.items() if value is not None]
    return "  ".join([f"{name:<24}", *said])


def _decibels(asked: _Asked, found: Found) -> dict[str, list[float | None]]:
    """The peak signal-to-noise ratio of each picture within its hole, or of all of one without; None where unknown."""
    made = list(found.shown().values())[-1].cpu()
    within: list[float | None] = [None] * len(made)
    whole = list(within)
    for row in asked.truth.nonzero()[:, 0].tolist():
        hole = (asked.known[row] == 0).expand_as(made[row])
        where, values = (hole, within) if bool(hole.any()) else (~hole, whole)
        values[row] = float(psnr(*(one[row][where].view(1, 1, 1, -1).numpy() for one in (asked.x, made))))
    return {"psnr in the hole": within, "psnr": whole}
