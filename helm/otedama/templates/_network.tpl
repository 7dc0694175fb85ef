{{/* Rules of NetworkPolicies, each to one place and to its ports. */}}

{{/* Arguments: peers, ports. Without peers: anywhere. */}}
{{- define "otedama.egress" -}}
- ports:
    {{- range .ports | uniq }}
    - {protocol: TCP, port: {{ int . }}}
    {{- end }}
  {{- with .peers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "otedama.dnsEgress" -}}
- ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
  {{- with .Values.networkPolicy.dns }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* The port of a URL, or of its scheme. */}}
{{- define "otedama.portOfUrl" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- $known := dict "http" "80" "ws" "80" "https" "443" "wss" "443" "nats" "4222" "tls" "4222" -}}
{{- default (get $known $url.scheme) $port -}}
{{- end -}}

{{/* Ports of coin daemons, or of wallets: {"ports": [...]} as JSON. Arguments: root, of: daemons or wallets. */}}
{{- define "otedama.coinPorts" -}}
{{- $urls := list -}}
{{- $of := .of -}}
{{- range (include "otedama.pools" .root | fromJson).pools -}}
{{- range prepend (default list .merged_mining) . -}}
{{- $chain := . -}}
{{- if eq $of "daemons" -}}
{{- range $daemon := default list $chain.daemons -}}
{{- range $key := list "url" "zmq_hashblock" "zmq_pub" "websocket" -}}
{{- with index $daemon $key -}}{{- $urls = append $urls . -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- else if $chain.wallet -}}
{{- $urls = append $urls $chain.wallet.url -}}
{{- /* The daemons are asked what became of a payment, or are the wallet. */ -}}
{{- if or (has $chain.coin (list "monero" "ethereum-classic")) (not $chain.wallet.url) -}}
{{- range default list $chain.daemons -}}{{- $urls = append $urls .url -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $ports := list -}}
{{- range compact $urls -}}
{{- $ports = append $ports (include "otedama.portOfUrl" . | int) -}}
{{- end -}}
{{- dict "ports" (uniq $ports) | toJson -}}
{{- end -}}

{{- define "otedama.natsEgress" -}}
{{- $ports := list -}}
{{- range include "otedama.natsServers" . | fromYamlArray }}{{- $ports = append $ports (include "otedama.portOfUrl" . | int) }}{{- end }}
{{- include "otedama.egress" (dict "peers" .Values.networkPolicy.nats "ports" $ports) -}}
{{- end -}}

{{- define "otedama.redisEgress" -}}
{{- if .Values.cache.secretName -}}
{{- include "otedama.egress" (dict "peers" .Values.networkPolicy.cache "ports" (list .Values.cache.port)) -}}
{{- end -}}
{{- end -}}

{{- define "otedama.databaseEgress" -}}
{{- include "otedama.egress" (dict "peers" .Values.networkPolicy.database "ports" (list .Values.database.port)) -}}
{{- end -}}

{{- define "otedama.coinEgress" -}}
{{- $ports := (include "otedama.coinPorts" . | fromJson).ports -}}
{{- if $ports -}}
{{- include "otedama.egress" (dict "peers" .root.Values.networkPolicy.coins "ports" $ports) -}}
{{- end -}}
{{- end -}}

{{- define "otedama.tracesEgress" -}}
{{- with (default dict (default dict .Values.config.monitoring).traces).endpoint -}}
{{- include "otedama.egress" (dict "peers" $.Values.networkPolicy.traces "ports" (list (include "otedama.portOfUrl" . | int))) -}}
{{- end -}}
{{- end -}}

{{- define "otedama.egress.stratum-gateway" -}}
{{ include "otedama.natsEgress" . }}
{{ include "otedama.redisEgress" . }}
{{- end -}}

{{- define "otedama.egress.share-validator" -}}
{{ include "otedama.natsEgress" . }}
{{ include "otedama.coinEgress" (dict "root" . "of" "daemons") }}
{{- end -}}

{{- define "otedama.egress.migrate" -}}
{{ include "otedama.databaseEgress" . }}
{{- end -}}

{{- define "otedama.egress.streams" -}}
{{ include "otedama.natsEgress" . }}
{{- end -}}

{{- define "otedama.egress.proof" -}}
{{ include "otedama.databaseEgress" . }}
{{ include "otedama.coinEgress" (dict "root" . "of" "wallets") }}
{{- end -}}

{{- define "otedama.egress.pool-accounting" -}}
{{ include "otedama.natsEgress" . }}
{{ include "otedama.databaseEgress" . }}
{{ include "otedama.coinEgress" (dict "root" . "of" "wallets") }}
{{- with (default dict .Values.config.prices).url }}
{{ include "otedama.egress" (dict "peers" $.Values.networkPolicy.prices "ports" (list (include "otedama.portOfUrl" . | int))) }}
{{- end }}
{{- end -}}

{{- define "otedama.egress.api-gateway" -}}
{{ include "otedama.natsEgress" . }}
{{ include "otedama.redisEgress" . }}
{{- end -}}

{{- define "otedama.egress.miner-agent" -}}
{{ include "otedama.natsEgress" . }}
{{- $pool := default dict .Values.config.pool }}
{{- if $pool.url }}
{{- $ports := list (include "otedama.portOfUrl" $pool.url | int) }}
{{- range default list $pool.backup_pools }}
{{- $ports = append $ports (include "otedama.portOfUrl" .url | int) }}
{{- end }}
{{ include "otedama.egress" (dict "peers" .Values.networkPolicy.upstream "ports" $ports) }}
{{- else }}
{{- $ports := list }}
{{- range (include "otedama.stratumPorts" . | fromJson).ports }}{{- $ports = append $ports .port }}{{- end }}
{{- $gateways := list (dict "podSelector" (dict "matchLabels" (include "otedama.selectorLabels" (dict "root" . "service" "stratum-gateway") | fromYaml))) }}
{{ include "otedama.egress" (dict "peers" $gateways "ports" $ports) }}
{{- end }}
{{- end -}}

{{/* Who may come in, beside whoever reads metrics and health. Arguments: root, service. */}}
{{- define "otedama.ingress" -}}
- ports:
    - {protocol: TCP, port: metrics}
  {{- with .root.Values.networkPolicy.monitoring }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- if eq .service "stratum-gateway" }}
- ports:
    {{- range (include "otedama.stratumPorts" .root | fromJson).ports }}
    - {protocol: TCP, port: {{ .name }}}
    {{- end }}
{{- end }}
{{- if eq .service "api-gateway" }}
- ports:
    - {protocol: TCP, port: http}
  {{- with .root.Values.networkPolicy.api }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}
