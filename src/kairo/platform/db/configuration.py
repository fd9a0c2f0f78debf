"""With which settings does the embedded server run? Small enough for a laptop beside other work, durable as on a big machine.

postgresql.conf is written anew at every start; an operator's own lines go to `settings.conf` beside the cluster and win.
"""

from pathlib import Path

_SETTINGS = {
    "max_connections": "60",
    "superuser_reserved_connections": "3",
    "shared_buffers": "64MB",
    "huge_pages": "off",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "512MB",
    "wal_compression": "on",
    "max_wal_senders": "4",
    "max_worker_processes": "4",
    "max_logical_replication_workers": "0",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "autovacuum_max_workers": "2",
    "max_locks_per_transaction": "128",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "datestyle": "'iso, ymd'",
    "lc_messages": "'C'",
    "default_text_search_config": "'pg_catalog.simple'",
    "logging_collector": "on",
    "log_directory": "'../log'",
    "log_filename": "'postgres-%a.log'",  # a week, each day overwriting that of the week before
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_line_prefix": "'%m [%p] %a '",
    "log_checkpoints": "off",
    "log_min_duration_statement": "2000",
    "log_parameter_max_length": "0",  # parameters are residents' data: they do not belong in a log
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",  # without DETAIL, which quotes values of rows
    "log_min_error_statement": "panic",
}
_SINCE_18 = {"io_method": "sync"}  # saves the three worker processes
_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def write_configuration(cluster: Path, *, major: int, durable: bool) -> None:
    """Write postgresql.conf and pg_hba.conf. `durable=False` is for a test's throw-away cluster only."""
    settings = _SETTINGS | (_SINCE_18 if major >= 18 else {}) | ({} if durable else _THROW_AWAY)
    lines = ["# Written by Kairo at every start. Own settings go to ../settings.conf.\n"]
    lines += [f"{name} = {value}\n" for name, value in settings.items()]
    if (cluster.parent / "settings.conf").exists():
        lines += ["include = '../settings.conf'\n"]
    _write(cluster / "postgresql.conf", "".join(lines))
    # Only those reach the socket who may enter its folder (0700); there is no other way in.
    _write(cluster / "pg_hba.conf", "local all all trust\nlocal replication all trust\n")


def _write(path: Path, text: str) -> None:
    """Replace the content, keeping owner and mode (the server may run as another user than we)."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
