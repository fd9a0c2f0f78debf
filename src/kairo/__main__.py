"""How does `kairo` begin? Quietly: Ctrl-C while Python is still reading the program ends it without a picture of the stack."""

import signal


def main() -> None:
    """Entry point of the command line."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from kairo.cli import main as run

    run()


if __name__ == "__main__":
    main()
