"""What does disclosure declare? The pages about looks: a resident's own, and those of whoever answers and audits."""

from kairo.platform.manifests import Manifest, Navigation
from kairo.trust.disclosure import console, pages

MANIFEST = Manifest(
    name="disclosure",
    title={"ja": "開示記録", "ja-x-easy": "だれが 見《み》たかの きろく", "en": "Disclosure log"},
    purpose={
        "ja": "個人の情報をだれが、いつ、なぜ見たかを記録し、本人に示します。",
        "ja-x-easy": "あなたの ことを だれが 見《み》たか、あなたに 知《し》らせます。",
        "en": "Keeps who looked at whose data, when and why, and shows it to them.",
    },
    routes=(
        *(pages.show_looks, pages.show_question, pages.ask_about_look),
        *(console.show_questions, console.answer_question),
        *(console.show_audit, console.sign_log, console.download_head, console.download_proof),
    ),
    own_pages=(
        Navigation(
            pages.PATH,
            {"ja": "わたしの情報を見た人", "ja-x-easy": "わたしの ことを 見《み》た 人《ひと》", "en": "Who looked at my data"},
            40,
            {
                "ja": "だれが、いつ、なぜ見たかを確かめ、質問できます。",
                "ja-x-easy": "だれが いつ 見《み》たか、わかります。しつもんも できます。",
                "en": "See who looked, when and why, and ask about it.",
            },
        ),
    ),
    staff_pages=(
        Navigation(
            "/console/audit",
            {"ja": "閲覧の監査", "ja-x-easy": "だれが 見《み》たか しらべる", "en": "Audit of looks"},
            40,
            about={
                "ja": "だれが何を見たかを調べ、記録の確かさを示す",
                "ja-x-easy": "だれが 見《み》たか しらべる",
                "en": "Who looked at what, and that the record is whole",
            },
            power="audit",
        ),
        Navigation(
            "/console/questions",
            {"ja": "住民からの質問", "ja-x-easy": "しつもん", "en": "Residents’ questions"},
            41,
            about={
                "ja": "閲覧の記録への質問に答える",
                "ja-x-easy": "しつもんに こたえる",
                "en": "Answer questions about looks",
            },
            power="audit",
        ),
    ),
)
