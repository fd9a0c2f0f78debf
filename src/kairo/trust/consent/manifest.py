"""What does consent declare? Its purposes, its pages and its interface."""

from pathlib import Path

from kairo.platform.manifests import Manifest, Navigation
from kairo.trust.consent import api, counter, pages
from kairo.trust.consent.purposes import read_purposes

MANIFEST = Manifest(
    name="consent",
    title={"ja": "同意", "ja-x-easy": "同意《どうい》", "en": "Consent"},
    purpose={
        "ja": "本人が、だれに何をいつまで見せるかを決め、いつでも撤回できます。",
        "ja-x-easy": "だれに 何《なに》を いつまで 見《み》せるか、自分《じぶん》で きめます。いつでも やめられます。",
        "en": "People decide who sees what about them and until when, and withdraw at any time.",
    },
    routes=(*pages.ROUTES, *counter.ROUTES, *api.ROUTES),
    own_pages=(
        Navigation(
            pages.PATH,
            {"ja": "わたしの同意", "ja-x-easy": "わたしが「いい」と 言《い》った こと", "en": "What I agreed to"},
            order=20,
            about={
                "ja": "だれに何をいつまで見せるかを決める、やめる",
                "ja-x-easy": "だれに 何《なに》を 見《み》せるか きめる、やめる",
                "en": "Decide who sees what about you, and end it",
            },
        ),
    ),
    purposes=read_purposes(Path(__file__).with_name("purposes.yaml")),
    staff_pages=(
        Navigation(
            "/console/consents",
            {"ja": "窓口：同意", "ja-x-easy": "窓口《まどぐち》：同意《どうい》", "en": "Counter: consent"},
            20,
            about={
                "ja": "書面の同意を登録し、控えを渡す",
                "ja-x-easy": "紙《かみ》の 同意《どうい》を とうろくする",
                "en": "Enter consent given on paper, hand over the receipt",
            },
            power="consent-counter",
        ),
    ),
)
