"""``python -m plotlot.cli``: the command where no script is installed, as in the container image."""

from plotlot.cli import main

main(prog_name="plotlot")
