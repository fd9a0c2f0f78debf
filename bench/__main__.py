"""How is it started without the command? `python -m bench …` is `kairo bench …`; see README.md."""

import sys

from kairo.__main__ import main

if __name__ == "__main__":
    sys.argv.insert(1, "bench")
    main()
