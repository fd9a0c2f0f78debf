"""How do both sides run? Granian with the settings of Kairo's own web worker.

python -m bench.serve bench.kairo_side:worker 8099 1     # the application, the port, how many workers
"""

import sys

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from kairo.platform.processes.orphans import end_with_parent

if __name__ == "__main__":
    end_with_parent()
    Granian(
        sys.argv[1],
        address="127.0.0.1",
        port=int(sys.argv[2]),
        interface=Interfaces.ASGI,
        workers=int(sys.argv[3]),
        loop=Loops.uvloop,
        factory=True,
        websockets=False,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
        backlog=1024,
    ).serve()
