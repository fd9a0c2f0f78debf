"""Entity types have versions: published schemas and @contexts, readers that upcast, a task that rewrites (docs/adr/0016)."""

from kairo.context.types.versions import Rewrite, Versions

__all__ = ["Rewrite", "Versions"]
