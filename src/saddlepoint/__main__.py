"""`python -m saddlepoint` is the command `saddle`."""

from saddlepoint.cli.app import main

if __name__ == "__main__":
    main()
