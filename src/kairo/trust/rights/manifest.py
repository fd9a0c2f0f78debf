"""What do rights and duties declare? The pages on which people demand what is theirs, and those by which the city does what it owes."""

from kairo.platform.manifests import Manifest, Navigation
from kairo.trust.rights.breaches import pages as breaches
from kairo.trust.rights.cases import console, pages
from kairo.trust.rights.disposal import pages as disposal
from kairo.trust.rights.register import pages as register

MANIFEST = Manifest(
    name="rights",
    title={
        "ja": "個人情報の権利と義務",
        "ja-x-easy": "あなたの 情報《じょうほう》の 権利《けんり》",
        "en": "Rights and duties",
    },
    purpose={
        "ja": "開示・訂正・利用停止の請求に期限内に応え、個人情報ファイル簿、漏えい等の報告、廃棄の記録を作ります。",
        "ja-x-easy": "あなたの 情報《じょうほう》を 見《み》る、なおす、やめる お願《ねが》いに こたえます。",
        "en": "Answers requests for disclosure, correction and the end of a use in time; register, reports of leaks, disposal with proof.",
    },
    depends_on=("roles", "consent", "disclosure"),
    routes=(*pages.ROUTES, *console.ROUTES, *register.ROUTES, *disposal.ROUTES, *breaches.ROUTES),
    own_pages=(
        Navigation(
            pages.PATH,
            {
                "ja": "自分の情報についての請求",
                "ja-x-easy": "自分《じぶん》の 情報《じょうほう》の お願《ねが》い",
                "en": "Requests about my data",
            },
            order=60,
            about={
                "ja": "見る・直す・使うのをやめてもらう",
                "ja-x-easy": "見《み》る、なおす、つかうのを やめさせる",
                "en": "See it, correct it, stop its use",
            },
        ),
    ),
    staff_pages=(
        Navigation(
            "/console/requests",
            {"ja": "開示などの請求", "ja-x-easy": "お願《ねが》い", "en": "Requests"},
            30,
            about={
                "ja": "期限までに決めて、本人に知らせる",
                "ja-x-easy": "いつまでに きめるか 見《み》る",
                "en": "Decide in time, and tell the person",
            },
            power="rights",
        ),
        Navigation(
            "/console/disposal",
            {"ja": "廃棄", "ja-x-easy": "すてる", "en": "Disposal"},
            70,
            about={
                "ja": "保存年限を過ぎた情報を、二人で確かめて廃棄する",
                "ja-x-easy": "ふるい 情報《じょうほう》を すてる",
                "en": "What has been kept for long enough, by two people",
            },
            power="disposal",
        ),
        Navigation(
            "/console/breaches",
            {"ja": "漏えい等の報告", "ja-x-easy": "もれた とき", "en": "Reports of leaks"},
            71,
            about={"ja": "ログから報告の下書きをつくる", "ja-x-easy": "もれた ときの ほうこく", "en": "Prepared from the log"},
            power="breaches",
        ),
    ),
    navigation=(
        Navigation(
            "/personal-data-register",
            {
                "ja": "個人情報ファイル簿",
                "ja-x-easy": "市《し》が もって いる 人《ひと》の 情報《じょうほう》",
                "en": "Register of personal data",
            },
            order=93,
        ),
    ),
)
