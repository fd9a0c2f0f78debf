"""How do both sides run? Granian with one worker and the settings of Kairo's own web worker.

python -m bench.serve bench.kairo_side:worker 8099
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
        workers=1,
        loop=Loops.uvloop,
        factory=True,
        websockets=False,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
        backlog=1024,
    ).serve()
