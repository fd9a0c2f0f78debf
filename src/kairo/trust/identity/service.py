"""What does the rest of the program work with? One `Identity` a process: accounts, sessions, ways to sign in, mandates."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from kairo.context.gate import Witness
from kairo.context.graph import GraphInterface
from kairo.errors import AlreadyExists, KairoError, ResourceNotFound, Unauthenticated
from kairo.platform.clock import Clock
from kairo.platform.db import Database, Unit
from kairo.platform.observability.logs import logger
from kairo.settings import Settings
from kairo.trust.identity.accounts import demo
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import may_sign_in
from kairo.trust.identity.accounts.service import PRINCIPAL, Accounts
from kairo.trust.identity.credentials import Credentials
from kairo.trust.identity.mandates.rules import Kind
from kairo.trust.identity.mandates.service import Mandates
from kairo.trust.identity.people import People
from kairo.trust.identity.permissions import NoPowers, Powers
from kairo.trust.identity.principals import Principal
from kairo.trust.identity.signin.enrolment import Enrolment, close_doors
from kairo.trust.identity.signin.passkeys.service import Answer, Passkeys
from kairo.trust.identity.signin.passwords.service import Passwords
from kairo.trust.identity.signin.relying_party import relying_party

HOUSE_SECONDS = 60.0


class Identity:
    """Who is known here, how they sign in, who acts for whom."""

    def __init__(
        self,
        database: Database,
        graph: GraphInterface,
        credentials: Credentials,
        settings: Settings,
        clock: Clock,
        *,
        types: Collection[str],
    ) -> None:
        """`types`: the personal entity types that a mandate may cover."""
        self.clock = clock
        self.tenant = settings.tenant
        self.settings = settings
        self.sessions = credentials.sessions
        self.accounts = Accounts(database, graph, settings.tenant, clock)
        self.people = People(self.accounts, settings.tenant)
        self.mandates = Mandates(database, settings.tenant, clock, types)
        self.passkeys = Passkeys(database, settings.tenant, clock, relying_party(settings))
        self.passwords = Passwords(database, settings.tenant, clock, settings.operator)
        lives = timedelta(hours=settings.enrolment_hours)
        self.enrolment = Enrolment(database, settings.tenant, clock, lives, self.passkeys, self.passwords)
        self.accounts.follows += [self._end_sign_in, self.mandates.follow]
        self.powers: Powers = NoPowers()
        self.witness: Witness | None = None
        self.elsewhere: Sequence[tuple[str, Mapping[str, str]]] = ()  # name and titles of other providers (trust/oauth/relying)
        self._log = logger("sign-in")

    async def sign_in_by_passkey(self, answer: Answer, device: str) -> str:
        """The secret of a session of who answered with a passkey. Raises Unauthenticated."""
        key = await self.passkeys.finish(answer)
        return await self.open(await self.accounts.get(key), method="passkey", device=device)

    async def sign_in_by_password(
        self, login: str, password: str, code: str, *, source: str, known: str, device: str
    ) -> tuple[str, str]:
        """The secret of a session of a member of staff, and that by which their device is known (`known`: what it had so far)."""
        account, fresh = await self.passwords.sign_in(login, password, code, source=source, device=known)
        return await self.open(account, method="password", device=device), fresh

    async def open(self, account: Account, *, method: str, device: str) -> str:
        """The secret of a new session, AAL 2, of someone who has shown who they are. Raises Unauthenticated where the account is
        over."""
        if not may_sign_in(account.kind, account.status):
            self._log.warning("a sign-in to an account that is over was refused", principal=account.principal)
            raise Unauthenticated("this account is closed", detail_ja="このアカウントは利用できません。")
        self._log.info("signed in", principal=account.principal, method=method)
        return await self.sessions.open(Principal.named(account.principal), aal=2, method=method, device=device)

    async def sign_in_demo(self, key: str, device: str) -> str:
        """The secret of a session of one of the demo's people. Raises ResourceNotFound outside of the demo, and for everybody
        else: no real person is ever signed in by a click."""
        known = {demo.key_of(role.slug) for role in demo.ROLES if role.has_card}
        account = (await self.accounts.many([key])).get(key) if self.settings.demo and key in known else None
        if account is None or not account.is_synthetic or not may_sign_in(account.kind, account.status):
            raise ResourceNotFound("there is no such person in the demo", detail_ja="デモの登場人物ではありません。")
        return await self.open(account, method="demo", device=device)

    async def seed_demo(self) -> None:
        """Makes the demo's people; those who are there stay as they are."""
        accounts = demo.accounts()
        if len(await self.accounts.many(one.key for one in accounts)) < len(accounts):
            for account in accounts:
                with suppress(AlreadyExists):
                    await self.accounts.register(account, by=PRINCIPAL)
        for child, parent in demo.CHILDREN.items():
            with suppress(AlreadyExists):
                person, proxy = demo.key_of(child), demo.key_of(parent)
                await self.mandates.make(Kind.PARENTAL, person=person, proxy=proxy, by=PRINCIPAL, evidence="demo")

    async def _end_sign_in(self, unit: Unit, before: Account, account: Account, now: datetime, by: str) -> None:
        """Who may not sign in any more has no session, and nothing to open one with."""
        if not may_sign_in(account.kind, account.status):
            await close_doors(unit, account)

    async def keep_house(self) -> None:
        """For the leader, without end: tells the graph of accounts that it missed, and forgets what is over."""
        while True:
            try:
                await self.accounts.publish_waiting()
                await self.passwords.forget_waits()
            except KairoError as error:
                self._log.warning("housekeeping of accounts failed; it is tried again", reason=error.detail)
            await asyncio.sleep(HOUSE_SECONDS)
