{{/* What each Job is. The name of one that runs once ends in a hash of all that makes it: a changed one is another Job, and runs again. */}}

{{- define "otedama.jobs" -}}
{{- if .Values.migrations.enabled }}
migrate:
  arguments: [ledger, migrate]
  secrets: migrate
  section: migrations
{{- end }}
{{- if .Values.streams.enabled }}
streams:
  arguments: [fleet, streams]
  secrets: admin
  section: streams
{{- end }}
{{- if .Values.proof.enabled }}
proof:
  arguments: [ledger, prove]
  secrets: proof
  section: proof
{{- end }}
{{- end -}}

{{- define "otedama.jobConfig" -}}
{{- if eq .job "proof" -}}
{{ include "otedama.poolsConfig" (dict "root" .root "omit" (list "profiles") "omitMerged" (list)) }}
{{- else -}}
pool: {enable: false}
{{- end }}
{{ if eq .job "streams" -}}
nats:
  {{- include "otedama.natsConfig" .root | nindent 2 }}
{{- else -}}
database:
  url_file: /etc/otedama/database/{{ .root.Values.database.key }}
{{- end -}}
{{- end -}}

{{/* Arguments: root, job, plan. */}}
{{- define "otedama.jobPod" -}}
{{- $root := .root -}}
{{- $secrets := dict "root" $root "service" .plan.secrets "values" dict -}}
metadata:
  labels:
    {{- include "otedama.selectorLabels" (dict "root" $root "service" .job) | nindent 4 }}
  annotations:
    checksum/config: {{ include "otedama.jobConfig" . | sha256sum }}
spec:
  serviceAccountName: {{ include "otedama.fullname" $root }}-jobs
  automountServiceAccountToken: false
  enableServiceLinks: false
  restartPolicy: {{ ternary "Never" "OnFailure" (eq .job "proof") }}
  {{- include "otedama.pullSecrets" $root | nindent 2 }}
  securityContext:
    {{- include "otedama.podSecurity" . | nindent 4 }}
  containers:
    - name: {{ .job }}
      image: {{ include "otedama.image" (dict "root" $root "service" "cli") | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: {{ concat .plan.arguments (list "--config" "/etc/otedama/otedama.yaml" "--data-dir" "/tmp") | toJson }}
      resources:
        {{- toYaml (index $root.Values .plan.section).resources | nindent 8 }}
      securityContext:
        {{- include "otedama.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - {name: config, mountPath: /etc/otedama/otedama.yaml, subPath: otedama.yaml, readOnly: true}
        {{- range (include "otedama.secretMounts" $secrets | fromJson).mounts }}
        - {name: {{ .name }}, mountPath: {{ .path }}, readOnly: true}
        {{- end }}
        - {name: tmp, mountPath: /tmp}
  volumes:
    - name: config
      configMap:
        name: {{ include "otedama.serviceName" (dict "root" $root "service" .job) }}
    - name: tmp
      emptyDir: {medium: Memory, sizeLimit: 16Mi}
    {{- range (include "otedama.secretMounts" $secrets | fromJson).mounts }}
    {{- include "otedama.secretVolume" . | nindent 4 }}
    {{- end }}
{{- end -}}
