"""`python -m kairo`: the command line."""

from kairo.cli import main

main()
