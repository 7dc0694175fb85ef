{{/*
Names and labels. A pod's name is also its name in the fleet (64 characters at most), hence the short base: with
"-stratum-gateway" and what Kubernetes appends it stays below that.
*/}}

{{- define "otedama.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 30 | trimSuffix "-" -}}
{{- end -}}

{{- define "otedama.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 30 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- $full | trunc 30 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The services that run: their name in the program -> their section of the values. */}}
{{- define "otedama.services" -}}
stratum-gateway: stratumGateway
share-validator: shareValidator
pool-accounting: poolAccounting
api-gateway: apiGateway
{{- if .Values.minerAgent.enabled }}
miner-agent: minerAgent
{{- end }}
{{- end -}}

{{/* Arguments of the next: dict "root" $ "service" NAME. */}}
{{- define "otedama.serviceName" -}}
{{- printf "%s-%s" (include "otedama.fullname" .root) .service -}}
{{- end -}}

{{- define "otedama.selectorLabels" -}}
app.kubernetes.io/name: {{ include "otedama.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
{{- end -}}

{{- define "otedama.commonLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: otedama
{{- end -}}

{{- define "otedama.labels" -}}
{{ include "otedama.commonLabels" .root }}
{{ include "otedama.selectorLabels" . }}
{{- end -}}

{{/* For what belongs to no single service. */}}
{{- define "otedama.sharedLabels" -}}
{{ include "otedama.commonLabels" . }}
app.kubernetes.io/name: {{ include "otedama.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "otedama.image" -}}
{{- $image := .root.Values.image -}}
{{- $digest := index $image.digests .service -}}
{{- $reference := printf "%s/%s/%s" $image.registry $image.repository .service -}}
{{- if $digest -}}
{{- printf "%s@%s" $reference $digest -}}
{{- else -}}
{{- printf "%s:%s" $reference (default .root.Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}
