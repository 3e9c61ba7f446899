variable "account_id" {
  description = "Account that this environment belongs to; another one is refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: twelve digits."
  }
}

variable "region" {
  description = "Region of AWS."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region: a region of AWS, e.g. us-east-1."
  }
}

variable "administrators" {
  description = "ARNs of the IAM roles or users who administer the cluster."
  type        = set(string)

  validation {
    condition     = length(var.administrators) > 0
    error_message = "administrators: at least one, for the creator of the cluster gets no access by itself."
  }
}

variable "viewers" {
  description = "ARNs of the IAM roles or users who may look at everything in the cluster but secrets."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.viewers : startswith(arn, "arn:")])
    error_message = "viewers: ARNs."
  }
}

variable "emails" {
  description = "Who is told of alarms and of the budget."
  type        = set(string)

  validation {
    condition     = length(var.emails) > 0
    error_message = "emails: at least one address."
  }
}

variable "public_endpoint_cidrs" {
  description = "Who may reach the Kubernetes API from outside the VPC. Empty: nobody."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for block in var.public_endpoint_cidrs : can(cidrhost(block, 0))])
    error_message = "public_endpoint_cidrs: IPv4 blocks."
  }
}

variable "database_password_version" {
  description = "Number of the database's password. One more, and the next apply sets a new one."
  type        = number
  default     = 1

  validation {
    condition     = var.database_password_version >= 1
    error_message = "database_password_version: a whole number from 1."
  }
}

variable "cache_password_version" {
  description = "Number of the cache's password. One more, and the next apply sets a new one."
  type        = number
  default     = 1

  validation {
    condition     = var.cache_password_version >= 1
    error_message = "cache_password_version: a whole number from 1."
  }
}

variable "generate_passwords" {
  description = "Whether passwords are made; otherwise those of passwords are used."
  type        = bool
  default     = true
}

variable "passwords" {
  description = "Your own passwords, 24 letters and digits or more, where generate_passwords is false."
  type        = object({ database = string, cache = string })
  default     = null
  sensitive   = true
  ephemeral   = true
}
