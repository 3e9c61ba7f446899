mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:plotlot-test-alarms" }
  }
}

variables {
  name               = "plotlot-test"
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/test"
  emails             = ["platform@example.com"]
  database           = { identifier = "plotlot-test", connections = 150 }
  cache_node_ids     = ["plotlot-test-001", "plotlot-test-002"]
  cluster_name       = "plotlot-test"
  service_group_name = "eks-services"
  container_insights = true
}

run "every_alarm_tells_somebody" {
  assert {
    condition = alltrue([
      for alarm in concat(
        values(aws_cloudwatch_metric_alarm.database), values(aws_cloudwatch_metric_alarm.cache), values(aws_cloudwatch_metric_alarm.cluster)
      ) : contains(alarm.alarm_actions, aws_sns_topic.alarms.arn) && length(alarm.alarm_description) > 0
    ])
    error_message = "Alarms go to the topic and say what they mean."
  }
  assert {
    condition     = length(aws_sns_topic_subscription.mail) == 1 && aws_sns_topic.alarms.kms_master_key_id == var.key_arn
    error_message = "The topic is read by mail, and encrypted."
  }
}

run "the_database_is_watched" {
  assert {
    condition = toset([for alarm in aws_cloudwatch_metric_alarm.database : alarm.metric_name]) == toset([
      "FreeStorageSpace", "CPUUtilization", "DatabaseConnections", "FreeableMemory",
    ])
    error_message = "Storage, processor, connections and memory."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.database["database-storage"].threshold == 5 * 1024 * 1024 * 1024
    error_message = "Five GiB, in the bytes that RDS reports."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.database : alarm.treat_missing_data == "breaching"])
    error_message = "A database that is silent is not well."
  }
}

run "every_node_of_the_cache_is_watched" {
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.cache) == 4
    error_message = "Memory and processor of both nodes."
  }
}

run "nodes_that_are_not_ready_need_container_insights" {
  variables {
    container_insights = false
  }
  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.cluster), "nodes-not-ready") && contains(keys(aws_cloudwatch_metric_alarm.cluster), "nodes-impaired")
    error_message = "Without it the checks of EC2 remain; an alarm on a metric that never comes would lie."
  }
}
