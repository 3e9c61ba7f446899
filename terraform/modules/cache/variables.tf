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
  description = "Version of Valkey."
  type        = string
  default     = "8.0"

  validation {
    condition     = can(regex("^([89]|[1-9][0-9])\\.[0-9]+$", var.engine_version))
    error_message = "engine_version: Valkey 8.0 or later, as major.minor."
  }
}

variable "node_type" {
  description = "Type of a node, e.g. cache.t4g.micro."
  type        = string

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.node_type))
    error_message = "node_type: a type of ElastiCache, cache.<family>.<size>."
  }
}

variable "replicas" {
  description = "Copies in other zones, one of which takes over when the first node fails."
  type        = number

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "replicas: a whole number, 0 to 5."
  }
}

variable "password" {
  description = "Password of the cache; used only when password_version is new."
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
