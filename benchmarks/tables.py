"""How far are a trained run's samples from a table's held-out rows, beside the table's own training rows?

python benchmarks/tables.py RUN TABLE
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import keep
from scipy.stats import wasserstein_distance

import saddlepoint
from saddlepoint import data

ROWS = 20_000
Rows = NDArray[np.floating[Any]]


def main() -> None:
    run, table = sys.argv[1:]
    source, model = data.build("table", table), saddlepoint.load(run)
    held = source.held_out()
    assert held is not None, "a table with held-out rows"
    keep(
        "tables",
        table=Path(table).name,
        step=model.step,
        samples=distances(model.sample(ROWS, seed=0).numpy(), held.x.numpy()),
        real=distances(source.real(ROWS).x.numpy(), held.x.numpy()),
    )


def distances(rows: Rows, held: Rows) -> dict[str, float]:
    """The furthest column's W1 distance in its deviations, and the largest error of a correlation."""
    columns = range(held.shape[1])
    return {
        "column_w1": max(wasserstein_distance(rows[:, i], held[:, i]) / held[:, i].std() for i in columns),
        "correlation": float(np.abs(np.corrcoef(rows.T) - np.corrcoef(held.T)).max()),
    }


if __name__ == "__main__":
    main()
