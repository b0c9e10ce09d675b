"""The loop: a generator of steps. What happens between steps is the caller's ordinary code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType

import torch
from torch import Tensor
from torch.optim import Optimizer

from saddlepoint.errors import BadOption, unknown
from saddlepoint.game import Game, Loss
from saddlepoint.seeds import seed_of
from saddlepoint.training.batches import Batches, drawing
from saddlepoint.training.moves import Mover, Rules
from saddlepoint.training.solvers import Solver, alternate


@dataclass(frozen=True)
class Step:
    """What one step did: each player's last `losses` and gradient `norms`, still on the device.

    `skipped` counts each player's moves so far that were left out, since their gradient was not finite; `parameters`
    are what each moves. `terms` are each player's terms as they were when last computed: now, or, of a lazy one, at the
    step at which it was last due.
    """

    index: int
    losses: Mapping[str, Loss]
    norms: Mapping[str, Tensor]
    skipped: Mapping[str, int | Tensor]
    parameters: Mapping[str, Sequence[Tensor]]
    terms: Mapping[str, Mapping[str, Tensor]]

    def scalars(self) -> dict[str, float]:
        """Every term, total, gradient norm and scalar that was seen as plain numbers; waits for the device, once.

        A total is what was minimised at this very step, without the lazy terms that were not due.
        """
        found = {f"{player}/{name}": v for player, terms in self.terms.items() for name, v in terms.items()}
        found |= {f"{player}/total": loss.total for player, loss in self.losses.items()}
        found |= {f"{player}/gradient": norm for player, norm in self.norms.items()}
        for player, loss in self.losses.items():
            found |= {f"{player}/{name}": v for name, v in loss.seen.items() if v.dim() == 0}
        if not found:
            return {}
        values = torch.stack([value.detach().float() for value in found.values()]).tolist()
        return dict(zip(found, values, strict=True))


def train(
    game: Game,
    batches: Batches,
    optimizers: Mapping[str, Optimizer],
    *,
    solver: Solver = alternate,
    seed: int = 0,
    start: int = 0,
    terms: Mapping[str, Mapping[str, Tensor]] = MappingProxyType({}),
    rules: Rules = Rules(),
) -> Iterator[Step]:
    """Play the game step by step, for ever: `for step in train(game, batches, optimizers): ...`.

    `batches` is a function from a draw's index to the batch, or any iterable of batches, such as a `DataLoader`,
    started again when it ends and never moved to `start`. A batch is a tensor x (B, ...), a pair x, y or a dict of
    tensors; it is moved to the game's device. `optimizers` has one for each player's name; `terms` are what each
    player's terms were when last computed before `start`. Step i depends on `seed`, i and the state alone: torch's
    random state on that device is set at its start, so what is drawn between steps changes nothing.

    Raises `BadOption` when a player has no optimiser and for batches that are none, `Diverged` after many moves without
    a finite gradient.
    """
    players = game.players()
    for name in {player.name for player in players} ^ set(optimizers):
        raise BadOption(unknown("player or its optimizer", name, sorted({p.name for p in players})))
    for network in (n for player in players for n in player.networks):
        network.train()
    movers = [Mover(game, player, optimizers[player.name], rules, terms.get(player.name, {})) for player in players]
    draw, draws, seeded = drawing(batches, game), solver.draws(players), _seeding(game.device)
    for index in count(start):
        seeded(seed_of(seed, "step", index))
        order = count(index * draws)
        solver.play(movers, lambda order=order: draw(next(order)), index)  # type: ignore[misc]
        yield Step(
            index,
            {mover.player.name: mover.loss for mover in movers},
            {mover.player.name: mover.norm for mover in movers},
            {mover.player.name: mover.skipped for mover in movers},
            {mover.player.name: mover.parameters for mover in movers},
            {mover.player.name: mover.terms for mover in movers},
        )


def _seeding(device: torch.device) -> Callable[[int], object]:
    """What sets torch's random state where a game is."""
    # On a CPU, `manual_seed` takes a hundred times as long as the CPU's own generator, to ask for other devices.
    return torch.default_generator.manual_seed if device.type == "cpu" else torch.manual_seed
