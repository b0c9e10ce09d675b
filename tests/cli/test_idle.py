import os
import subprocess
import sys

import pytest

from saddlepoint.machine.idle import soon_asleep


@pytest.mark.parametrize(
    "said", [{"OMP_WAIT_POLICY": "PASSIVE"}, {"OMP_WAIT_POLICY": "ACTIVE"}, {"GOMP_SPINCOUNT": "infinite"}]
)
def test_what_the_user_said_of_idle_threads_stays(said):
    environment = dict(said)
    soon_asleep(environment)
    assert environment == said


def test_the_command_has_its_idle_threads_sleep_before_torch_is_there():
    """libgomp reads it once, when it is loaded."""
    there = {name: value for name, value in os.environ.items() if name not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    told = "from saddlepoint.cli.app import main; import os, sys; assert 'torch' not in sys.modules\n"
    told += "try: main(['--version'])\nfinally: print(os.environ['GOMP_SPINCOUNT'])"
    done = subprocess.run([sys.executable, "-c", told], env=there, check=True, capture_output=True, text=True)
    assert 100 <= int(done.stdout.splitlines()[-1]) <= 10_000
