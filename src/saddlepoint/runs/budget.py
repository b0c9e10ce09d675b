"""As long as there is time: how many steps, of which batch, of networks how wide."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from saddlepoint.configuration.recipes import over
from saddlepoint.errors import BadOption
from saddlepoint.runs.estimate import lasting, two_figures
from saddlepoint.runs.pace import Forecast, forecast
from saddlepoint.source import Source
from saddlepoint.spec import Spec
from saddlepoint.training.processes import agreed

if TYPE_CHECKING:
    from saddlepoint.runs.run import Run

Table = dict[str, Any]
Make = Callable[[Mapping[str, Any]], "Run"]


class Budget:
    """So many minutes from now on, reading, judging and all."""

    def __init__(self, minutes: float) -> None:
        self.minutes, self._began = minutes, time.monotonic()

    @property
    def left(self) -> float:
        """Seconds."""
        return 60 * self.minutes - (time.monotonic() - self._began)

    def spent(
        self,
        config: Table,
        said: Mapping[str, Any],
        spec: Spec,
        suited: Callable[[Table], Table],
        make: Make,
        tell: Callable[[str], None],
    ) -> Table:
        """The configuration with the steps that there is time for, and with networks for which these are enough.

        Of image networks from twice to an eighth as wide as the recipe's it takes the widest that gets 2.5 times the
        square of its width in steps, and smaller batches where none does; what was `said` stays. `suited` adds what so
        many steps need. `make` makes a run, which is measured on a copy and thrown away. Raises `BadOption` where there
        is no time to train.
        """

        @cache
        def plan(place: int) -> Plan:
            tell("measuring how long a step takes here")
            return self._planned(over(ways[place], config), make)

        ways = list(_ways(config, said, spec))
        place = bisect_left(range(len(ways)), True, key=lambda place: plan(place).enough)
        found = self._taken(plan(min(place, len(ways) - 1)))
        if (more := suited(found)) == found:
            return found
        tell("measuring how long a step takes here")
        return self._taken(self._planned(more, make))

    def _planned(self, config: Table, make: Make) -> Plan:
        run = make(config)
        found = forecast(run)
        if found is None:
            raise BadOption(f"--minutes: a {config['game']['name']} is fitted at once and takes no steps; leave it out")
        each = found.steps / run.settings.steps
        free = agreed(self.left, run.device) - found.classifier - found.judging
        return Plan(config, int(agreed(free / each, run.device)), found)

    def _taken(self, plan: Plan) -> Table:
        if plan.steps < _LEAST:
            beside = plan.forecast.classifier + plan.forecast.judging
            raise BadOption(
                f"--minutes: {self.minutes:g} leave no time to train: fitting the classifier that judges and judging "
                f"take about {lasting(beside)}; take more, or --run.judge 0"
            )
        return over({"run": {"steps": plan.steps}}, plan.config)

    def hope(self, config: Table, source: Source) -> str:
        """What was chosen, and of images what such runs came to."""
        steps, batch = (config["run"][name] for name in ("steps", "batch"))
        width = config.get("network", {}).get("width")
        wide = f" and width {width}" if width else ""
        seen, size = steps * batch, source.size
        passes = f", each of the {size:,} there are {two_figures(seen / size)} times" if size else ""
        told = f"{self.minutes:g} min: {steps:,} steps of batch {batch}{wide}, {seen:,} samples{passes}"
        if not source.spec.is_image:
            return told
        reached = next(words for most, words in _REACHED if seen < most)
        return f"{told}; of colour photos of many kinds such a run made {reached} (docs/images.md)"


class Plan(NamedTuple):
    """A configuration, the steps that it has time for, and what it was measured to take."""

    config: Table
    steps: int
    forecast: Forecast

    @property
    def enough(self) -> bool:
        """Whether steps are as many as networks so wide pay with."""
        # Weights go with the square of the width: docs/decisions/026 has what was measured.
        return self.steps >= 2.5 * self.config.get("network", {}).get("width", _USUAL) ** 2


def _ways(config: Table, said: Mapping[str, Any], spec: Spec) -> list[Table]:
    """What may be said instead, what takes most time first: how wide networks are, then less a step."""
    width, batch = config.get("network", {}).get("width"), config["run"]["batch"]
    if not spec.is_image:
        return [{}]
    if width is None or "width" in said.get("network", {}):
        ways: list[Table] = [{}]
    else:
        ways = [{"network": {"width": one}} for one in _widths(width)]
    if "batch" not in said.get("run", {}):
        ways += [ways[-1] | {"run": {"batch": batch // part}} for part in (2, 4) if batch % part == 0]
    return ways


def _widths(width: int) -> list[int]:
    """Widths about that of a recipe, in eights, the greatest first.

    >>> _widths(64), _widths(12)
    ([128, 96, 64, 48, 32, 24, 16, 8], [24, 16, 12, 8])
    """
    shares = (int(width * share) // 8 * 8 for share in (2, 1.5, 0.75, 0.5, 0.375, 0.25, 0.125))
    return sorted({width, *(max(one, min(8, width)) for one in shares)}, reverse=True)


# What sheets of CIFAR-10 showed after so many images: 138,000, and 525,000 and more.
_REACHED = (
    (200_000, "colours and rough shapes at best"),
    (float("inf"), "shapes of which some can be named"),
)
# Of a network that tells no width; fewer steps are no training.
_USUAL, _LEAST = 64, 20
