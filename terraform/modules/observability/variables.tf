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

variable "emails" {
  description = "Who is told."
  type        = set(string)

  validation {
    condition     = length(var.emails) > 0 && alltrue([for address in var.emails : can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", address))])
    error_message = "emails: at least one address."
  }
}

variable "database" {
  description = "The instance of RDS, and the figures beyond which it is in trouble."
  type = object({
    identifier       = string
    connections      = number
    free_storage_gib = optional(number, 5)
    free_memory_mib  = optional(number, 256)
  })

  validation {
    condition     = var.database.connections > 0 && var.database.free_storage_gib > 0 && var.database.free_memory_mib > 0
    error_message = "database: connections, free_storage_gib and free_memory_mib above 0."
  }
}

variable "cache_node_ids" {
  description = "Nodes of ElastiCache."
  type        = list(string)

  validation {
    condition     = length(var.cache_node_ids) > 0
    error_message = "cache_node_ids: at least one."
  }
}

variable "cluster_name" {
  description = "Name of the EKS cluster."
  type        = string

  validation {
    condition     = length(var.cluster_name) > 0
    error_message = "cluster_name: the name of a cluster."
  }
}

variable "service_group_name" {
  description = "Scaling group of the services' nodes."
  type        = string

  validation {
    condition     = length(var.service_group_name) > 0
    error_message = "service_group_name: the name of a scaling group."
  }
}

variable "container_insights" {
  description = "Whether the cluster sends the metrics that tell nodes which are not ready."
  type        = bool
}
