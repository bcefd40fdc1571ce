"""`python -m demo`: play the story, show it, and tell whether it went as it should."""

import sys

from demo.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
