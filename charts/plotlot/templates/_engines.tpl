{{/* The engines that are switched on, as a JSON list of {name, port, values}. */}}
{{- define "plotlot.engines" -}}
{{- $found := list }}
{{- range $name, $port := dict "vllm" 8000 "sglang" 30000 "llamacpp" 8080 }}
{{- $engine := index $.Values.engines $name }}
{{- if $engine.enabled }}
{{- if not $engine.model }}{{ fail (printf "engines.%s.model: name what it serves" $name) }}{{ end }}
{{- $found = append $found (dict "name" $name "port" $port "values" $engine) }}
{{- end }}
{{- end }}
{{- if gt (len $found) 1 }}{{ fail "engines: inference calls one engine; switch one on" }}{{ end }}
{{- $found | toJson }}
{{- end }}

{{/* The name by which callers ask for an engine's model. */}}
{{- define "plotlot.servedModel" -}}
{{ .values.servedModel | default (base .values.model) }}
{{- end }}

{{/* How many requests one process of inference gives to one replica, so that together they fill its slots. */}}
{{- define "plotlot.engineRoom" -}}
{{- $processes := max .root.Values.services.inference.replicas 1 }}
{{- div (add .engine.values.slots $processes -1) $processes }}
{{- end }}

{{/* How an engine's replicas follow what waits: up at once, down one by one after a while of less. */}}
{{- define "plotlot.engineBehavior" -}}
scaleUp: {stabilizationWindowSeconds: 0, policies: [{type: Percent, value: 300, periodSeconds: 15}]}
scaleDown: {stabilizationWindowSeconds: {{ .scaleDownSeconds }}, policies: [{type: Pods, value: 1, periodSeconds: 15}]}
{{- end }}

{{/* What starts an engine. Its own flags, as of the version that its image names; k8s/engine-flags checks them. */}}
{{- define "plotlot.engineArguments" -}}
{{- $served := include "plotlot.servedModel" . }}
{{- if eq .name "vllm" }}
- --model={{ .values.model }}
- --served-model-name={{ $served }}
- --host=0.0.0.0
- --port={{ .port }}
- --scheduling-policy=priority
- --enable-request-id-headers
- --max-num-seqs={{ .values.slots }}
- --max-num-queued-reqs={{ .values.mostQueued }}
# Answers in flight are finished; without it they are cut off.
- --shutdown-timeout={{ .values.drainSeconds }}
{{- if .values.adapters }}
- --enable-lora
- --max-loras={{ .values.adapters }}
{{- end }}
{{- else if eq .name "sglang" }}
- --model-path={{ .values.model }}
- --served-model-name={{ $served }}
- --host=0.0.0.0
- --port={{ .port }}
- --enable-metrics
- --enable-priority-scheduling
- --max-running-requests={{ .values.slots }}
- --max-queued-requests={{ .values.mostQueued }}
{{- if .values.adapters }}
- --enable-lora
- --max-loras-per-batch={{ .values.adapters }}
{{- end }}
{{- else }}
- --model={{ .values.model }}
- --alias={{ $served }}
- --host=0.0.0.0
- --port={{ .port }}
- --parallel={{ .values.slots }}
- --metrics
{{- end }}
{{- range .values.arguments }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{/* Where an engine says that it serves: /health of SGLang makes a token, and vLLM's may answer before its model is there. */}}
{{- define "plotlot.engineReady" -}}
{{ index (dict "vllm" "/v1/models" "sglang" "/ready" "llamacpp" "/health") .name }}
{{- end }}

{{- define "plotlot.engineAlive" -}}
{{ index (dict "vllm" "/health" "sglang" "/ping" "llamacpp" "/health") .name }}
{{- end }}
