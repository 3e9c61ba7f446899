variable "cluster_name" {
  description = "Name of the EKS cluster."
  type        = string

  validation {
    condition     = length(var.cluster_name) > 0
    error_message = "cluster_name: the name of a cluster."
  }
}

variable "namespace" {
  description = "Namespace of the service account."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace: a Kubernetes name."
  }
}

variable "service_account" {
  description = "Name of the service account, which also names the role."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,36}[a-z0-9])?$", var.service_account))
    error_message = "service_account: a Kubernetes name of at most 38 characters, so that the role's name fits."
  }
}

variable "statements" {
  description = "Statements of the role's policy, as IAM writes them."
  type        = any

  validation {
    condition     = length(var.statements) > 0
    error_message = "statements: at least one."
  }
}
