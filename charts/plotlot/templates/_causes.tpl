{{/*
Causes that are known, before users tell: each says what is away, slow or wrong, and its runbook what to do about it. As
YAML by alert: the query, how long it must hold, who is told (`page` wakes somebody), and a line of words. Windows are
short, so that an alert comes within two minutes of its cause, and goes soon after it.
*/}}
{{- define "plotlot.causes" -}}
{{- $of := printf "namespace=%q" .Release.Namespace -}}
{{- $freshness := .Values.alerts.objectives.freshness -}}
{{- $old := get (dict "30" "90d|365d|older" "90" "365d|older" "365" "older") (toString $freshness.days) -}}
{{- $unchecked := get (dict "7" "30d|90d|365d|older" "30" "90d|365d|older" "90" "365d|older") (toString .Values.alerts.towns.staleDays) -}}
# Releases stand still, in either case: nothing is promoted and nothing rolled back by evidence.
JudgeDegraded:
  expr: max by (namespace) (plotlot_judge_degraded{ {{- $of -}} }) > 0
  for: 1m
  severity: warning
  summary: The judge cannot see all the evidence, and answers continue.
JudgeDown:
  # By the container's name: every process tells all of PlotLot's metrics, whatever it serves.
  expr: absent(up{ {{- $of -}} , container="judge"}) or sum by (namespace, container) (up{ {{- $of -}} , container="judge"}) == 0
  for: 1m
  severity: warning
  summary: No judge answers; rollouts wait.
BadBundle:
  # Of two bundles that are served, one alone fails; or the judge has said so.
  expr: |
    (
      (
        sum by (namespace, bundle) (rate(plotlot_questions_total{ {{- $of -}} , outcome="failed"}[2m]))
        / sum by (namespace, bundle) (rate(plotlot_questions_total{ {{- $of -}} }[2m])) > 0.05
      )
      and sum by (namespace, bundle) (increase(plotlot_questions_total{ {{- $of -}} , outcome="failed"}[2m])) >= {{ .Values.alerts.leastBad }}
      and on (namespace) count by (namespace) (count by (namespace, bundle) (max_over_time(plotlot_info{ {{- $of -}} , bundle!=""}[30m]))) > 1
      unless on (namespace) max by (namespace) (plotlot_need_lacking{ {{- $of -}} }) > 0
    )
    or sum by (namespace) (increase(plotlot_judge_verdicts_total{ {{- $of -}} , verdict="rollback"}[2m])) > 0
  for: 0m
  severity: page
  summary: A bundle fails where another does not, or the judge rolls one back.
BadDeploy:
  # Of what the chart's PodMonitor names; a pod that is being made has a minute to answer.
  expr: up{ {{- $of -}} , job=~"(.*/)?{{ .Release.Name }}"} == 0
  for: 1m
  severity: ticket
  summary: A pod does not run or does not answer, which after a deploy is the new version.
DatabaseDown:
  expr: max by (namespace) (plotlot_need_lacking{need="database", {{ $of -}} }) > 0
  for: 1m
  severity: page
  summary: A service cannot reach the database.
DiskFull:
  # What the database says itself; before it does, its own disk's figures, or the claim's as the kubelet has them.
  expr: |
    sum by (namespace) (increase(plotlot_database_failures_total{ {{- $of -}} , reason="disk_full"}[2m])) > 0
    or max by (namespace) (plotlot_disk_bytes{ {{- $of -}} , state="free"}) / max by (namespace) (plotlot_disk_bytes{ {{- $of -}} , state="size"}) < 0.1
    or min by (namespace) (
      kubelet_volume_stats_available_bytes{ {{- $of -}} , persistentvolumeclaim=~"data-{{ .Release.Name }}-postgres-.*"}
      / kubelet_volume_stats_capacity_bytes{ {{- $of -}} , persistentvolumeclaim=~"data-{{ .Release.Name }}-postgres-.*"}
    ) < 0.1
  for: 0m
  severity: page
  summary: The database's disk is full, or nearly.
SecretRefused:
  expr: sum by (namespace, of) (increase(plotlot_secrets_refused_total{ {{- $of -}} }[2m])) > 0
  for: 0m
  severity: page
  summary: What PlotLot is to be known by is refused, as where a secret was changed in one place only.
CertificateExpires:
  expr: min by (namespace) (plotlot_certificate_ends_timestamp_seconds{ {{- $of -}} } > 0) - time() < {{ mulf .Values.alerts.certificateDays 86400 | int }}
  for: 0m
  severity: ticket
  summary: The certificate at the door ends soon, or has.
ModelMissing:
  expr: max by (namespace) (plotlot_need_lacking{need="model", {{ $of -}} }) > 0
  for: 1m
  severity: page
  summary: The embedding model is not loaded; searches wait.
CacheDown:
  expr: sum by (namespace) (rate(plotlot_cache_failures_total{ {{- $of -}} }[2m])) > 0.1
  for: 1m
  severity: ticket
  summary: The shared cache fails or is too slow, and is done without.
SearchSlow:
  expr: histogram_quantile(0.95, sum by (le, namespace) (rate(plotlot_rpc_seconds_bucket{method="Search", {{ $of -}} }[2m]))) > 0.5
  for: 30s
  severity: ticket
  summary: One search in twenty takes more than half a second.
ModelSlow:
  expr: histogram_quantile(0.95, sum by (le, namespace) (rate(plotlot_inference_first_token_seconds_bucket{ {{- $of -}} }[2m]))) > 2
  for: 1m
  severity: ticket
  summary: One answer in twenty waits more than two seconds for its first token.
