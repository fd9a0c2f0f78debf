"""How do several processes run as one program? Supervisor, its children, and who of them leads."""

from kairo.platform.processes.supervisor import Child, Supervisor

__all__ = ["Child", "Supervisor"]
