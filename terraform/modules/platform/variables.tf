# Figures are checked where they are used, in the modules; here only what none of them sees.

variable "project" {
  description = "First part of every name."
  type        = string
  default     = "plotlot"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,14}$", var.project))
    error_message = "project: 2 to 15 lower-case letters and digits, a letter first."
  }
}

variable "environment" {
  description = "Second part of every name: dev, prod or another."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,8}$", var.environment))
    error_message = "environment: 2 to 9 lower-case letters and digits, a letter first."
  }
}

variable "protect_data" {
  description = "Whether deletion is refused, the last state is kept, and changes that restart wait for their window."
  type        = bool

  validation {
    condition     = var.protect_data || var.environment != "prod"
    error_message = "protect_data: prod keeps its data."
  }
}

variable "namespace" {
  description = "Namespace that the chart is installed into."
  type        = string
  default     = "plotlot"
}

variable "administrators" {
  description = "ARNs of the IAM roles or users who administer the cluster."
  type        = set(string)
}

variable "viewers" {
  description = "ARNs of the IAM roles or users who may look at the cluster."
  type        = set(string)
  default     = []
}

variable "emails" {
  description = "Who is told of alarms and of the budget."
  type        = set(string)
}

variable "monthly_budget_usd" {
  description = "What a month may cost, in US dollars."
  type        = number
}

variable "budget_by_tag" {
  description = "Whether the budget counts the environment alone. Needs the tag Environment active in the billing console."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days that logs of the control plane, of Postgres and of the network are kept."
  type        = number
}

variable "network" {
  description = "Sizes of the network; see modules/network."
  type = object({
    cidr                = string
    zone_count          = optional(number, 3)
    nat_gateways        = string
    interface_endpoints = optional(set(string), [])
    edge_cidrs          = optional(list(string), ["0.0.0.0/0"])
    flow_log_traffic    = optional(string, "REJECT")
  })
}

variable "cluster" {
  description = "Sizes of the cluster; see modules/cluster."
  type = object({
    kubernetes_version    = string
    support_type          = string
    public_endpoint_cidrs = optional(list(string), [])
    container_insights    = optional(bool, false)
    container_logs        = optional(bool, false)

    service_nodes = object({
      instance_types = list(string)
      min            = number
      max            = number
      disk_gib       = optional(number, 50)
      capacity_type  = optional(string, "ON_DEMAND")
      ami_type       = optional(string, "AL2023_x86_64_STANDARD")
    })

    gpu_nodes = object({
      instance_types = list(string)
      max            = number
      gpus_per_node  = optional(number, 1)
      disk_gib       = optional(number, 100)
      capacity_type  = optional(string, "ON_DEMAND")
    })
  })
}

variable "database" {
  description = "Sizes of the database; see modules/database."
  type = object({
    engine_version        = optional(string, "18")
    instance_class        = string
    storage_gib           = number
    max_storage_gib       = number
    multi_az              = bool
    backup_retention_days = number
    performance_insights  = optional(bool, true)
    monitoring_seconds    = optional(number, 0)
    parameters            = optional(map(string), {})
    connections_alarm     = number
    free_memory_alarm_mib = optional(number, 256)
  })
}

variable "database_password" {
  description = "Password of the database's owner; used only when its version is new."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "database_password_version" {
  description = "Number of the password. One more, and the next apply sets a new one."
  type        = number
  default     = 1
}

variable "cache" {
  description = "Sizes of the cache; see modules/cache."
  type = object({
    engine_version = optional(string, "8.0")
    node_type      = string
    replicas       = number
  })
}

variable "cache_password" {
  description = "Password of the cache; used only when its version is new."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "cache_password_version" {
  description = "Number of the password. One more, and the next apply sets a new one."
  type        = number
  default     = 1
}
