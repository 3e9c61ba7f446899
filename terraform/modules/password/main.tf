# Another password at each run, for arguments that are write-only and taken only when their version is new. A module of
# its own, because a test's mock provider cannot stand in for an ephemeral resource, but a test can override a module.

ephemeral "aws_secretsmanager_random_password" "this" {
  password_length     = var.length
  exclude_punctuation = true
}
