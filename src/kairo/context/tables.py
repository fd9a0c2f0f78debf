"""Which tables does the broker keep, and where do their rows stand once there are several machines?"""

from kairo.platform.db import Table

TABLES = (
    Table("tenant", "reference", rls=False),
    Table("change_counter", colocated_with="entity"),
    Table("entity"),
    Table("type_set", colocated_with="entity"),
    Table("entity_geo", colocated_with="entity"),
    Table("entity_subject", colocated_with="entity"),
    Table("access_grant", colocated_with="entity"),
    Table("shielded_person", colocated_with="entity"),
    Table("history", colocated_with="entity"),
    Table("entity_past", colocated_with="entity"),
    Table("change", colocated_with="entity"),
    Table("outbox", colocated_with="entity"),
    *(Table(name, colocated_with="entity") for name in ("attribute_index", "attribute_value", "attribute_use")),
    Table("stored_context"),
    Table("quota_bucket"),
    *(
        Table(name, colocated_with="entity")
        for name in (
            "subscription",
            "subscription_state",
            "subscription_watch",
            "notification_event",
            "notification_progress",
            "notification",
            "dead_letter",
        )
    ),
)
