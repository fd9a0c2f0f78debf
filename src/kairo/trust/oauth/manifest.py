"""What does this part declare? What programs of partners call, and the pages around it."""

from kairo.platform.handling import Role
from kairo.platform.manifests import Manifest, Navigation
from kairo.trust.oauth import api, browser, pages
from kairo.trust.oauth.permissions import APPLICATIONS
from kairo.trust.oauth.relying import pages as elsewhere

ROLE = Role(
    "application-officer",
    {"ja": "アプリケーション連携担当", "ja-x-easy": "アプリの 係《かかり》", "en": "Application officer"},
    {
        "applications": {
            "ja": "連携事業者のアプリケーションの管理",
            "ja-x-easy": "会社《かいしゃ》の アプリの 管理《かんり》",
            "en": "looking after applications of partner businesses",
        }
    },
    may=frozenset({APPLICATIONS}),
)

MANIFEST = Manifest(
    name="oauth",
    title={"ja": "アプリケーション連携", "ja-x-easy": "アプリとの つながり", "en": "Applications"},
    purpose={
        "ja": "連携事業者のアプリケーションに、許可した範囲だけを渡します。",
        "ja-x-easy": "アプリに わたして よい ものだけを わたします。",
        "en": "Gives applications of partners what they were allowed, and nothing else.",
    },
    routes=(
        api.token,
        api.introspect,
        api.revoke,
        api.userinfo,
        api.post_userinfo,
        api.jwks,
        api.configuration,
        browser.show_authorize,
        browser.decide,
        pages.show_logout,
        pages.logout,
        pages.show_applications,
        pages.act_on_application,
        pages.show_my_applications,
        pages.disconnect,
        elsewhere.begin,
        elsewhere.come_back,
        elsewhere.show_logins,
        elsewhere.act_on_logins,
    ),
    own_pages=(
        Navigation(
            "/me/applications",
            {"ja": "連携アプリ", "ja-x-easy": "つながって いる アプリ", "en": "Connected apps"},
            55,
            about={
                "ja": "Kairo でログインしたアプリを見て、解除する",
                "ja-x-easy": "つながって いる アプリを 見《み》て、やめる",
                "en": "See which apps you signed in to, and disconnect them",
            },
        ),
    ),
    roles=(ROLE,),
    staff_pages=(
        Navigation(
            "/console/applications",
            {"ja": "連携アプリケーション", "ja-x-easy": "アプリ", "en": "Applications"},
            60,
            about={
                "ja": "登録、承認、鍵の発行と更新",
                "ja-x-easy": "アプリを とうろくする",
                "en": "Register, approve, give and rotate keys",
            },
            power="applications",
        ),
    ),
)
