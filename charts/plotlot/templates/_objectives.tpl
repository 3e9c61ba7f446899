{{/*
Service level objectives as YAML: how many answers were bad, and of how many, a second, over WINDOW. A latency's seconds are
a bound of the histogram's buckets (LATENCY_BUCKETS of telemetry/making.py).
*/}}
{{- define "plotlot.objectives" -}}
{{- $of := printf "namespace=%q" .Release.Namespace -}}
{{- $objectives := .Values.alerts.objectives -}}
availability:
  title: Availability
  percent: {{ $objectives.availability.percent }}
  promise: answers without a fault
  bad: 'sum(rate(plotlot_http_requests_total{ {{- $of }}, status=~"5.."}[WINDOW])) or vector(0)'
  all: 'sum(rate(plotlot_http_requests_total{ {{- $of }}, route!~"/healthz|/readyz|/metrics"}[WINDOW]))'
{{- range $name, $route := dict "analysis" "/v1/analyses" "ask" "/v1/ask" }}
{{- with index $objectives $name }}
{{- $of := printf "%s, route=%q" $of $route }}
{{- $bound := printf "%.1f" (float64 .seconds) }}
{{ $name }}:
  title: {{ title $name }}
  percent: {{ .percent }}
  promise: answers of {{ $route }} within {{ .seconds }} s
  bad: 'sum(rate(plotlot_http_seconds_count{ {{- $of }}}[WINDOW])) - sum(rate(plotlot_http_seconds_bucket{ {{- $of }}, le="{{ $bound }}"}[WINDOW]))'
  all: 'sum(rate(plotlot_http_seconds_count{ {{- $of }}}[WINDOW]))'
{{- end }}
{{- end }}
{{- end }}

{{/* Pairs of windows, and how many times too fast the budget burns: 2 and 5 % of it go in the first two, 10 % in the rest. */}}
{{- define "plotlot.burns" -}}
- {severity: page, long: 1h, short: 5m, factor: 14.4}
- {severity: page, long: 6h, short: 30m, factor: 6}
- {severity: ticket, long: 1d, short: 2h, factor: 3}
- {severity: ticket, long: 3d, short: 6h, factor: 1}
{{- end }}
