"""What is known of the database's backups."""

from plotlot.telemetry.making import Making


class BackupMetrics:
    """Of `plotlot backup watch`, told from where backups are kept."""

    def __init__(self, make: Making) -> None:
        self.backup_taken_seconds = make.gauge(
            "backup_taken_seconds",
            "When the newest complete backup was taken, in seconds since 1970; 0 where there is none.",
        )
        self.backup_bytes = make.gauge("backup_bytes", "Size of the newest complete backup.")
        self.backups_kept = make.gauge("backups_kept", "Complete backups that are kept.")
