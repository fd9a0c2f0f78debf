"""How are small areas counted without giving anyone away? Numbers with noise, paid from a budget that a population has in a fiscal year.

Into how many lines the answer is divided does not come from the data: each person changes one number by one, so one answer costs one
epsilon. The same question in the same period gets the answer that was given; asking often neither costs anything nor averages noise out.
"""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from kairo.context.gate import Scope
from kairo.errors import BadRequestData, TooManyRequests
from kairo.platform.clock import TOKYO, Clock
from kairo.platform.db import Database
from kairo.platform.manifests import EntityType
from kairo.settings import Settings
from kairo.trust.anonymity import store
from kairo.trust.anonymity.axes import domain_of
from kairo.trust.anonymity.deciding import Basis, divisions
from kairo.trust.anonymity.groups import ELSE, Group, atoms_of
from kairo.trust.anonymity.noise import Noise
from kairo.trust.anonymity.permissions import STATISTICS, Offices, check_make
from kairo.trust.anonymity.rules import Question, question_of
from kairo.trust.anonymity.sources import Sources
from kairo.trust.anonymity.tables import Answer, Budget, Division, finest, group_at
from kairo.trust.recording import record

MOST_EPSILON = 5000  # thousandths: with more the noise hides nobody


def period_of(moment: datetime) -> str:
    """The fiscal year (April to March, in Japan)."""
    local = moment.astimezone(TOKYO)
    return str(local.year - (local.month < 4))


class NoisyCounts:
    """Answers with noise. One for an installation."""

    def __init__(
        self,
        database: Database,
        sources: Sources,
        offices: Offices,
        settings: Settings,
        clock: Clock,
        noise: Noise | None = None,
    ) -> None:
        self._database = database
        self._sources = sources
        self._offices = offices
        self._settings = settings
        self._clock = clock
        self._noise = noise or Noise()

    async def ask(self, scope: Scope, type: str, dimensions: Sequence[str], where: Sequence[str], epsilon: int) -> Answer:
        """Numbers with noise (`epsilon` in thousandths); the kept ones where this was asked before. Raises TooManyRequests when the
        budget does not reach, BadRequestData for lines that would come from the data."""
        await check_make(scope, self._offices, STATISTICS)
        if not 1 <= epsilon <= MOST_EPSILON:
            raise BadRequestData(
                f"epsilon is from 0.001 to {MOST_EPSILON / 1000:g}",
                detail_ja=f"ε は 0.001 から {MOST_EPSILON / 1000:g} までです。",
            )
        kind = self._sources.kind(type)
        question = question_of(kind, dimensions, where)
        written = store.digest_of("\n".join(question.written()))
        period = period_of(self._clock())
        async with self._database.reading(scope.tenant) as connection:
            kept = await store.answer(connection, scope.tenant, type, period, written, epsilon)
        if kept is not None:
            return kept
        axes, numbers, synthetic = await self._count(scope, kind, question)
        async with self._database.unit(scope.tenant) as unit:
            budget = await store.hold_budget(unit.connection, scope.tenant, type, period, self._settings.privacy_budget)
            kept = await store.answer(unit.connection, scope.tenant, type, period, written, epsilon)
            if kept is not None:  # somebody asked the same meanwhile
                return kept
            _check_budget(budget, epsilon)
            await store.spend(unit.connection, scope.tenant, type, period, epsilon)
            made = Answer(
                population=type,
                period=period,
                question=written,
                epsilon=epsilon,
                axes=axes,
                cells=[{"at": at, "persons": count + self._noise.draw(Fraction(epsilon, 1000))} for at, count in numbers],
                synthetic=synthetic,
                asked_by=scope.principal,
                purpose=scope.purpose,
                asked_at=self._clock(),
            )
            await store.add_answer(unit.connection, scope.tenant, made)
            await record(unit, made.asked_at, by=scope.principal, purpose=scope.purpose, did="noisy-count", what=written)
        return made

    async def _count(
        self, scope: Scope, kind: EntityType, question: Question
    ) -> tuple[tuple[Division, ...], list[tuple[tuple[int, ...], int]], bool]:
        names = {one.attribute.name for one in question.dimensions} | {part.attribute for part in question.where}
        attributes = tuple(sorted(names))
        people, _ = await self._sources.people(scope, kind, attributes, "numbers with noise")
        counted = people.counted(())
        places = {}
        for at, name in enumerate(attributes):
            found = await self._sources.places(scope.tenant, kind, name, {values[at] for values in counted})
            if found is not None:
                places[name] = found
        nothing: dict[Group, float] = {}
        limits = (self._settings.statistics_max_values, self._settings.statistics_max_groups)
        basis = Basis(kind, attributes, counted, places, {}, nothing, *limits)
        for one in question.dimensions:
            domain = domain_of(kind, one.attribute.name, places.get(one.attribute.name))
            if ELSE in domain.texts or one.above or (one.is_number and not one.is_age):
                raise BadRequestData(
                    f"the lines of {one.written()} would come from the data, and say something about them",
                    detail_ja=f"「{one.written()}」は区分そのものがデータから決まるため、この方法では集計できません。",
                    mend="Divide by ages, by a boolean, or by a relationship to an open type such as district.",
                    mend_ja="年齢、はい・いいえ、地域など公開された一覧のある分類を使ってください。",
                )
        axes = divisions(question, basis, k=1)
        groups = {at: group_at(axes, at, question.where) for at in finest(axes)}
        atoms = atoms_of(groups.values(), basis.domains, counted, basis.most_atoms)
        return axes, [(at, atoms.count(group)) for at, group in groups.items()], people.synthetic

    async def budgets(self, tenant: str) -> list[Budget]:
        """What was spent of each population in this period; populations that nobody asked about have all of it."""
        period = period_of(self._clock())
        async with self._database.reading(tenant) as connection:
            known = {one.population: one for one in await store.budgets(connection, tenant, period)}
        names = [kind.type for kind in self._sources.kinds()]
        return [known.get(name, Budget(name, period, self._settings.privacy_budget, 0)) for name in names]

    async def latest(self, tenant: str, limit: int = 20) -> list[Answer]:
        """The latest answers, for staff: the caller has checked that."""
        async with self._database.reading(tenant) as connection:
            return await store.answers(connection, tenant, limit)


def _check_budget(budget: Budget, epsilon: int) -> None:
    if epsilon > budget.left:
        raise TooManyRequests(
            f"the privacy budget of {budget.population} in fiscal {budget.period} has {budget.left / 1000:g} left, "
            f"and this asks for {epsilon / 1000:g}",
            detail_ja=f"{budget.period}年度のプライバシー予算の残りは {budget.left / 1000:g} で、今回の {epsilon / 1000:g} に足りません。",
            mend="Ask with a smaller epsilon, ask what was asked before, or wait for the next fiscal year.",
            mend_ja="ε を小さくするか、以前と同じ集計を使うか、次の年度をお待ちください。",
            budget=budget.budget / 1000,
            left=budget.left / 1000,
        )
