"""How is delivery put together? From the parts of a process, for as long as it leads."""

import resource
from functools import partial

from kairo.context.contexts import ContextResolver
from kairo.context.gate import Gate
from kairo.context.graph import Graph
from kairo.context.subscriptions.delivery import store
from kairo.context.subscriptions.delivery.engine import Engine
from kairo.context.subscriptions.delivery.matcher import Matcher
from kairo.context.subscriptions.delivery.memory import Memory
from kairo.context.subscriptions.delivery.visits import Limits, Visitor
from kairo.context.subscriptions.transport import Doors, Post
from kairo.platform.db import Database
from kairo.settings import Settings

_OTHER_FILES = 512  # the database, logs, kept connections
LEADERSHIP = "notifications"  # apart from housekeeping: a second job worker may take the one while the first has the other


async def deliver(graph: Graph, gate: Gate, contexts: ContextResolver, settings: Settings) -> None:
    """Delivers until it is cancelled; what was sent by then is still written."""
    memory = Memory(graph.database)
    post = Post(Doors(settings.notification_networks), settings.notification_timeout_seconds)
    limits = Limits(settings.notification_attempts, settings.max_limit, settings.max_linked)
    visitor = Visitor(graph.database, memory, graph, gate, contexts, post, settings.tenant, limits)
    engine = Engine(
        graph.database,
        Matcher(graph.database, memory, gate, graph.declarations, graph.clock),
        visitor,
        graph.clock,
        partial(_subscribed, graph.database),
        places=_open_files(settings.notification_places),
        longest_queue=settings.max_waiting_notifications,
        dead_letter_days=settings.dead_letter_days,
    )
    try:
        await engine.run()
    finally:
        await visitor.close()
        await memory.close()
        await post.close()


async def _subscribed(database: Database) -> list[str]:
    async with database.owner(name="kairo notifications") as owner:
        return await store.subscribed_tenants(owner)


def _open_files(places: int) -> int:
    """As many places as this process may have open connections: the limit is raised as far as the machine allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = places + _OTHER_FILES
    if soft < wanted and soft != hard:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(4, min(places, soft - _OTHER_FILES))
