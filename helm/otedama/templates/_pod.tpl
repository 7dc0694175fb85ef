{{/* What all pods are like: nobody's root, nothing to write but a volume and /tmp, no token of the cluster. */}}

{{- define "otedama.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "otedama.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* A Secret as files. Only its group, which is the process's own, may read them. Arguments: name, secret, items. */}}
{{- define "otedama.secretVolume" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    # 0440
    defaultMode: 288
    {{- with .items }}
    items:
      {{- range . }}
      - {key: {{ . | quote }}, path: {{ . | quote }}}
      {{- end }}
    {{- end }}
{{- end -}}

{{/*
The Secrets of a service: {"mounts": [{name, secret, items, path}]} as JSON. Arguments: root, service, values;
service may be "admin", "migrate" or "proof" for the Jobs.
*/}}
{{- define "otedama.secretMounts" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- $mounts := list -}}
{{- $bus := $root.Values.bus -}}
{{- if not (has $service (list "migrate" "proof")) -}}
{{- if $bus.credentials.secretName -}}
{{- $own := default $bus.credentials.secretName (index $bus.credentials.secretNames $service) -}}
{{- $mounts = append $mounts (dict "name" "nats-key" "secret" $own "items" (list (printf "%s.nk" $service)) "path" "/etc/otedama/nats") -}}
{{- end -}}
{{- if $bus.tls.caSecretName -}}
{{- $mounts = append $mounts (dict "name" "nats-ca" "secret" $bus.tls.caSecretName "items" (list $bus.tls.caKey) "path" "/etc/otedama/nats-ca") -}}
{{- end -}}
{{- if $bus.tls.clientSecretName -}}
{{- $mounts = append $mounts (dict "name" "nats-tls" "secret" $bus.tls.clientSecretName "items" (list "tls.crt" "tls.key") "path" "/etc/otedama/nats-tls") -}}
{{- end -}}
{{- end -}}
{{- $database := $root.Values.database -}}
{{- if has $service (list "pool-accounting" "migrate" "proof") -}}
{{- $mounts = append $mounts (dict "name" "database" "secret" $database.secretName "items" (list $database.key) "path" "/etc/otedama/database") -}}
{{- end -}}
{{- if and $root.Values.cache.secretName (has $service (list "stratum-gateway" "api-gateway")) -}}
{{- $mounts = append $mounts (dict "name" "redis" "secret" $root.Values.cache.secretName "items" (list $root.Values.cache.key) "path" "/etc/otedama/redis") -}}
{{- end -}}
{{- if has $service (list "stratum-gateway" "api-gateway") -}}
{{- with .values.tls.secretName -}}
{{- $mounts = append $mounts (dict "name" "tls" "secret" . "items" (list "tls.crt" "tls.key") "path" "/etc/otedama/tls") -}}
{{- end -}}
{{- end -}}
{{- if eq $service "api-gateway" -}}
{{- with .values.apiKey -}}
{{- if .secretName -}}
{{- $mounts = append $mounts (dict "name" "api-key" "secret" .secretName "items" (list .key) "path" "/etc/otedama/api-key") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- /* The proof asks the wallets as the books do, and is given nothing else of theirs. */ -}}
{{- $isProof := eq $service "proof" -}}
{{- $user := ternary "pool-accounting" $service $isProof -}}
{{- $named := ternary (include "otedama.jobConfig" (dict "root" $root "job" "proof")) "" $isProof -}}
{{- range $root.Values.secretFiles -}}
{{- if and (has $user .services) (or (not $isProof) (contains (printf "/etc/otedama/secrets/%s/" .name) $named)) -}}
{{- $mounts = append $mounts (dict "name" (printf "file-%s" .name) "secret" .secretName "items" list "path" (printf "/etc/otedama/secrets/%s" .name)) -}}
{{- end -}}
{{- end -}}
{{- dict "mounts" $mounts | toJson -}}
{{- end -}}

{{- define "otedama.topologySpread" -}}
{{- $root := .root -}}
{{- if .values.topologySpreadConstraints -}}
{{- toYaml .values.topologySpreadConstraints -}}
{{- else -}}
{{- $labels := include "otedama.selectorLabels" . -}}
{{- range $level, $key := dict "zone" "topology.kubernetes.io/zone" "host" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: {{ index $root.Values.topologySpread $level }}
  labelSelector:
    matchLabels:
      {{- $labels | nindent 6 }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "otedama.probes" -}}
# Started: it listens for monitoring. Live: it answers. Ready: what its work needs is there.
startupProbe:
  httpGet: {path: /health/startup, port: metrics}
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /health/live, port: metrics}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /health/ready, port: metrics}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 3
{{- end -}}

{{- define "otedama.ports" -}}
- {name: metrics, containerPort: 9100, protocol: TCP}
{{- if eq .service "stratum-gateway" }}
{{- range (include "otedama.stratumPorts" .root | fromJson).ports }}
- {name: {{ .name }}, containerPort: {{ .port }}, protocol: TCP}
{{- end }}
{{- end }}
{{- if eq .service "api-gateway" }}
- {name: http, containerPort: 8080, protocol: TCP}
{{- end }}
{{- end -}}

{{- define "otedama.mounts" -}}
- {name: config, mountPath: /etc/otedama/otedama.yaml, subPath: otedama.yaml, readOnly: true}
{{- range (include "otedama.secretMounts" . | fromJson).mounts }}
- {name: {{ .name }}, mountPath: {{ .path }}, readOnly: true}
{{- end }}
- {name: tmp, mountPath: /tmp}
{{- end -}}

{{- define "otedama.volumes" -}}
- name: config
  configMap:
    name: {{ include "otedama.serviceName" . }}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: 64Mi}
{{- range (include "otedama.secretMounts" . | fromJson).mounts }}
{{ include "otedama.secretVolume" . }}
{{- end }}
{{- end -}}

{{- define "otedama.pullSecrets" -}}
imagePullSecrets:
  {{- toYaml .Values.imagePullSecrets | nindent 2 }}
{{- end -}}

{{- define "otedama.container" -}}
- name: {{ .service }}
  image: {{ include "otedama.image" . | quote }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [--config, /etc/otedama/otedama.yaml, --data-dir, /var/lib/otedama]
  env:
    - name: OTEDAMA_SERVICE_INSTANCE
      valueFrom: {fieldRef: {fieldPath: metadata.name}}
    {{- with .values.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  ports:
    {{- include "otedama.ports" . | nindent 4 }}
  {{- include "otedama.probes" . | nindent 2 }}
  {{- if gt (int .values.preStopSeconds) 0 }}
  lifecycle:
    preStop:
      sleep: {seconds: {{ int .values.preStopSeconds }}}
  {{- end }}
  resources:
    {{- toYaml .values.resources | nindent 4 }}
  securityContext:
    {{- include "otedama.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - {name: data, mountPath: /var/lib/otedama}
    {{- include "otedama.mounts" . | nindent 4 }}
{{- end -}}

{{/* The pod of a service. Arguments: root, service, values, and volume: what "data" is, where it is no claim. */}}
{{- define "otedama.podTemplate" -}}
metadata:
  # Nothing of the chart's version: it must not move a miner where nothing else has changed.
  labels:
    {{- include "otedama.selectorLabels" . | nindent 4 }}
    {{- with .values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "otedama.config" . | sha256sum }}
    {{- with .values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "otedama.serviceName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ include "otedama.gracePeriod" .values }}
  {{- include "otedama.pullSecrets" .root | nindent 2 }}
  securityContext:
    {{- include "otedama.podSecurity" . | nindent 4 }}
  topologySpreadConstraints:
    {{- include "otedama.topologySpread" . | trim | nindent 4 }}
  {{- range $key := list "nodeSelector" "tolerations" "affinity" "priorityClassName" }}
  {{- with index $.values $key }}
  {{ $key }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  containers:
    {{- include "otedama.container" . | nindent 4 }}
  volumes:
    {{- with .volume }}
    - name: data
      emptyDir: {{ toJson . }}
    {{- end }}
    {{- include "otedama.volumes" . | nindent 4 }}
{{- end -}}
