# Another password at each run, for arguments that are write-only and taken only when their version is new.

ephemeral "aws_secretsmanager_random_password" "this" {
  count = var.generate ? 1 : 0

  password_length     = var.length
  exclude_punctuation = true
}
