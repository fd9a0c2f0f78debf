"""What does identity declare? Residents as entities, and the pages by which people sign in and look after how they do."""

from kairo.platform.handling import DataCategory, Filing
from kairo.platform.manifests import Concerns, EntityType, Manifest, Navigation, attributes
from kairo.trust.identity.accounts import pages as people
from kairo.trust.identity.accounts import staff_pages
from kairo.trust.identity.mandates import pages as mandates
from kairo.trust.identity.pages import enter, leave, show_enter
from kairo.trust.identity.sessions import pages as sessions
from kairo.trust.identity.signin import enrol_pages
from kairo.trust.identity.signin import pages as signin

RESIDENT = EntityType(
    "Resident",
    "personal",
    {"ja": "市民", "ja-x-easy": "市民《しみん》", "en": "Resident"},
    attributes=attributes(name="text!", nameKana="text", birthDate="date", district="Relationship", synthetic="boolean"),
    subjects=(Concerns("id", "self"),),
    category=DataCategory.PERSONAL,
    filing=Filing(
        {"ja": "市民課", "ja-x-easy": "市民課《しみんか》", "en": "Residents’ division"},
        {
            "ja": "本人の届出と住民基本台帳から",
            "ja-x-easy": "あなたの とどけから",
            "en": "From the person’s notifications and the basic resident register",
        },
        kept_days=5 * 365,
    ),
)

MANIFEST = Manifest(
    name="identity",
    title={"ja": "本人確認", "ja-x-easy": "ログイン", "en": "Identity"},
    purpose={
        "ja": "だれが使っているかを確かめます。",
        "ja-x-easy": "だれが つかっているかを たしかめます。",
        "en": "Finds out who is asking.",
    },
    entity_types=(RESIDENT,),
    routes=(
        show_enter,
        enter,
        leave,
        signin.show_sign_in,
        signin.sign_in_demo,
        signin.sign_in_by_password,
        signin.ask_for_passkey,
        signin.sign_in_by_passkey,
        enrol_pages.show_enrol,
        enrol_pages.ask_to_enrol,
        enrol_pages.enrol_passkey,
        enrol_pages.enrol_password,
        sessions.show_sessions,
        sessions.act_on_sessions,
        sessions.ask_for_another,
        sessions.add_passkey,
        mandates.show_mandates,
        mandates.act_on_mandates,
        people.show_people,
        people.act_on_people,
        staff_pages.show_staff,
        staff_pages.act_on_staff,
    ),
    own_pages=(
        Navigation(
            "/me/mandates",
            {"ja": "代理", "ja-x-easy": "かわりの 人《ひと》", "en": "Who acts for me"},
            50,
            about={
                "ja": "だれが自分の代わりをするか、自分がだれの代わりをするか",
                "ja-x-easy": "だれが わたしの かわりを するか",
                "en": "See and end who acts for you, and for whom you act",
            },
        ),
        Navigation(
            "/me/sessions",
            {"ja": "ログイン中の端末", "ja-x-easy": "ログインして いる もの", "en": "Where I am signed in"},
            60,
            about={
                "ja": "どこでログインしているかを見て、終わらせる",
                "ja-x-easy": "どこで ログインして いるか 見《み》て、おわらせる",
                "en": "See where you are signed in, end it, add a passkey",
            },
        ),
    ),
    staff_pages=(
        Navigation(
            "/console/people",
            {"ja": "窓口：市民", "ja-x-easy": "窓口《まどぐち》", "en": "Counter: residents"},
            10,
            about={
                "ja": "代理の登録、パスキーの再発行",
                "ja-x-easy": "かわりの 人《ひと》を とうろくする",
                "en": "Record a mandate, let a passkey be made anew",
            },
            power="identity:counter",
        ),
        Navigation(
            "/console/staff",
            {"ja": "職員", "ja-x-easy": "職員《しょくいん》", "en": "Staff"},
            90,
            about={
                "ja": "職員のアカウントと4月の異動",
                "ja-x-easy": "職員《しょくいん》の ことを する",
                "en": "Accounts of staff, and April’s rotation",
            },
            power="identity:personnel",
        ),
    ),
)
