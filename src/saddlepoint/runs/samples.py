"""Samples of a run, written to a file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from saddlepoint.data._labels import meant, named
from saddlepoint.errors import BadOption, BadRun, listed, unknown
from saddlepoint.forms import form_of
from saddlepoint.game import Samples, Translates, asks
from saddlepoint.latent._search import decoding
from saddlepoint.latent._truncation import truncated
from saddlepoint.latent.interpolate import between
from saddlepoint.machine import room
from saddlepoint.report.pictures import animation, image, picture
from saddlepoint.saved.model import Model, load
from saddlepoint.saved.storage import refuse_filled, replace, writing
from saddlepoint.seeds import seed_of
from saddlepoint.tabular.column import Column, Sheet

Writer = Callable[[Path, Model, Tensor, Tensor | None], None]


class Nearer(NamedTuple):
    """How near to the middle samples are to be, as `truncated` takes it; not said, as they come."""

    psi: float | None = None
    threshold: float | None = None

    def of(self, model: Model) -> Model:
        """The model whose samples are as near."""
        if self == _AS_THEY_COME:
            return model
        return truncated(model, psi=1.0 if self.psi is None else self.psi, threshold=self.threshold)


_AS_THEY_COME = Nearer()


def write_samples(
    run: str,
    n: int | None,
    label: str | None,
    seed: int,
    out: str,
    checkpoint: str = "best",
    *,
    given: str | None = None,
    trust: bool = False,
    nearer: Nearer = _AS_THEY_COME,
) -> None:
    """Write `n` samples of the model in folder `run`, of the class called or numbered `label`, to `out`.

    A number is a class's place, from 0, only where no class's name is a whole number. Without a label, a conditional
    model's classes are drawn in the data's own shares and written, by name, beside the samples. `given` is what a model
    that asks for something else is given (`Form.read`): of several samples are in turn, one of each if no n is told,
    which is 64 otherwise.
    The kind of file is told by its ending; raises `BadOption` for one that is not known, for an n below 1, for
    a label outside the classes, and where something must be given and is not, `BadRun` for a model whose samples are
    not finite.
    """
    write, walks = _writer(out), Path(out).suffix == ".gif"
    if n is not None and n < (2 if walks else 1):
        raise BadOption(f"-n: wanted at least {'2 samples' if walks else '1 sample'}, got {n}")
    model = nearer.of(load(run, checkpoint, trust=trust))
    told = _given(model, run, given)
    n = n or (len(told) if told is not None else _STOPS if walks else _USUAL)
    if (needed := 16 * n * (_FRAMES if walks else 1) * model.spec.size) > room.left():
        raise BadOption(f"-n: {n:,} samples take about {needed / 2**30:,.1f} GiB of memory; take fewer for each --seed")
    x, y = (_walked(model, n, label, seed), None) if walks else _made(model, n, label, seed, told)
    if bad := int((~x.flatten(1).isfinite().all(1)).sum()):
        raise BadRun(
            f"{run} at step {model.step}: {bad:,} of {len(x):,} samples hold NaN or infinite numbers; take an earlier "
            f"--checkpoint, and see with `saddle diagnose {run}` since when"
        )
    write(Path(out), model, x.cpu(), None if y is None else y.cpu())


def _writer(out: str) -> Writer:
    """What writes samples to a place of this name."""
    if out.endswith("/"):
        refuse_filled(out)
        return _folder
    write = _WRITERS.get(Path(out).suffix)
    if write is None:
        raise BadOption(f"-o {out}: wanted a file ending in {', '.join(_WRITERS)}, or a folder, ending in /")
    return lambda file, model, x, y: replace(file, lambda there: write(there, model, x, y))


# Samples; of a walk the stops, and the frames from one to the next.
_USUAL, _STOPS, _FRAMES = 64, 8, 12


def _made(model: Model, n: int, label: str | None, seed: int, given: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Samples, and their classes where they have some."""
    if label is not None:
        y = model.labels(n, _class_of(model, label))
        return model.sample(n, y, seed=seed), y
    if given is not None:
        return model.sample(n, given[torch.arange(n) % len(given)], seed=seed), None
    return model.mixed(n, seed=seed)


