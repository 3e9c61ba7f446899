output "value" {
  description = "The password, in no state and no plan."
  value       = ephemeral.aws_secretsmanager_random_password.this.random_password
  sensitive   = true
  ephemeral   = true
}
