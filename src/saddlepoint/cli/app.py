"""The command `saddle`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from cyclopts import App, CycloptsError

from saddlepoint import __version__
from saddlepoint.cli.bench import bench
from saddlepoint.cli.catalogue import catalogue
from saddlepoint.cli.check import check
from saddlepoint.cli.compare import compare
from saddlepoint.cli.diagnose import diagnose
from saddlepoint.cli.judge import judge
from saddlepoint.cli.latent import latent
from saddlepoint.cli.report import report
from saddlepoint.cli.resume import resume
from saddlepoint.cli.sample import sample
from saddlepoint.cli.show import show
from saddlepoint.cli.steadfast import silence
from saddlepoint.cli.train import train
from saddlepoint.cli.translate import translate
from saddlepoint.errors import BadOption, SaddlepointError, one_line, shown
from saddlepoint.machine.idle import soon_asleep

app = App(
    name="saddle",
    help="Train, watch, judge and ship generative models.",
    version=__version__,
    print_error=False,
    exit_on_error=False,
)
app.command(train)
app.command(resume)
app.command(sample)
app.command(translate)
app.command(latent)
app.command(judge)
app.command(compare)
app.command(bench)
app.command(report)
app.command(diagnose)
app.command(check)
app.command(catalogue, name="list")
app.command(show)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line: errors that the user can mend are one line on stderr and exit status 2."""
    # Where there is no output at all, it goes nowhere.
    sys.stdout, sys.stderr = (stream or open(os.devnull, "w") for stream in (sys.stdout, sys.stderr))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # What a terminal's encoding lacks is shown as an escape.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    soon_asleep(os.environ)
    try:
        if "" in (sys.argv[1:] if arguments is None else arguments):
            raise BadOption("an argument is empty; leave it out, or say something")
        status = app(arguments) or 0
        sys.stdout.flush()
    except (SaddlepointError, CycloptsError) as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        silence(sys.stdout)
        sys.exit(0)
    except OSError as error:
        silence(sys.stdout)
        _refuse(f"{error.filename or 'standard output'}: {error.strerror or error}")
    except MemoryError:
        _refuse("there is not enough memory; take a smaller network (--network.width), batch or data")
    _leave(status)


def _refuse(why: str) -> NoReturn:
    print(shown(f"saddle: {one_line(why)}"), file=sys.stderr)
    _leave(2)


def _leave(status: int) -> NoReturn:
    """End the process: at once where it is one of several, whose communication threads may not outlive it in peace."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        sys.exit(status)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
