"""A trained model, loaded from its run folder alone: no data, no optimiser, no pickled code."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import torch
from torch import Tensor

from saddlepoint.conditional import Density
from saddlepoint.configuration.building import game_of
from saddlepoint.errors import BadOption, BadRun, shown
from saddlepoint.game import Decodes, Encodes, Game, Samples, Scores, Translates, asks
from saddlepoint.saved.checkpoint import Checkpoint
from saddlepoint.saved.folder import RunFolder
from saddlepoint.seeds import seed_of
from saddlepoint.source import Source
from saddlepoint.spec import Spec, Units
from saddlepoint.training.state import unpack_game


class Model:
    """A trained game that samples in the data's own units: images as floats in [0, 1], tables and toys as given.

    `spec` says what a sample is, `step` how long the game was trained.
    """

    def __init__(self, game: Game, spec: Spec, step: int) -> None:
        self.game, self.spec, self.step = game, spec, step

    @property
    def units(self) -> Units:
        """The way to the data's own units."""
        return self.spec.units

    @classmethod
    def of(cls, game: Game, source: Source, step: int = 0) -> Model:
        """A copy of a game in training as a model: its averaged weights where it has an average, ready to sample."""
        return settled(deepcopy(game), source.spec, step)

    def sample(self, n: int, y: Wanted | None = None, *, seed: int | None = None) -> Tensor:
        """`n` samples (n, *shape) in own units, of class `y`, of classes `y` (n,), or of the data's own mix.

        Of a model whose samples are asked for by something else, `y` is what is given, (n, *given.shape) in its own
        units. With a `seed` the same samples come each time, the first ones of many are those of few, and torch's
        random state is left as it was. Raises `BadOption` for labels outside the classes, and for what is given in
        another shape.
        """
        if not isinstance(self.game, Samples):
            raise BadRun(f"a {type(self.game).__name__} cannot sample")
        asked = self.asked(n, y)
        parts = _few_of(n, self.spec.size) if self._translates else _parts_of(n)
        with self._seeded(seed):
            made = [self.units.own(self._whole(self.game, rows, asked)) for rows in parts]
        return torch.cat([self._none, *made])[:n]

    def translate(self, x: Tensor, y: int | Tensor | None = None, *, seed: int | None = None) -> Tensor:
        """What pictures x (N, ...) in own units become: (N, *shape), in own units.

        Of a model that is given pictures, x is what is given. Of one between two classes, x are samples of one, and the
        answers are of class `y`, one or (N,), the second if not said. Raises `BadRun` for a model that does neither.
        """
        takes = self.takes
        if not isinstance(self.game, Translates):
            return self.sample(len(x), x, seed=seed)
        wanted = torch.as_tensor(1 if y is None else y).long().expand(len(x))
        seen = self._seen(x, takes, "samples")
        with self._seeded(seed):
            parts = [slice(rows.start, rows.stop) for rows in _few_of(len(x), self.spec.size)]
            made = [self.game.translate(seen[p], wanted[p].to(self.game.device)) for p in parts]
            return torch.cat([self._none, *map(self.units.own, made)])

    @property
    def takes(self) -> Spec:
        """What `translate` takes; raises `BadRun` for a model that turns no pictures into others."""
        if isinstance(self.game, Translates):
            return self.spec.unasked
        if self._translates:
            assert self.spec.given is not None
            return self.spec.given
        raise BadRun(
            f"a {type(self.game).__name__} turns no pictures into others; pix2pix, cyclegan, cut and unit do "
            "(`saddle list games`)"
        )

    @contextmanager
    def _seeded(self, seed: int | None) -> Iterator[None]:
        with torch.random.fork_rng(enabled=seed is not None), torch.no_grad():
            if seed is not None:
                torch.manual_seed(seed_of(seed, "sample"))
            yield

    @property
    def _translates(self) -> bool:
        """Whether samples are made of pictures that are given."""
        return asks(self.game) and bool(self.spec.given and self.spec.given.is_image)

    @property
    def _none(self) -> Tensor:
        """No sample, in own units."""
        return self.units.own(torch.zeros(0, *self.spec.shape, device=self.game.device))

    def asked(self, n: int, y: Wanted | None) -> Tensor | None:
        """What `n` samples are asked for by, as networks see it: labels (n,), what is given, or nothing."""
        return self.given(n, y) if asks(self.game) else self.labels(n, y)

    def given(self, n: int, y: Wanted | None) -> Tensor:
        """What is given, `y` in its own units, as networks see it: (n, *given.shape).

        Raises `BadOption` where it is missing, of another shape, or not finite.
        """
        assert self.spec.given is not None
        if y is None:
            raise BadOption(f"samples of this model are asked for by what is given, {_x(self.spec.given.shape)} each")
        given = torch.as_tensor(y)
        seen = (
            given.long().to(self.game.device) if self.spec.given.words else self._seen(given, self.spec.given, "given")
        )
        if len(seen) != n:
            raise BadOption(f"wanted {n} given, one for each sample, got {len(seen)}")
        return seen

    def seen(self, x: Tensor) -> Tensor:
        """Samples x (N, *shape) in own units as networks see them; raises `BadOption` for others."""
        return self._seen(x, self.spec, "samples")

    def _seen(self, own: Tensor, spec: Spec, what: str) -> Tensor:
        wanted = (len(spec.units.columns),) if spec.units.columns else spec.shape
        if tuple(own.shape[1:]) != wanted or not own.isfinite().all():
            got = _x(tuple(own.shape[1:])) if tuple(own.shape[1:]) != wanted else "numbers that are not finite"
            raise BadOption(f"{what}: wanted {_x(wanted)} each, got {got}")
        return self.game.placed(spec.units.seen(own))

    def _whole(self, game: Samples, rows: range, labels: Tensor | None) -> Tensor:
        """All samples of a part; what is beyond the labels that were asked for takes the last one."""
        if labels is None:
            return game.sample(len(rows))
        places = torch.arange(rows.start, rows.stop, device=labels.device).clamp(max=len(labels) - 1)
        return game.sample(len(rows), labels[places])

    def mixed(self, n: int, *, seed: int) -> tuple[Tensor, Tensor | None]:
        """`n` samples (n, *shape) in own units with labels (n,) in the data's own shares; None without classes."""
        if not isinstance(self.game, Samples) or not self.game.classes:
            return self.sample(n, seed=seed), None
        # Of whole parts: what is drawn for one sample may depend on the labels of the others.
        source, shares = torch.Generator().manual_seed(seed_of(seed, "labels")), torch.tensor(self.spec.shares)
        sizes = [len(rows) for rows in _parts_of(n)]
        y = torch.cat([torch.multinomial(shares, size, replacement=True, generator=source) for size in sizes])
        return self.sample(len(y), y, seed=seed)[:n], y[:n]

    def decode(self, z: Tensor, y: Wanted | None = None) -> Tensor:
        """Samples (B, *shape) in own units from latents z (B, latent), of classes `y` or given `y` as in `sample`."""
        if not isinstance(self.game, Decodes):
            raise BadRun(f"a {type(self.game).__name__} cannot decode latents")
        asked = self.asked(len(z), y)
        with torch.no_grad():
            parts = [
                self.units.own(self.game.decode(z[start : start + _PART], _rows(asked, start)))
                for start in range(0, len(z), _PART)
            ]
        return torch.cat([self._none, *parts])

    def encode(self, x: Tensor, y: Wanted | None = None) -> Tensor:
        """Latents (N, latent) of samples x (N, *shape) in own units, of classes `y` or given `y` as in `sample`."""
        game = self.game
        if not isinstance(game, Encodes):
            raise BadRun(f"a {type(game).__name__} encodes no samples; encoder, vae, autoencoder and flow do")
        seen, asked = self.seen(x), self.asked(len(x), y)
        with torch.no_grad():
            parts = enumerate(seen.split(_PART))
            return torch.cat([game.encode(part, _rows(asked, number * _PART)) for number, part in parts])

    def score(self, x: Tensor, y: int | Sequence[int] | Tensor | None = None) -> Tensor:
        """log p(x), or of classes `y` log p(x | y), in nats (N,), of samples x (N, *shape) in own units.

        Raises `BadRun` for a model that knows no density.
        """
        game = self.game
        if not isinstance(game, Scores):
            raise BadRun(f"a {type(game).__name__} knows no density; flows, VAEs and baselines such as kde do")
        labels = self.labels(len(x), y)
        parts = [game.score(part, _rows(labels, start)) for start, part in self._parts(x)]
        return torch.cat(parts) - self.units.log_scale(self.spec.shape)

    def joint(self, x: Tensor) -> Tensor:
        """log p(x, y) in nats (N, classes) of samples x (N, *shape) in own units: its greatest entry classifies.

        Raises `BadRun` for a model without a density for each class.
        """
        game = self.game
        if not isinstance(game, Density) or not game.classes:
            raise BadRun(f"a {type(game).__name__} has no density for each class and cannot classify")
        return torch.cat([game.joint(part) for _, part in self._parts(x)]) - self.units.log_scale(self.spec.shape)

    def _parts(self, x: Tensor) -> Iterator[tuple[int, Tensor]]:
        with torch.no_grad():
            for start in range(0, len(x), _PART):
                yield start, self.game.placed(self.units.seen(x[start : start + _PART]))

    def labels(self, n: int, y: int | Sequence[int] | Tensor | None) -> Tensor | None:
        """`y` as labels (n,), checked against the classes."""
        if y is None:
            return None
        labels = torch.as_tensor(y).long().to(self.game.device)
        labels = labels.expand(n) if labels.dim() == 0 else labels
        known = self.game.classes if isinstance(self.game, Samples) else 0
        if labels.shape != (n,) or not known or labels.min() < 0 or labels.max() >= known:
            names = enumerate(self.spec.classes[:known])
            classes = ", ".join(f"{i} ({name})" for i, name in names) or "none (it was trained without)"
            got = sorted(set(labels.tolist()))
            raise BadOption(f"wanted {n} labels among the classes {classes}; got {len(labels)}: {got[:5]}")
        return labels

    def state_dict(self) -> Mapping[str, Tensor]:
        """Every weight of the game, the averaged ones where there is an average."""
        return self.game.state_dict()


