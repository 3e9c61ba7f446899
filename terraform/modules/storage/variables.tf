variable "name" {
  description = "Name of the environment, e.g. plotlot-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,24}$", var.name))
    error_message = "name: 3 to 25 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "key_arn" {
  description = "ARN of the KMS key that encrypts what is kept here."
  type        = string

  validation {
    condition     = startswith(var.key_arn, "arn:")
    error_message = "key_arn: an ARN."
  }
}

variable "old_versions_days" {
  description = "Days that a replaced or deleted document can still be brought back."
  type        = number
  default     = 365

  validation {
    condition     = var.old_versions_days > 30
    error_message = "old_versions_days: more than 30, after which old versions move to cheaper storage."
  }
}

variable "force_destroy" {
  description = "Whether teardown deletes the bucket together with the documents in it."
  type        = bool
  default     = false
}
