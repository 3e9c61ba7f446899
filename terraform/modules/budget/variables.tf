variable "name" {
  description = "Name of the environment, e.g. plotlot-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,24}$", var.name))
    error_message = "name: 3 to 25 lower-case letters, digits and hyphens, a letter first."
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

variable "monthly_usd" {
  description = "What a month may cost, in US dollars."
  type        = number

  validation {
    condition     = var.monthly_usd > 0
    error_message = "monthly_usd: more than 0."
  }
}

variable "spent_percent" {
  description = "Shares of the budget at whose spending a letter goes out."
  type        = set(number)
  default     = [50, 80, 100]

  validation {
    condition     = contains(var.spent_percent, 100) && alltrue([for share in var.spent_percent : share > 0]) && length(var.spent_percent) <= 4
    error_message = "spent_percent: 100 and at most three others above 0; AWS takes five notifications a budget."
  }
}

variable "cost_tag" {
  description = "Cost allocation tag that limits the budget to the environment, once it is active in the billing console. Null: the whole account."
  type        = object({ key = string, value = string })
  default     = null
}
