output "topic_arn" {
  description = "Topic of all alarms, to which a pager may subscribe as well."
  value       = aws_sns_topic.alarms.arn
}
