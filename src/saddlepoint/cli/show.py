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

    from saddlepoint.errors import shown
    from saddlepoint.judging.words import score_line, short
    from saddlepoint.saved.folder import RunFolder

    folder = RunFolder(run)
    config, steps, scores = folder.config(), folder.checkpoints(), folder.lines("scores")
    lines = [f"saved at step {steps[-1] if steps else 'none'} of {config['run']['steps']}"]
    lines += [f"step {event['step']}: {event['text']}" for event in folder.lines("events") if "changed" in event]
    for line in folder.lines("scalars")[-1:]:
        lines.append("  ".join(f"{name} {short(value)}" for name, value in line.items()))
    for step in dict.fromkeys(record.get("step") for record in scores):
        lines.append(f"judged at step {step}")
        lines += [score_line(record) for record in scores if record.get("step") == step]
    print(shown("\n# ".join([tomli_w.dumps(config), *lines])))
    return 0