EngineDown:
  expr: max by (namespace, endpoint) (plotlot_engine_circuit{ {{- $of -}} }) == 2
  for: 1m
  severity: ticket
  summary: An engine gets no requests, for it failed too often.
GpuNodeLost:
  # Of an engine that was there: one that never was is a setting.
  expr: |
    max by (namespace) (plotlot_engine_replicas{ {{- $of -}} , state="ready"}) == 0
    and on (namespace) max by (namespace) (max_over_time(plotlot_engine_replicas{ {{- $of -}} , state="ready"}[1h])) > 0
  for: 1m
  severity: ticket
  summary: No replica of the engine is left that takes requests, as where its node is gone.
QueueOverload:
  expr: sum by (namespace) (rate(plotlot_inference_rejections_total{ {{- $of -}} }[2m])) > 0.5
  for: 1m
  severity: ticket
  summary: The queue before the engines refuses requests.
IngestionStuck:
  expr: max by (namespace, kind) (plotlot_job_quiet_seconds{ {{- $of -}} }) > {{ .Values.alerts.stuckSeconds }}
  for: 0m
  severity: ticket
  summary: A job has made no step for too long, or nobody takes it.
IndexIncomplete:
  expr: max by (namespace, generation) (plotlot_documents_unindexed{ {{- $of -}} }) > 0
  for: 30s
  severity: ticket
  summary: A generation of the index that is searched has nothing of some documents.
IndexStale:
  expr: |
    sum by (namespace) (max by (namespace, age) (plotlot_towns{ {{- $of -}} , age=~"{{ $old }}"}))
    / sum by (namespace) (max by (namespace, age) (plotlot_towns{ {{- $of -}} })) > {{ subf 1 (divf (float64 $freshness.percent) 100) | printf "%.4g" }}
  for: 1h
  severity: ticket
  summary: {{ printf "Of %v %% of the municipalities, every document is promised to be no older than %v days, and is not." $freshness.percent $freshness.days | quote }}
TownsStale:
  # Of towns that are refreshed: a check that finds nothing changed is one too.
  expr: sum by (namespace) (max by (namespace, age) (plotlot_towns_checked{ {{- $of -}} , age=~"{{ $unchecked }}"})) > 0
  for: 1h
  severity: ticket
  summary: {{ printf "The publishers of some towns have given no whole code for more than %v days." .Values.alerts.towns.staleDays | quote }}
TownsShrunken:
  expr: max by (namespace, kind) (plotlot_towns_held_back{ {{- $of -}} , kind=~"vanished|shrunken"}) > 0
  for: 1m
  severity: ticket
  summary: The code of a town vanished or shrank at its publisher, and is held back.
TownsBroken:
  # What was fetched looks like no code, or night after night nothing is taken.
  expr: |
    max by (namespace, kind) (plotlot_towns_held_back{ {{- $of -}} , kind!~"vanished|shrunken"}) > 0
    or max by (namespace, town) (plotlot_town_unwell_seconds{ {{- $of -}} }) > {{ mulf .Values.alerts.towns.brokenHours 3600 | int }}
  for: 1m
  severity: ticket
  summary: What was fetched of a town looks wrong and is held back, or its refreshes fail again and again.
SourceDown:
  # Most requests fail, and some more than chance would have it: lookups are few.
  expr: |
    sum by (namespace, host) (increase(plotlot_egress_requests_total{ {{- $of -}} , result=~"failed|status"}[3m])) >= 3
    and sum by (namespace, host) (rate(plotlot_egress_requests_total{ {{- $of -}} , result=~"failed|status"}[3m]))
      / sum by (namespace, host) (rate(plotlot_egress_requests_total{ {{- $of -}} , result=~"failed|status|answered|unchanged"}[3m])) > 0.5
  for: 0m
  severity: ticket
  summary: A server outside that parcels are looked up at does not answer.
CitationsBroken:
  # All citations are promised to stand: the first that does not is one too many.
  expr: sum by (namespace) (increase(plotlot_citations_served_total{ {{- $of -}} , result="broken"}[5m])) > 0
  for: 0m
  severity: page
  summary: A quote was shown that is not what its document says at its place.
EvidenceLost:
  expr: sum by (namespace) (increase(plotlot_evidence_lost_total{ {{- $of -}} }[3m])) > 0
  for: 0m
  severity: ticket
  summary: Pairs or events never reached the judge; they count against a promotion.
AuditLost:
  expr: sum by (namespace) (increase(plotlot_audit_lost_total{ {{- $of -}} }[3m])) > 0
  for: 0m
  severity: page
  summary: Lines of the audit log could not be written.
{{- end }}

{{/*
What is written down for later: the share of municipalities that are too old, and how far the kinds of questions of a day are
from those of the week before (population stability index; under 0.1 is no change, over 0.25 a large one). Of fewer than 200
questions it is noise, and not told.
*/}}
{{- define "plotlot.records" -}}
{{- $of := printf "namespace=%q" .Release.Namespace -}}
{{- $day := printf "increase(plotlot_question_kinds_total{%s}[1d])" $of -}}
{{- $before := printf "increase(plotlot_question_kinds_total{%s}[7d] offset 1d)" $of -}}
{{- $share := "((sum by (namespace, kind, refused) (ASKED) + 0.5) / on (namespace) group_left () (sum by (namespace) (ASKED) + 5))" -}}
{{- $now := $share | replace "ASKED" $day -}}
{{- $then := $share | replace "ASKED" $before -}}
- record: plotlot:question_drift:psi1d
  expr: |
    sum by (namespace) (({{ $now }} - {{ $then }}) * ln({{ $now }} / {{ $then }}))
    and on (namespace) sum by (namespace) ({{ $day }}) >= 200
{{- end }}
