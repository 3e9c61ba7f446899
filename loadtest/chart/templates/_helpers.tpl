{{- define "load.labels" -}}
app.kubernetes.io/name: plotlot-load
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* A Job of locust: root, component, count and arguments of its own. Nothing is tried again: a run is one run. */}}
{{- define "load.job" -}}
{{- $values := .root.Values }}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels: {{- include "load.labels" . | nindent 4 }}
spec:
  parallelism: {{ .count }}
  completions: {{ .count }}
  backoffLimit: 0
  template:
    metadata:
      labels: {{- include "load.labels" . | nindent 8 }}
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        seccompProfile: {type: RuntimeDefault}
      containers:
        - name: locust
          image: {{ $values.image.repository }}:{{ $values.image.tag }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args:
            {{- range .arguments }}
            - {{ . | quote }}
            {{- end }}
            - --scenario={{ $values.scenario }}
            - --host={{ $values.target }}
            - --rate={{ $values.rate }}
            - --to={{ $values.to }}
            - --seconds={{ $values.seconds }}
            {{- with $values.grpc }}
            - --grpc={{ . }}
            {{- end }}
            {{- range $values.named }}
            - --named={{ . }}
            {{- end }}
            - --expect-workers={{ $values.workers }}
          {{- with $values.apiKey }}
          env:
            - name: PLOTLOT_API_KEY
              valueFrom: {secretKeyRef: {name: {{ . }}, key: api-key}}
          {{- end }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          resources: {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
      volumes:
        - {name: tmp, emptyDir: {}}
{{- end }}
