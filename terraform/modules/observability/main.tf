# Alarms on what fails below the services, where their own metrics cannot see. All go to one topic, and from there by mail.

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.key_arn
}

# Whoever is named gets a mail to confirm; until then, nothing else.
resource "aws_sns_topic_subscription" "mail" {
  for_each = var.emails

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AlarmsOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.alarms.arn
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

data "aws_caller_identity" "current" {}

locals {
  gib = 1024 * 1024 * 1024

  database = {
    "database-storage" = {
      metric    = "FreeStorageSpace", compare = "LessThanThreshold", threshold = var.database.free_storage_gib * local.gib
      statistic = "Minimum", minutes = 15
      meaning   = "Postgres stops taking writes when its storage is full; it grows by itself up to max_storage_gib."
    }
    "database-cpu" = {
      metric    = "CPUUtilization", compare = "GreaterThanThreshold", threshold = 85
      statistic = "Average", minutes = 15
      meaning   = "Postgres has no processor left: look for the statement in Performance Insights."
    }
    "database-connections" = {
      metric    = "DatabaseConnections", compare = "GreaterThanThreshold", threshold = var.database.connections
      statistic = "Maximum", minutes = 5
      meaning   = "Near the limit of connections, after which pods are refused: pool_size times the number of pods is too large."
    }
    "database-memory" = {
      metric    = "FreeableMemory", compare = "LessThanThreshold", threshold = var.database.free_memory_mib * 1024 * 1024
      statistic = "Average", minutes = 15
      meaning   = "Postgres runs out of memory, often while a vector index is built."
    }
  }

  cache = merge([
    for node in var.cache_node_ids : {
      "cache-memory-${node}" = {
        metric = "DatabaseMemoryUsagePercentage", threshold = 90, node = node
        # A full cache works; it forgets sooner, and the database works more.
        meaning = "The cache is full and evicts: a larger node_type would keep more."
      }
      "cache-cpu-${node}" = {
        metric  = "EngineCPUUtilization", threshold = 85, node = node
        meaning = "The one thread that answers is busy: a larger node_type."
      }
    }
  ]...)

  cluster = merge(
    {
      "pods-unschedulable" = {
        namespace = "AWS/EKS", metric = "scheduler_pending_pods_UNSCHEDULABLE", threshold = 0, minutes = 15
        dimension = { ClusterName = var.cluster_name }
        meaning   = "Pods have waited a quarter of an hour for a node: the group is at its maximum, or AWS has no such instance."
      }
      "nodes-impaired" = {
        namespace = "AWS/EC2", metric = "StatusCheckFailed", threshold = 0, minutes = 5
        dimension = { AutoScalingGroupName = var.service_group_name }
        meaning   = "A node of the services fails the checks of EC2; the node group replaces it."
      }
    },
    var.container_insights ? {
      "nodes-not-ready" = {
        namespace = "ContainerInsights", metric = "cluster_failed_node_count", threshold = 0, minutes = 5
        dimension = { ClusterName = var.cluster_name }
        meaning   = "A node is not ready or under pressure: kubectl describe nodes says of what."
      }
    } : {},
  )
}

resource "aws_cloudwatch_metric_alarm" "database" {
  for_each = local.database

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.meaning
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = var.database.identifier }
  statistic           = each.value.statistic
  comparison_operator = each.value.compare
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = each.value.minutes / 5
  treat_missing_data  = "breaching" # a database that tells nothing is not there
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "cache" {
  for_each = local.cache

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.meaning
  namespace           = "AWS/ElastiCache"
  metric_name         = each.value.metric
  dimensions          = { CacheClusterId = each.value.node }
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 3
  treat_missing_data  = "missing"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "cluster" {
  for_each = local.cluster

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.meaning
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimension
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = each.value.minutes / 5
  treat_missing_data  = "missing"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