_PART, _LEAST_PART, _AT_ONCE = 1024, 64, 2**18
Wanted = int | Sequence[int] | Tensor


def _few_of(n: int, size: int) -> Iterator[range]:
    """Parts of at most so many samples of `size` numbers as a translator turns at once."""
    most = max(1, _AT_ONCE // size)
    return (range(start, min(start + most, n)) for start in range(0, n, most))


def _x(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def _parts_of(n: int) -> Iterator[range]:
    """Parts of a fixed sequence that hold the first `n` samples: 64, 64, 128, 256, 512, and from then on 1,024 each.

    What is drawn for a part depends on its size, so that it must not depend on how many samples are wanted; a million
    need no more memory than the first thousand.
    """
    start, size = 0, _LEAST_PART
    while start < n:
        yield range(start, start + size)
        start, size = start + size, min(start + size, _PART)


def _rows(labels: Tensor | None, start: int) -> Tensor | None:
    return None if labels is None else labels[start : start + _PART]


def load(folder: str | Path, checkpoint: int | str = "best", *, trust: bool = False, game: Game | None = None) -> Model:
    """The trained model in a run folder, with averaged weights.

    It is at the `checkpoint` that is told: "best", which the watchdog found (the last where it found none), "last", or
    a step. Nothing that the folder holds is executed; one that names code of somebody's own, by import path, is refused
    unless you `trust` it. A run of a game that was made in
    Python wants such a `game` again, to put the weights into. Raises `BadRun` where it cannot be read.
    """
    run = RunFolder(folder)
    run.config()
    found = checkpoint_of(run, checkpoint)
    spec = spec_of(run)
    if game is None:
        game = game_of(run.trusted(found.config, trust=trust), spec)
    unpack_game(found.tensors, game)
    return settled(game, spec, found.step)


def checkpoint_of(run: RunFolder, checkpoint: int | str) -> Checkpoint:
    """The checkpoint called "best", "last" or by its step; raises `BadOption` for another name."""
    if checkpoint in ("best", "last"):
        return (run.best(_warn) if checkpoint == "best" else None) or run.newest(_warn)
    if re.fullmatch("[0-9]{1,15}", str(checkpoint)):
        return run.at(int(checkpoint))
    raise BadOption(f"checkpoint: wanted best, last or a step, got {checkpoint!r}")


def spec_of(run: RunFolder) -> Spec:
    """What a run's samples are; raises `BadRun` where its folder does not say so."""
    data = run.table("data")
    try:
        spec = Spec.from_dict(data["spec"], Units.from_dict(data["units"]))
        for one in (spec, spec.given):
            if one:
                _try(one)
        return spec
    except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError, re.error) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise BadRun(f"{run.path / 'data.json'} does not say what samples are: {reason}; put it back") from None


def _try(spec: Spec) -> None:
    """Bring a sample of zeros into its own units, and write it: what is wrong with them shows then."""
    units = spec.units
    own = units.own(torch.zeros(1, spec.size if units.columns else 1))
    if not own.isfinite().all():
        raise ValueError("its units lead to no numbers")
    for column, value in zip(units.columns, own.flatten().tolist(), strict=False):
        if not isinstance(column.name, str) or len(column.cell(value)) > _MOST_LETTERS:
            raise ValueError(f"column {column.name!r:.60} cannot be written")


_MOST_LETTERS = 10_000


def _warn(line: str) -> None:
    print(shown(f"saddle: {line}"), file=sys.stderr)


def settled(game: Game, spec: Spec, step: int) -> Model:
    """A game as a model: in evaluation mode, its moved networks holding their moving averages."""
    for player in game.players():
        for live, average in player.averages:
            live.load_state_dict(average.state_dict())
    return Model(game.eval(), spec, step)
