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

variable "vpc_id" {
  description = "Id of the VPC."
  type        = string

  validation {
    condition     = startswith(var.vpc_id, "vpc-")
    error_message = "vpc_id: the id of a VPC, vpc-..."
  }
}

variable "subnet_ids" {
  description = "Subnets without a route to the internet, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids: at least two, in different zones."
  }
}

variable "client_security_group_id" {
  description = "The one security group that may connect: that of the nodes and their pods."
  type        = string

  validation {
    condition     = startswith(var.client_security_group_id, "sg-")
    error_message = "client_security_group_id: the id of a security group, sg-..."
  }
}

variable "engine_version" {
  description = "Version of Postgres: a major one, so that RDS takes the newest minor, or a full one to pin."
  type        = string
  default     = "18"

  validation {
    condition     = can(regex("^(1[6-9]|[2-9][0-9])(\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version: 16 or later, e.g. 18 or 18.1; RDS brings pgvector 0.8 with these."
  }
}

variable "instance_class" {
  description = "Class of the instance, e.g. db.t4g.medium."
  type        = string

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class: a class of RDS, db.<family>.<size>."
  }
}

variable "database_name" {
  description = "Name of the database."
  type        = string
  default     = "plotlot"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database_name))
    error_message = "database_name: lower-case letters, digits and underscores, a letter first."
  }
}

variable "username" {
  description = "Owner of the database, who may create its extensions."
  type        = string
  default     = "plotlot"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.username)) && !contains(["postgres", "admin", "rdsadmin"], var.username)
    error_message = "username: lower-case letters, digits and underscores, and none of postgres, admin, rdsadmin."
  }
}

variable "storage_gib" {
  description = "Storage at the start, in GiB."
  type        = number

  validation {
    condition     = var.storage_gib >= 20
    error_message = "storage_gib: 20 or more, the least that gp3 has."
  }
}

variable "max_storage_gib" {
  description = "Storage that RDS may grow to by itself, in GiB."
  type        = number

  validation {
    condition     = var.max_storage_gib >= 22
    error_message = "max_storage_gib: at least a tenth above storage_gib."
  }
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over, at twice the price."
  type        = bool
}

variable "backup_retention_days" {
  description = "Days back to which the database can be restored to any second."
  type        = number

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "backup_retention_days: 1 to 35."
  }
}

variable "deletion_protection" {
  description = "Whether the database refuses deletion, and keeps its backups when it is deleted all the same."
  type        = bool
}

variable "final_snapshot" {
  description = "Whether deletion leaves a last snapshot behind."
  type        = bool
  default     = true
}

variable "apply_immediately" {
  description = "Whether changes that restart Postgres happen at once instead of in the maintenance window."
  type        = bool
  default     = false
}

variable "performance_insights" {
  description = "Whether to record which statements take the time; seven days are free. Not for the smallest classes."
  type        = bool
  default     = true
}

variable "monitoring_seconds" {
  description = "Seconds between the measures of the operating system; 0 for none."
  type        = number
  default     = 0

  validation {
    condition     = contains([0, 1, 5, 10, 15, 30, 60], var.monitoring_seconds)
    error_message = "monitoring_seconds: 0, 1, 5, 10, 15, 30 or 60."
  }
}

variable "password" {
  description = "Password of the owner; used only when password_version is new."
  type        = string
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9]{24,128}$", var.password))
    error_message = "password: 24 to 128 letters and digits, for it stands in an address."
  }
}

variable "password_version" {
  description = "Number of the password. One more, and the next apply sets a new one."
  type        = number
  default     = 1

  validation {
    condition     = var.password_version >= 1 && floor(var.password_version) == var.password_version
    error_message = "password_version: a whole number from 1."
  }
}

variable "secret_prefix" {
  description = "First part of the secret's name, e.g. plotlot/dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9/-]+[a-z0-9]$", var.secret_prefix))
    error_message = "secret_prefix: lower-case letters, digits, hyphens and slashes."
  }
}

variable "secret_recovery_days" {
  description = "Days in which the deleted secret can be brought back; its name is taken for so long. 0: gone at once."
  type        = number
  default     = 7

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "secret_recovery_days: 0, or 7 to 30."
  }
}

variable "parameters" {
  description = "Parameters of Postgres on top of the module's own, or in their place."
  type        = map(string)
  default     = {}

  validation {
    condition     = lookup(var.parameters, "rds.force_ssl", "1") == "1"
    error_message = "parameters: rds.force_ssl stays 1."
  }
}

variable "log_retention_days" {
  description = "Days that the logs of Postgres are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days)
    error_message = "log_retention_days: a period that CloudWatch offers, e.g. 7, 30, 90 or 365."
  }
}
