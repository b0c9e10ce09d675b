"""`python -m saddlepoint` is the command `saddle`."""

import os
import sys

# Python puts the current directory first on the import path here, and with it whatever lies in it.
if sys.path and sys.path[0] in ("", os.getcwd()) and not sys.flags.safe_path:
    del sys.path[0]

from saddlepoint.cli.app import main

if __name__ == "__main__":
    main()
