"""The command, called in this process."""

from collections.abc import Callable

import pytest

from saddlepoint.cli.app import main


@pytest.fixture
def saddle(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs `saddle ARGUMENTS`: its exit status, what it printed, and what it said on stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return int(exit.value.code or 0), out, err

    return call


@pytest.fixture
def refused(saddle: Callable[..., tuple[int, str, str]]) -> Callable[..., str]:
    """Runs a command that must be refused in one line with exit status 2; the line."""

    def call(*arguments: object) -> str:
        status, _, err = saddle(*arguments)
        assert status == 2, err
        assert err.count("\n") == 1, err
        assert err.startswith("saddle: ")
        return err

    return call
