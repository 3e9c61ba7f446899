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

variable "repositories" {
  description = "Repositories, named below the environment. All services run from one image."
  type        = set(string)
  default     = ["plotlot"]

  validation {
    condition     = length(var.repositories) > 0 && alltrue([for name in var.repositories : can(regex("^[a-z0-9][a-z0-9._/-]*$", name))])
    error_message = "repositories: at least one, in lower case."
  }
}

variable "images_kept" {
  description = "Images that a repository keeps."
  type        = number
  default     = 50

  validation {
    condition     = var.images_kept >= 10
    error_message = "images_kept: 10 or more, for a rollback must find its image."
  }
}

variable "untagged_days" {
  description = "Days after which an image without a tag goes."
  type        = number
  default     = 7

  validation {
    condition     = var.untagged_days >= 1
    error_message = "untagged_days: 1 or more."
  }
}

variable "force_delete" {
  description = "Whether teardown deletes repositories that still hold images."
  type        = bool
  default     = false
}
