{{/* The pod of a service: root, component, of (see _bundles.tpl), and lane. */}}
{{- define "plotlot.pod" -}}
{{- $scope := . }}
{{- $values := .root.Values }}
{{- $release := .root.Release.Name }}
{{- $service := index $values.services .component }}
{{- $bundle := "" }}
{{- if eq .component "gateway" }}{{ $bundle = include "plotlot.bundleId" . }}{{ end }}
metadata:
  labels:
    {{- include "plotlot.labels" . | nindent 4 }}
    {{- with .lane }}
    plotlot.dev/lane: {{ . | quote }}
    {{- end }}
    {{- with $bundle }}
    plotlot.dev/bundle: {{ . | quote }}
    {{- end }}
    {{- with $values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    checksum/settings: {{ include (print .root.Template.BasePath "/configmap.yaml") .root | sha256sum }}
    {{- with $values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ $release }}-{{ .component }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ include "plotlot.grace" .root }}
  securityContext: {{- include "plotlot.podSecurity" .root | nindent 4 }}
  {{- include "plotlot.scheduling" . | nindent 2 }}
  {{- if and (eq .component "gateway") $values.rollout.enabled }}
  initContainers:
    # A candidate would be judged for the start of its lanes. Names of headless Services are those of ready pods.
    - name: wait-for-lanes
      image: {{ include "plotlot.imageOf" . }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      command: [python, -c]
      args:
        - |
          import socket, sys, time
          end = time.monotonic() + {{ $values.rollout.lanesReadySeconds }}
          for address in sys.argv[1:]:
              host, port = address.split(":")
              while time.monotonic() < end:
                  try:
                      socket.create_connection((host, int(port)), 2).close()
                      break
                  except OSError:
                      time.sleep(1)
        {{- range $called := $service.calls }}
        {{- $to := dict "root" $scope.root "component" $called "of" $scope.of }}
        {{- if include "plotlot.hasLanes" $to }}
        - {{ include "plotlot.backend" $to }}:{{ (index $values.services $called).port }}
        {{- end }}
        {{- end }}
      securityContext: {{- include "plotlot.containerSecurity" .root | nindent 8 }}
      resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {memory: 128Mi}}
  {{- end }}
  containers:
    - name: {{ .component }}
      image: {{ include "plotlot.imageOf" . }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: [serve, {{ .component }}]
      securityContext: {{- include "plotlot.containerSecurity" .root | nindent 8 }}
      ports:
        - {name: grpc, containerPort: {{ $service.port }}}
        - {name: metrics, containerPort: 9464}
        {{- with index (dict "gateway" 8080 "judge" 8081) .component }}
        - {name: http, containerPort: {{ . }}}
        {{- end }}
      envFrom:
        - configMapRef: {name: {{ $release }}-settings}
      env:
        - {name: PLOTLOT_GRPC_ADDRESS, value: "0.0.0.0:{{ $service.port }}"}
        {{- range $called := $service.calls }}
        {{- $to := dict "root" $scope.root "component" $called "of" $scope.of }}
        - {name: PLOTLOT_{{ upper $called }}_ADDRESS, value: "{{ include "plotlot.backend" $to }}:{{ (index $values.services $called).port }}"}
        {{- end }}
        {{- if and (eq .component "gateway") $values.rollout.enabled }}
        - {name: PLOTLOT_CANDIDATE_URL, value: "http://{{ $release }}-canary"}
        {{- with $values.secrets.apiKey }}
        - name: PLOTLOT_API_KEY
          valueFrom: {secretKeyRef: {name: {{ . }}, key: api-key}}
        {{- end }}
        {{- end }}
        {{- if and (eq .component "ingestion") $values.refreshes.worker }}
        - {name: PLOTLOT_REFRESH_WORKER, value: "true"}
        {{- end }}
        {{- if eq .component "inference" }}
        {{- range $engine := include "plotlot.engines" .root | fromJsonArray }}
        - {name: PLOTLOT_GENERATION_URL, value: "dns+http://{{ $release }}-{{ $engine.name }}:{{ $engine.port }}"}
        - {name: PLOTLOT_GENERATION_ENGINE, value: {{ $engine.name }}}
        - {name: PLOTLOT_GENERATION_MODEL, value: {{ include "plotlot.servedModel" $engine | quote }}}
        - {name: PLOTLOT_GENERATION_PRIORITIES, value: {{ ne $engine.name "llamacpp" | quote }}}
        {{- if not (hasKey $values.settings "PLOTLOT_GENERATION_CONCURRENCY") }}
        - {name: PLOTLOT_GENERATION_CONCURRENCY, value: {{ include "plotlot.engineRoom" (dict "root" $scope.root "engine" $engine) | quote }}}
        {{- end }}
        {{- end }}
        {{- end }}
        {{- with $bundle }}
        - {name: PLOTLOT_BUNDLE_FILE, value: /bundle/bundle.json}
        {{- end }}
        {{- if has "postgres" $service.needs }}
        {{- include "plotlot.databaseEnv" .root | nindent 8 }}
        {{- end }}
        {{- if has "redis" $service.needs }}
        {{- with include "plotlot.redisEnv" .root | trim }}{{ . | nindent 8 }}{{ end }}
        {{- end }}
        {{- if and (eq .component "gateway") $values.secrets.oidc }}
        - name: PLOTLOT_OIDC_CLIENT_SECRET
          valueFrom: {secretKeyRef: {name: {{ $values.secrets.oidc }}, key: client-secret}}
        {{- end }}
        {{- if and (eq .component "gateway") $values.route.gateway.tls.secretName }}
        - {name: PLOTLOT_DOOR_CERTIFICATE, value: /door/tls.crt}
        {{- end }}
      # Alive is not ready: a service that has lost its database waits for it, and is not restarted.
      startupProbe:
        grpc: {port: {{ $service.port }}, service: liveness}
        periodSeconds: 1
        failureThreshold: 120
      livenessProbe:
        grpc: {port: {{ $service.port }}, service: liveness}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        grpc: {port: {{ $service.port }}}
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 2
      resources: {{- toYaml $service.resources | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        {{- with $bundle }}
        - {name: bundle, mountPath: /bundle, readOnly: true}
        {{- end }}
        {{- if and (eq .component "ingestion") $values.refreshes.claimName }}
        - {name: towns, mountPath: /towns, readOnly: true}
        {{- end }}
        {{- if and (eq .component "gateway") $values.route.gateway.tls.secretName }}
        - {name: door, mountPath: /door, readOnly: true}
        {{- end }}
  volumes:
    - {name: tmp, emptyDir: {}}
    {{- with $bundle }}
    - {name: bundle, configMap: {name: {{ $release }}-{{ . }}}}
    {{- end }}
    {{- if and (eq .component "ingestion") $values.refreshes.claimName }}
    - name: towns
      persistentVolumeClaim: {claimName: {{ $values.refreshes.claimName }}, readOnly: true}
    {{- end }}
    {{- if and (eq .component "gateway") $values.route.gateway.tls.secretName }}
    # Its certificate alone, whose end is told as a metric; whoever makes it may come later than the pod.
    - name: door
      secret:
        secretName: {{ $values.route.gateway.tls.secretName }}
        optional: true
        items: [{key: tls.crt, path: tls.crt}]
    {{- end }}
{{- end }}
