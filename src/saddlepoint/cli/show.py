"""`saddle show`."""

from __future__ import annotations


def show(run: str) -> int:
    """Show what a run was told, where it stands, and how it was judged.

    Parameters
    ----------
    run
        The run's folder.
    """
    import tomli_w

    from saddlepoint.runs.folder import RunFolder
    from saddlepoint.runs.scores import score_line, short

    folder = RunFolder(run)
    config, steps = folder.config(), folder.checkpoints()
    print(tomli_w.dumps(config))
    print(f"# saved at step {steps[-1] if steps else 'none'} of {config['run']['steps']}")
    for line in folder.lines("scalars")[-1:]:
        print("# " + "  ".join(f"{name} {short(value)}" for name, value in line.items()))
    for record in folder.lines("scores"):
        print("# " + score_line(record))
    return 0
