{{/*
Which bundle a pod serves, which image that makes it run, and the name of the Deployment and Service that it is in.
`of` is stable, candidate, or desired: the candidate where there is one. What is desired stays the same when a
promoted candidate becomes the stable bundle, so that this starts no pod of the gateway anew.
*/}}
{{- define "plotlot.bundle" -}}
{{- $bundles := .root.Values.bundles }}
{{- $text := $bundles.stable }}
{{- if ne .of "stable" }}{{ $text = $bundles.candidate | default $bundles.stable }}{{ end }}
{{- $text | trim | default "{}" }}
{{- end }}

{{- define "plotlot.bundleId" -}}
{{- get (include "plotlot.bundle" . | fromJson) "id" }}
{{- end }}

{{/* Whether there is a release: two bundles, and Argo Rollouts to choose between them. Refuses what cannot be one. */}}
{{- define "plotlot.releasing" -}}
{{- $bundles := .Values.bundles }}
{{- range $name, $text := $bundles }}
{{- if and (trim $text) (not (get (fromJson $text) "id")) }}
{{- fail (printf "bundles.%s: not a bundle; give the file that `plotlot bundle build` wrote" $name) }}
{{- end }}
{{- end }}
{{- if and (trim $bundles.candidate) (not (trim $bundles.stable)) }}
{{- fail "bundles.stable: a candidate is compared with a stable bundle; give that first" }}
{{- end }}
{{- if and (or (trim $bundles.stable) (trim $bundles.candidate)) (not .Values.rollout.enabled) }}
{{- fail "bundles: they are rolled out by Argo Rollouts; set rollout.enabled" }}
{{- end }}
{{- if and .Values.rollout.enabled (not .Values.route.enabled) }}
{{- fail "rollout: traffic is divided by the route; set route.enabled" }}
{{- end }}
{{- $stable := include "plotlot.bundleId" (dict "root" . "of" "stable") }}
{{- if ne $stable (include "plotlot.bundleId" (dict "root" . "of" "candidate")) }}yes{{ end }}
{{- end }}

{{/* The image that a bundle names for a service, empty where it names none. */}}
{{- define "plotlot.bundleImage" -}}
{{- $images := dig "manifest" "images" dict (include "plotlot.bundle" . | fromJson) }}
{{- get $images .component | default (get $images "default") }}
{{- end }}

{{- define "plotlot.imageOf" -}}
{{ include "plotlot.bundleImage" . | trim | default (include "plotlot.image" .root) }}
{{- end }}

{{/* Whether a service has a Deployment for each distinct image: those whose answers a bundle decides. */}}
{{- define "plotlot.hasLanes" -}}
{{- if and .root.Values.rollout.enabled (has .component (list "retrieval" "extraction" "inference")) }}yes{{ end }}
{{- end }}

{{/* What tells lanes apart: the image of the service and the lanes of those that it calls. */}}
{{- define "plotlot.laneText" -}}
{{- $scope := . }}
{{- include "plotlot.bundleImage" . }}
{{- range (index .root.Values.services .component).calls }}|{{ include "plotlot.laneText" (dict "root" $scope.root "of" $scope.of "component" .) }}{{ end }}
{{- end }}

{{/* The name of the Deployment and the Service of a service for a bundle. */}}
{{- define "plotlot.backend" -}}
{{ .root.Release.Name }}-{{ .component }}{{ if include "plotlot.hasLanes" . }}-{{ include "plotlot.laneText" . | sha256sum | trunc 8 }}{{ end }}
{{- end }}

{{/* The Deployments and the Rollout, as JSON: component, of, name, and lane where the service has lanes. */}}
{{- define "plotlot.workloads" -}}
{{- $all := list }}
{{- $names := list }}
{{- range $component := keys .Values.services | sortAlpha }}
{{- $roles := ternary (list "desired") (list "stable" "candidate") (eq $component "gateway") }}
{{- range $of := $roles }}
{{- $scope := dict "root" $ "component" $component "of" $of }}
{{- $name := include "plotlot.backend" $scope }}
{{- if not (has $name $names) }}
{{- $names = append $names $name }}
{{- $lane := trimPrefix (printf "%s-%s" $.Release.Name $component) $name | trimPrefix "-" }}
{{- $all = append $all (dict "component" $component "of" $of "name" $name "lane" $lane) }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $all }}
{{- end }}

{{/* What selects the pods of one workload. */}}
{{- define "plotlot.workloadSelector" -}}
{{ include "plotlot.selector" . }}
{{- with .lane }}
plotlot.dev/lane: {{ . | quote }}
{{- end }}
{{- end }}

{{/* A Cookie header of a session that a bundle serves. */}}
{{- define "plotlot.laneCookie" -}}
(.*; ?)?plotlot-lane={{ . }}(;.*)?
{{- end }}

{{/* Whoever does not come by the weights of the route meets the stable bundle: writes, sessions that stay with it, callers
in the cluster. By a label, since weights are set wherever a rule names the Service of the stable pods. */}}
{{- define "plotlot.stableRole" -}}
{{- if .Values.rollout.enabled }}plotlot.dev/role: stable{{ end }}
{{- end }}
