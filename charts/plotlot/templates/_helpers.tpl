{{- define "plotlot.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "plotlot.selector" -}}
app.kubernetes.io/name: plotlot
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "plotlot.labels" -}}
{{ include "plotlot.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "plotlot.grace" -}}
{{ add .Values.drain.delaySeconds .Values.drain.graceSeconds 5 }}
{{- end }}

{{- define "plotlot.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "plotlot.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* The database, by reference. */}}
{{- define "plotlot.databaseEnv" -}}
- name: PLOTLOT_DATABASE_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.secrets.database }}, key: database-url}}
{{- end }}

{{- define "plotlot.redisEnv" -}}
{{- if .Values.redis.enabled }}
- {name: PLOTLOT_REDIS_URL, value: "redis://{{ .Release.Name }}-redis:6379/0"}
{{- else if .Values.secrets.redis }}
- name: PLOTLOT_REDIS_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.secrets.redis }}, key: redis-url}}
{{- end }}
{{- end }}

{{/* The port of a URL, or that of its scheme. */}}
{{- define "plotlot.portOf" -}}
{{- $url := urlParse . }}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (hasSuffix "https" $url.scheme)) }}
{{- end }}

{{/* What every pod of ours has in common, from the image pull secrets to the spread. */}}
{{- define "plotlot.scheduling" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- if .root.Values.topologySpread }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "plotlot.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What the door lets through: shadows are asked from within, past it, and that weights chose is the route's own word. */}}
{{- define "plotlot.heard" -}}
- type: RequestHeaderModifier
  requestHeaderModifier:
    {{- if .weighed }}
    set: [{name: plotlot-route, value: weighed}]
    remove: [plotlot-shadow]
    {{- else }}
    remove: [plotlot-shadow, plotlot-route]
    {{- end }}
{{- end }}
