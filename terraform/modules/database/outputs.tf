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
