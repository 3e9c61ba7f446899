output "value" {
  description = "The password, in no state and no plan."
  value       = var.generate ? one(ephemeral.aws_secretsmanager_random_password.this[*].random_password) : var.given
  sensitive   = true
  ephemeral   = true
}