def _walked(model: Model, n: int, label: str | None, seed: int) -> Tensor:
    """A walk past `n` samples of one class and back to the first, (F, *shape)."""
    if not model.spec.is_image:
        raise BadOption("-o .gif: only pictures can be walked past; take .npy or .csv")
    game, classes = decoding(model), model.spec.classes
    if label is None and isinstance(game, Samples) and game.classes:
        raise BadOption(f"-o .gif: a walk stays within a class; say --label, one of {listed(classes)}")
    with torch.random.fork_rng():
        torch.manual_seed(seed_of(seed, "walk"))
        z = game.latents(n)
    ways = between(model, torch.cat([z, z[:1]]), None if label is None else _class_of(model, label), _FRAMES + 1)
    return ways.x[:, :-1].flatten(0, 1)


def _given(model: Model, run: str, told: str | None) -> Tensor | None:
    """What is given, as it was told, (N, ...) in own units; raises `BadOption` where it is wanted and not told."""
    game, spec = model.game, model.spec
    if isinstance(game, Translates):
        raise BadOption(f"{run} makes pictures from pictures: saddle translate {run} PICTURES -o FOLDER")
    if not asks(game) or spec.given is None:
        if told is not None:
            raise BadOption(f"--given: the samples of {run} are asked for by nothing but a label; leave it out")
        return None
    form = form_of(spec.given)
    if told is None:
        raise BadOption(f"the samples of {run} are asked for by what is given: say --given, {form.asked}")
    return form.read(told, spec.keeps)


def _class_of(model: Model, label: str) -> int:
    known = meant([label], model.spec.classes)
    if label not in known:
        raise BadOption(unknown("label", label, model.spec.classes))
    return known[label]


def _png(out: Path, model: Model, x: Tensor, y: Tensor | None) -> None:
    picture(out, x.numpy())


def _gif(out: Path, model: Model, x: Tensor, y: Tensor | None) -> None:
    animation(out, x.numpy())


def _folder(out: Path, model: Model, x: Tensor, y: Tensor | None) -> None:
    """A picture of each sample, in a folder of its class where there are classes, as they can be read again."""
    if not model.spec.is_image:
        raise BadOption(f"-o {out}/: only pictures go into a folder of files; take .npy or .csv")
    places = [out] if y is None else [out / name for name in folders_of(model.spec.classes)]
    digits = len(str(len(x) - 1))
    with writing(out):
        for place in places:
            place.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(x):
        place = places[0 if y is None else int(y[number])]
        replace(place / f"{number:0{digits}}.png", partial(image, x=one.numpy()))


def folders_of(classes: Sequence[str]) -> Sequence[str]:
    """What the classes' folders are called: as they are, or, where one is no name of a folder, by their places."""
    plain = all(Path(name).name == name and name not in (".", "..") and "\0" not in name for name in classes)
    return classes if plain else [str(place) for place in range(len(classes))]


def _npy(out: Path, model: Model, x: Tensor, y: Tensor | None) -> None:
    np.save(out, x.numpy())


def _npz(out: Path, model: Model, x: Tensor, y: Tensor | None) -> None:
    if y is None:
        np.savez(out, x=x.numpy())
    else:
        np.savez(out, x=x.numpy(), y=np.array(named(model.spec.classes))[y.numpy()])


def _csv(out: Path, model: Model, x: Tensor, y: Tensor | None) -> None:
    sheet, table = model.units.sheet or Sheet(), _written(model.units.columns, x.flatten(1))
    if y is not None:
        name = sheet.label or next(name for name in ("label", "label_", "class") if name not in table)
        place = sheet.place if sheet.label else len(table)
        columns = [*table.items()]
        columns.insert(place, (name, [model.spec.classes[c] for c in y.tolist()]))
        table = dict(columns)
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=sheet.delimiter)
        writer.writerow("" if name in sheet.unnamed else name for name in table)
        writer.writerows(zip(*table.values(), strict=True))


def _written(columns: Sequence[Column], x: Tensor) -> dict[str, list[str]]:
    """The cells of each column of samples (N, columns), as the data's own file has them."""
    if not columns:
        return {f"x{i}": list(map(str, values)) for i, values in enumerate(x.numpy().T)}
    table = {}
    for column, values in zip(columns, x.T, strict=True):
        if column.of is None:
            number, table[column.name] = column, [column.cell(value) for value in values.tolist()]
        else:
            cells = zip(values.tolist(), table[number.name], strict=True)
            table[number.name] = [cell if flag == 0 else number.missing or "" for flag, cell in cells]
    return table


_WRITERS: dict[str, Writer] = {
    ".png": _png,
    ".gif": _gif,
    ".npz": _npz,
    ".npy": _npy,
    ".csv": _csv,
}
