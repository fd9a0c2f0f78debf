"""Which tables does trust keep?"""

from kairo.platform.db import Table

TABLES = (
    Table("credential"),
    *(Table(name) for name in ("account", "staff_post", "mandate")),
    *(Table(name) for name in ("passkey", "passkey_challenge", "staff_password", "recovery_code", "sign_in_wait")),
    *(Table(f"disclosure_{name}") for name in ("tree", "look", "subject", "node", "head", "key")),
    Table("access_question"),
    *(Table(name) for name in ("role_assignment", "emergency_release", "emergency_notice")),
    *(
        Table(name)
        for name in ("application", "application_key", "oauth_code", "oauth_token", "oauth_connection", "oauth_seen")
    ),
    *(Table(name) for name in ("provider_login", "linked_login")),
    *(Table(name) for name in ("consent", "consent_text", "consent_event", "consent_code", "consent_code_trial")),
    *(Table(name) for name in ("statistic_population", "statistic_number", "statistic_release")),
    *(Table(name) for name in ("privacy_budget", "noisy_answer", "extract_request", "data_extract")),
    *(Table(name) for name in ("rights_case", "rights_step", "use_stop", "disposal_list", "disposal_certificate", "breach")),
)
