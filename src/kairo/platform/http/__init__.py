"""What came over HTTP, and what goes back: a small typed layer over ASGI for paths that must be fast."""

from kairo.platform.http.messages import Request, Response
from kairo.platform.http.problems import problem_response
from kairo.platform.http.routing import Route, Router

__all__ = ["Request", "Response", "Route", "Router", "problem_response"]
