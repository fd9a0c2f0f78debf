"""Who may decide, ask and record? Each question once as a boolean and once as a check that raises."""

from typing import Final

from kairo.context.gate import Scope
from kairo.errors import Forbidden, ResourceNotFound, SignInNeeded, Unauthenticated
from kairo.platform.manifests import Purpose
from kairo.trust.identity.principals import PrincipalKind, person_of

COUNTER: Final = "consent-counter"  # the purpose of the duty in which staff enter what people signed on paper


def may_decide(scope: Scope, subject: str) -> bool:
    """Whether the asker is this person, or acts for them."""
    return subject in scope.persons


def unknown() -> ResourceNotFound:
    """What is said of a consent that is not there, or somebody else's: the same."""
    return ResourceNotFound("there is no such consent", detail_ja="その同意はありません。")


def check_decide(scope: Scope, subject: str) -> None:
    """Raises ResourceNotFound unless `may_decide`: what is somebody else's is as if it were not there."""
    if not may_decide(scope, subject):
        raise unknown()


def is_proxy(scope: Scope, subject: str) -> bool:
    """Whether the asker decides for somebody else."""
    return person_of(scope.principal) != subject


def may_favour(scope: Scope, subject: str, recipient: str) -> bool:
    """Whether the asker may decide for this person to this recipient's good: nobody opens another's data to themselves."""
    return not (is_proxy(scope, subject) and recipient == scope.principal)


def check_favour(scope: Scope, subject: str, recipient: str) -> None:
    """Raises Forbidden unless `may_favour`."""
    if not may_favour(scope, subject, recipient):
        raise Forbidden(
            "who acts for a person cannot agree for them to what is to their own good",
            detail_ja="代理人は、本人に代わって自分あての同意をすることはできません。",
            mend="Let the person agree themselves, on their device or on paper at the counter.",
            mend_ja="ご本人が、ご自分の端末か窓口の書面で同意してください。",
        )


def may_ask(scope: Scope, purpose: Purpose) -> bool:
    """Whether the asker may ask people for consent to this purpose: a resident for family, else who is named."""
    if purpose.audience == "family":
        return person_of(scope.principal) is not None
    return scope.principal in purpose.recipients


def check_ask(scope: Scope, purpose: Purpose) -> None:
    """Raises Forbidden unless `may_ask`."""
    if not may_ask(scope, purpose):
        raise Forbidden(
            f"the purpose {purpose.id} is not for {scope.principal}",
            detail_ja="この利用目的で同意を求めることはできません。",
            mend="Ask the municipality to name the application among the purpose's recipients.",
            mend_ja="利用目的の提供先として登録するよう、自治体へご相談ください。",
        )


def is_resident(scope: Scope) -> bool:
    """Whether the asker has consents of their own to decide on."""
    return bool(scope.persons)


def check_resident(scope: Scope) -> None:
    """Raises SignInNeeded unless `is_resident`: a browser is led to sign in and back."""
    if not is_resident(scope):
        raise SignInNeeded("this page is for a resident who is signed in", detail_ja="市民としてログインすると見られます。")


def is_application(scope: Scope) -> bool:
    """Whether a program asks."""
    return scope.principal.startswith(f"{PrincipalKind.APPLICATION}:")


def check_application(scope: Scope) -> None:
    """Raises Unauthenticated unless `is_application`."""
    if not is_application(scope):
        raise Unauthenticated(
            "consent is asked for by an application, with its token", detail_ja="アプリケーションのトークンが必要です。"
        )


def may_record(scope: Scope) -> bool:
    """Whether the asker enters what people signed on paper: staff on duty for it, and the administrator."""
    kind = scope.principal.partition(":")[0]
    return kind == PrincipalKind.ADMINISTRATOR or (kind == PrincipalKind.STAFF and scope.purpose == COUNTER)


def check_record(scope: Scope) -> None:
    """Raises Forbidden unless `may_record`; SignInNeeded where nobody is signed in."""
    if scope.principal.startswith(f"{PrincipalKind.ANONYMOUS}:"):
        raise SignInNeeded("this page is for staff", detail_ja="この画面は職員専用です。")
    if not may_record(scope):
        raise Forbidden(
            f"entering consents on paper asks for the duty `{COUNTER}`",
            detail_ja="書面の同意を登録するには、職務「紙の同意書の登録」を選んでください。",
            mend="Choose this duty for the session, or ask the administrator for it.",
            mend_ja="ログイン後に職務を選ぶか、管理者に権限を依頼してください。",
        )
