"""Why may somebody read this? What a grant with the basis `consent:<id>` stands on, for the page that answers who may see what."""

from collections.abc import Collection, Mapping

from kairo.trust.consent import store
from kairo.trust.consent.people import principal_of
from kairo.trust.consent.service import Database
from kairo.trust.readers.service import Explained


class ConsentExplains:
    """Implements `kairo.trust.readers.service.Explains` for consents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def explain(self, tenant: str, ids: Collection[str]) -> Mapping[str, Explained]:
        """The purpose's title in the words that were agreed to, the person who agreed, and since when."""
        async with self._database.reading(tenant) as connection:
            found = await store.many(connection, tenant, list(ids))
            texts = await store.texts(connection, tenant, [one.terms.text for one in found])
        return {one.id: Explained(texts[one.terms.text].title, by=principal_of(one.subject), since=one.since) for one in found}
