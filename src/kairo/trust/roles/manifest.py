"""What do roles declare? The console's first page, the choice of a duty, the page of assignments; and the roles that every city has."""

from kairo.platform.handling import Reads, Role, Texts
from kairo.platform.manifests import Manifest
from kairo.trust.identity.permissions import COUNTER, PERSONNEL
from kairo.trust.roles import pages
from kairo.trust.roles.rules import CONFIRM, GRANT_ROLES, OPEN_EMERGENCY, SEE_READERS


def _texts(ja: str, easy: str, en: str) -> Texts:
    return {"ja": ja, "ja-x-easy": easy, "en": en}


ROLES = (
    Role(
        "role-officer",
        _texts("権限管理者", "権限《けんげん》を きめる 人《ひと》", "Role officer"),
        {"role-administration": _texts("職員の役割の管理", "役割《やくわり》の 管理《かんり》", "administration of roles")},
        may=frozenset({GRANT_ROLES, CONFIRM, SEE_READERS}),
    ),
    Role(
        "privacy-officer",
        _texts("個人情報保護担当", "個人情報《こじんじょうほう》を まもる 人《ひと》", "Privacy officer"),
        {
            "privacy-oversight": _texts(
                "個人情報の取扱いの確認", "つかいかたの 確認《かくにん》", "oversight of how personal data are used"
            )
        },
        may=frozenset({CONFIRM, SEE_READERS, "audit", "rights", "disposal", "breaches"}),
    ),
    Role(
        "emergency-officer",
        _texts("災害対策本部員", "災害《さいがい》の ときの 責任者《せきにんしゃ》", "Emergency officer"),
        {"disaster-response": _texts("災害対応の指揮", "災害《さいがい》の ときの 仕事《しごと》", "command in a disaster")},
        may=frozenset({OPEN_EMERGENCY, CONFIRM}),
    ),
    Role(
        "counter",
        _texts("窓口担当", "窓口《まどぐち》の 人《ひと》", "Counter clerk"),
        {
            "counter": _texts("住民の届出と相談の受付", "とどけと 相談《そうだん》", "residents’ notifications and questions"),
            "consent-counter": _texts(
                "紙の同意書の登録", "紙《かみ》の 同意《どうい》の とうろく", "entering consents given on paper"
            ),
        },
        (Reads("Resident", ("name", "nameKana", "birthDate", "district")),),
        frozenset({COUNTER}),
    ),
    Role(
        "personnel",
        _texts("人事担当", "職員《しょくいん》の 係《かかり》", "Personnel"),
        {"personnel": _texts("職員の人事", "職員《しょくいん》の 仕事《しごと》", "looking after the staff")},
        may=frozenset({PERSONNEL}),
    ),
    Role(
        "statistics",
        _texts("統計担当", "数《かず》を しらべる 係《かかり》", "Statistics"),
        {"statistics": _texts("統計の作成", "数《かず》を しらべる こと", "making statistics")},
        may=frozenset({"statistics", "extracts"}),
    ),
)

MANIFEST = Manifest(
    name="roles",
    title=_texts("役割と職務", "役割《やくわり》と 仕事《しごと》", "Roles and duties"),
    purpose=_texts(
        "職員の役割を、理由と期限を付けて決め、危険なものは二人で確認します。",
        "だれが なにを 見《み》て よいか きめます。",
        "Says who on the staff may do what, why and until when; two people decide on what is dangerous.",
    ),
    routes=(pages.show_inbox, pages.show_duty, pages.choose_duty, pages.show_roles, pages.act_on_roles),
    roles=ROLES,
)
