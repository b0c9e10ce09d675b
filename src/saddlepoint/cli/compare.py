"""`saddle compare`."""

from __future__ import annotations

import sys


def compare(*scores: str) -> int:
    """Put scores side by side: like with like; what cannot be compared is refused with the reason.

    Parameters
    ----------
    scores
        Runs' folders, or files that `saddle judge -o` wrote; two at least.
    """
    from saddlepoint.errors import BadOption, shown
    from saddlepoint.judging.compare import compared
    from saddlepoint.judging.named import scores_at
    from saddlepoint.judging.words import listed, short, value_of

    if len(set(scores)) < 2:
        raise BadOption("compare wants at least two different runs or files of scores")
    found = compared({one: scores_at(one) for one in scores})
    cheap = ["what costs nothing"] if any(row.costless for row in found.rows) else []
    rows = [["metric", *scores, "real data", *cheap]] if found.rows else []
    for row in found.rows:
        values = [value_of(record) if record else "" for record in row.records]
        floor = "" if row.floor is None else short(row.floor)
        rows.append([row.metric, *values, floor, *([listed(row.costless)] if cheap else [])])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        print(shown("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()))
    for sentence in found.refused:
        print(shown(f"saddle: {sentence}"), file=sys.stderr)
    return 2 if found.refused else 0
