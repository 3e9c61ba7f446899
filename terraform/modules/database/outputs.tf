output "host" {
  description = "Host name of Postgres."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "Port of Postgres."
  value       = 5432
}

output "database_name" {
  description = "Name of the database."
  value       = aws_db_instance.this.db_name
}

output "secret_arn" {
  description = "Secret that holds the complete address, password included."
  value       = aws_secretsmanager_secret.url.arn
}

output "secret_name" {
  description = "Name of that secret, for the chart."
  value       = aws_secretsmanager_secret.url.name
}

output "identifier" {
  description = "Identifier of the instance, by which CloudWatch knows it."
  value       = aws_db_instance.this.identifier
}

output "safeguards" {
  description = "How the data is guarded."
  value = {
    deletion_protection   = aws_db_instance.this.deletion_protection
    final_snapshot        = !aws_db_instance.this.skip_final_snapshot
    backup_retention_days = aws_db_instance.this.backup_retention_period
    multi_az              = aws_db_instance.this.multi_az
    encrypted             = aws_db_instance.this.storage_encrypted
    public                = aws_db_instance.this.publicly_accessible
  }
}
