"""All that a game in training is, as named tensors: networks, averages, buffers and optimisers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from saddlepoint.errors import BadRun
from saddlepoint.game import Fits

_GAME, _OPTIMIZER, _TERM = "game", "optimizer", "term"
Terms = Mapping[str, Mapping[str, Tensor]]


def pack(
    game: nn.Module, optimizers: Mapping[str, Optimizer], terms: Terms = MappingProxyType({})
) -> dict[str, Tensor]:
    """The whole state under flat names, contiguous and on the CPU, ready for safetensors.

    `terms` are each player's, as they were when last computed.
    """
    found = {f"{_GAME}.{name}": value for name, value in game.state_dict().items()}
    found |= {f"{_TERM}.{player}.{name}": value for player, own in terms.items() for name, value in own.items()}
    for player, optimizer in optimizers.items():
        for number, state in optimizer.state_dict()["state"].items():
            for key, value in state.items():
                if value is not None:
                    found[f"{_OPTIMIZER}.{player}.{number}.{key}"] = torch.as_tensor(value)
    return {name: value.detach().cpu().contiguous() for name, value in found.items()}


def unpack(tensors: Mapping[str, Tensor], game: nn.Module, optimizers: Mapping[str, Optimizer]) -> None:
    """Put a packed state back; raises `BadRun` naming the first thing that does not fit."""
    unpack_game(tensors, game)
    for player, optimizer in optimizers.items():
        state: dict[int, dict[str, Tensor]] = {}
        prefix = f"{_OPTIMIZER}.{player}."
        for name, value in tensors.items():
            if name.startswith(prefix):
                number, _, key = name.removeprefix(prefix).partition(".")
                state.setdefault(int(number) if number.isdecimal() else -1, {})[key] = value
        _refuse_other_state(player, optimizer, state)
        laid = {number: _laid_as(_moved_by(optimizer)[number], own) for number, own in state.items()}
        optimizer.load_state_dict({"state": laid, "param_groups": optimizer.state_dict()["param_groups"]})


def _moved_by(optimizer: Optimizer) -> list[nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _laid_as(parameter: nn.Parameter, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What an optimiser keeps of a parameter, in the parameter's memory layout: fused kernels go by addresses."""
    alike = {key for key, value in state.items() if value.shape == parameter.shape}
    return {
        key: torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(value) if key in alike else value
        for key, value in state.items()
    }


def _refuse_other_state(player: str, optimizer: Optimizer, state: Mapping[int, Mapping[str, Tensor]]) -> None:
    """Raises `BadRun` unless each parameter has what its optimiser keeps, in its shape: kernels trust in that."""
    moved = _moved_by(optimizer)
    kept = _kept_by(optimizer) if state else set()
    for number, own in state.items():
        if not 0 <= number < len(moved) or own.keys() != kept:
            raise BadRun(
                f"the checkpoint is of another optimizer of the {player}: its state {number} has {sorted(own)}"
            )
        for key, value in own.items():
            if value.shape != moved[number].shape and (key != "step" or value.numel() != 1):
                raise BadRun(
                    f"the checkpoint is of another model: {key} {number} of the {player} is {tuple(value.shape)}"
                )


def _kept_by(optimizer: Optimizer) -> set[str]:
    """The names of what an optimiser keeps of a parameter once it has moved."""
    moved = nn.Parameter(torch.zeros(1, device=optimizer.param_groups[0]["params"][0].device))
    moved.grad = torch.zeros_like(moved)
    probe = type(optimizer)([moved], **optimizer.defaults)
    probe.step()
    return {key for key, value in probe.state[moved].items() if value is not None}


def game_alone(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A packed state without its optimisers, which then start anew."""
    return {name: value for name, value in tensors.items() if name.startswith(f"{_GAME}.")}


def unpack_terms(tensors: Mapping[str, Tensor]) -> Terms:
    """Each player's terms in a packed state."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        kind, _, rest = name.partition(".")
        if kind == _TERM:
            player, _, term = rest.partition(".")
            found.setdefault(player, {})[term] = value
    return found


def unpack_game(tensors: Mapping[str, Tensor], game: nn.Module) -> None:
    """Put back the game's own part of a packed state."""
    prefix = f"{_GAME}."
    own = {name.removeprefix(prefix): v for name, v in tensors.items() if name.startswith(prefix)}
    # What is fitted to data is as large as the data has it.
    fitted = tuple(f"{name}." if name else "" for name, module in game.named_modules() if isinstance(module, Fits))
    for name, value in game.state_dict().items():
        if name not in own or (own[name].shape != value.shape and not name.startswith(fitted)):
            got = "nothing" if name not in own else tuple(own[name].shape)
            raise BadRun(f"the checkpoint is of another model: {name} wanted {tuple(value.shape)}, got {got}")
    if strange := own.keys() - game.state_dict().keys():
        raise BadRun(f"the checkpoint is of another model: {min(strange)} has no place in this one")
    game.load_state_dict(own)


def adopt(tensors: Mapping[str, Tensor], game: nn.Module) -> list[str]:
    """Put what fits of another game's packed state into `game`; what does not, a phrase each.

    Raises `BadRun` where nothing fits.
    """
    own, prefix = game.state_dict(), f"{_GAME}."
    there = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    fits = {name: value for name, value in there.items() if name in own and own[name].shape == value.shape}
    if not fits:
        raise BadRun("none of the weights fit; take the same game and network, with the same options")
    if bad := [name for name, value in fits.items() if value.is_floating_point() and not value.isfinite().all()]:
        raise BadRun(f"its weights hold NaN or infinite numbers, as {bad[0]}; take an earlier run")
    game.load_state_dict(own | fits)
    others = [name for name in own if name not in fits] + [name for name in there if name not in own]
    return [f"{name} {_shape(own.get(name))} for {_shape(there.get(name))}" for name in others]


def _shape(value: Tensor | None) -> str:
    return "nothing" if value is None else str(tuple(value.shape))
