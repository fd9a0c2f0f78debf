"""What does a person hold in their hand? A receipt of a consent that programs read too, with a digest by which a change is seen.

Its sections follow ISO/IEC TS 27560:2023 (metadata, processing, event, parties), and cover what a Kantara Consent Receipt 1.1 holds;
neither was read in the primary text. It is not signed: the digest shows that a copy was changed, not who made it. What counts is
the record here, under the receipt's id.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

from kairo.platform.clock import iso
from kairo.platform.i18n import strip_readings
from kairo.platform.manifests import Texts
from kairo.trust.consent import rules
from kairo.trust.consent.purposes import canonical
from kairo.trust.consent.reading import Detail

SCHEMA: Final = "kairo-consent-receipt/1"
_HOW: Final = "SHA-256 of this object without `digest`: keys in order, no white space, UTF-8"


def receipt_of(detail: Detail, tenant: str) -> dict[str, Any]:
    """The receipt of a consent as its last event left it."""
    consent, last, text = detail.shown.consent, detail.events[-1], detail.shown.text
    agreed = consent.version > 0
    document = {
        "schema": SCHEMA,
        "modelled_on": [
            "ISO/IEC TS 27560:2023 (structure; not read in the primary text)",
            "Kantara Consent Receipt 1.1 (content; not read in the primary text)",
        ],
        "receipt_metadata": {
            "receipt_id": f"{consent.id}.{last.number}",
            "record_id": consent.id,
            "pii_principal_id": consent.subject,
            "issuer": tenant,
            "jurisdiction": "JP",
        },
        "pii_processing": {
            "privacy_notice": {
                "id": text.id,
                "version": text.version,
                "sha256": consent.terms.text,
                "title": _plain(text.title),
                "text": _plain(text.text),
            },
            "purposes": [
                {
                    "purpose": text.id,
                    "lawful_basis": list(text.articles),
                    "consent_type": "explicit",
                    "collection_method": last.channel.value,
                    "pii_information": [
                        {
                            "pii_type": one.id,
                            "title": _plain(one.title),
                            "description": _plain(one.text),
                            "entity_types": list(one.types),
                            "attributes": list(one.attributes) or "all",
                            "sensitive": one.sensitive,
                        }
                        for one in detail.shown.categories
                    ],
                    "pii_controllers": ["controller"],
                    "recipients": ["recipient"],
                    "withdrawal_method": "at any time on /me/consents, or at the city's counter",
                }
            ],
        },
        "event": {
            "event_type": last.act.value,
            "event_state": consent.state.value,
            "event_time": iso(last.at),
            "entity_id": last.principal,
            "valid_from": iso(consent.since) if agreed else None,
            "valid_until": iso(consent.terms.until),
            "evidence": last.evidence or None,
        },
        "party_identification": [
            {
                "party_id": "controller",
                "party_role": "controller",
                "name": _plain(text.controller),
                "chapter": text.chapter.value,
            },
            {
                "party_id": "recipient",
                "party_role": "recipient",
                "identifier": consent.recipient,
                "name": _plain(text.recipients.get(consent.recipient, {})),
            },
        ],
        "history": [
            {
                "number": event.number,
                "event_type": event.act.value,
                "event_time": iso(event.at),
                "entity_id": event.principal,
                "collection_method": event.channel.value,
                "pii_types": [one.id for one in rules.chosen(detail.texts[event.terms.text], event.terms)],
                "valid_until": iso(event.terms.until),
                "replaced_by": event.replaced_by,
            }
            for event in detail.events
        ],
    }
    return {**document, "digest": {"value": digest_of(document), "how": _HOW}}


def digest_of(document: Mapping[str, Any]) -> str:
    """The digest of a receipt, in hexadecimal digits."""
    return hashlib.sha256(canonical({name: value for name, value in document.items() if name != "digest"})).hexdigest()


def is_whole(receipt: Mapping[str, Any]) -> bool:
    """Whether a receipt is as it was made."""
    said = receipt.get("digest")
    value = said.get("value") if isinstance(said, Mapping) else None
    return isinstance(value, str) and hmac.compare_digest(value.encode(), digest_of(receipt).encode())


def _plain(texts: Texts) -> dict[str, str]:
    return {tag: strip_readings(text) for tag, text in texts.items()}
