{{/*
Each service gets the part of the configuration that it uses, in a ConfigMap of its own: a changed payout rule
restarts the books, not the gateways with their miners. Secrets are files, mounted only where they are used.
*/}}

{{/* The pools as a list, whether they are written as "pools" or as the one "pool": {"pools": [...]} as JSON. */}}
{{- define "otedama.pools" -}}
{{- $config := .Values.config -}}
{{- $pools := $config.pools -}}
{{- if not $pools -}}
{{- $pools = ternary (list $config.pool) (list) (hasKey (default dict $config.pool) "coin") -}}
{{- end -}}
{{- dict "pools" $pools | toJson -}}
{{- end -}}

{{/*
Where miners connect: {"ports": [{"name", "port", "pool"}]} as JSON, one a listener. An address is "host:port",
":port" or "[ipv6]:port".
*/}}
{{- define "otedama.stratumPorts" -}}
{{- $default := default ":3333" (default dict .Values.config.stratum).address -}}
{{- $ports := list -}}
{{- range $index, $pool := (include "otedama.pools" . | fromJson).pools -}}
{{- $address := default (default $default $pool.address) (default dict $pool.stratum).address | toString -}}
{{- $port := regexFind "[0-9]+$" $address | int -}}
{{- $id := default (printf "pool-%d" $index) $pool.id -}}
{{- $name := printf "stratum-%d" $port -}}
{{- range $ports -}}
{{- if eq (int .port) $port -}}{{- fail (printf "config.pools: %s and %s listen on port %d" .pool $id $port) -}}{{- end -}}
{{- end -}}
{{- $ports = append $ports (dict "name" $name "port" $port "pool" $id) -}}
{{- end -}}
{{- dict "ports" $ports | toJson -}}
{{- end -}}

{{- define "otedama.natsServers" -}}
{{- $bus := .Values.bus -}}
{{- if $bus.servers -}}
{{- toYaml $bus.servers -}}
{{- else if .Values.nats.enabled -}}
- {{ printf "%s://%s-nats:4222" (ternary "tls" "nats" (ne $bus.tls.caSecretName "")) .Release.Name }}
{{- else -}}
{{- fail "bus.servers: name the NATS servers, or set nats.enabled" -}}
{{- end -}}
{{- end -}}

{{- define "otedama.natsConfig" -}}
servers:
  {{- include "otedama.natsServers" . | nindent 2 }}
replicas: {{ .Values.bus.replicas }}
{{- if .Values.bus.credentials.secretName }}
credentials_dir: /etc/otedama/nats
{{- end }}
{{- with .Values.bus.tls }}
{{- if .caSecretName }}
ca_file: /etc/otedama/nats-ca/{{ .caKey }}
{{- end }}
{{- if .clientSecretName }}
cert_file: /etc/otedama/nats-tls/tls.crt
key_file: /etc/otedama/nats-tls/tls.key
{{- end }}
{{- end }}
{{- end -}}

{{/* The pools without the keys that the service has no use for. Arguments: root, omit (of a pool), omitMerged. */}}
{{- define "otedama.poolsWithout" -}}
{{- $keys := .omit -}}
{{- $merged := .omitMerged -}}
{{- $pools := list -}}
{{- range (include "otedama.pools" .root | fromJson).pools -}}
{{- $pool := . -}}
{{- range $keys -}}{{- $pool = omit $pool . -}}{{- end -}}
{{- if and $pool.merged_mining $merged -}}
{{- $chains := list -}}
{{- range $pool.merged_mining -}}
{{- $chain := . -}}
{{- range $merged -}}{{- $chain = omit $chain . -}}{{- end -}}
{{- $chains = append $chains $chain -}}
{{- end -}}
{{- $pool = merge (dict "merged_mining" $chains) (omit $pool "merged_mining") -}}
{{- end -}}
{{- $pools = append $pools $pool -}}
{{- end -}}
{{- toYaml $pools -}}
{{- end -}}

{{/* One pool as "pool", as it was written: its defaults are those of the section. */}}
{{- define "otedama.poolsConfig" -}}
{{- $pools := include "otedama.poolsWithout" . | fromYamlArray -}}
{{- if .root.Values.config.pools -}}
pools:
  {{- toYaml $pools | nindent 2 }}
{{- with pick (default dict .root.Values.config.pool) "max_connections" }}
pool:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- else if $pools -}}
pool:
  {{- toYaml (first $pools) | nindent 2 }}
{{- end -}}
{{- end -}}

{{- define "otedama.sharedConfig" -}}
{{- $app := default dict .root.Values.config.app -}}
app:
  {{- toYaml (merge (dict "name" (default "Otedama" $app.name) "log_level" (default "info" $app.log_level)) $app) | nindent 2 }}
monitoring:
  metrics: {address: ":9100"}
  health: {address: ":9100"}
  {{- with omit (default dict .root.Values.config.monitoring) "metrics" "health" }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
nats:
  {{- include "otedama.natsConfig" .root | nindent 2 }}
service:
  drain_time: {{ printf "%ds" (int .values.drainSeconds) }}
{{- end -}}

{{- define "otedama.redisConfig" -}}
{{- if .Values.cache.secretName }}
redis:
  url_file: /etc/otedama/redis/{{ .Values.cache.key }}
{{- end }}
{{- end -}}

{{- define "otedama.config.stratum-gateway" -}}
{{- $root := .root -}}
{{- $config := $root.Values.config -}}
{{ include "otedama.poolsConfig" (dict "root" $root "omit" (list "daemons" "wallet" "payouts" "merged_mining" "splits" "bankroll") "omitMerged" (list)) }}
{{- with $config.stratum }}
stratum:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $defence := default dict $config.defence }}
{{- $proxy := .values.proxyProtocol }}
{{- if $proxy.enabled }}
{{- if not $proxy.trusted }}{{ fail "stratumGateway.proxyProtocol.trusted: name the ranges of the load balancer; a header from anywhere else would let everybody pick an address" }}{{ end }}
{{- $defence = merge (dict "proxy_protocol" (dict "trusted" $proxy.trusted "required" $proxy.required)) $defence }}
{{- end }}
{{- with $defence }}
defence:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .values.tls.secretName }}
security:
  cert_file: /etc/otedama/tls/tls.crt
  key_file: /etc/otedama/tls/tls.key
{{- end }}
{{- include "otedama.redisConfig" $root }}
{{- end -}}

{{- define "otedama.config.share-validator" -}}
{{ include "otedama.poolsConfig" (dict "root" .root "omit" (list "wallet" "payouts" "profiles") "omitMerged" (list "wallet" "payouts")) }}
{{- end -}}

{{- define "otedama.config.pool-accounting" -}}
{{- $root := .root -}}
{{- $config := $root.Values.config -}}
{{ include "otedama.poolsConfig" (dict "root" $root "omit" (list "profiles") "omitMerged" (list)) }}
database:
  url_file: /etc/otedama/database/{{ $root.Values.database.key }}
  {{- if $root.Values.migrations.enabled }}
  migrate: false
  {{- end }}
{{- with (default dict $config.api).auth }}
api:
  auth:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- with $config.prices }}
prices:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* It shows the settings to operators, so it has all of them but the secrets. */}}
{{- define "otedama.config.api-gateway" -}}
{{- $root := .root -}}
{{- $config := $root.Values.config -}}
{{ include "otedama.poolsConfig" (dict "root" $root "omit" (list) "omitMerged" (list)) }}
{{- range $section := list "stratum" "defence" "prices" }}
{{- with index $config $section }}
{{ $section }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
api:
  address: ":8080"
  {{- if .values.apiKey.secretName }}
  api_key_file: /etc/otedama/api-key/{{ .values.apiKey.key }}
  {{- end }}
  {{- with omit (default dict $config.api) "address" }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- if .values.tls.secretName }}
security:
  enable_tls: true
  cert_file: /etc/otedama/tls/tls.crt
  key_file: /etc/otedama/tls/tls.key
{{- end }}
{{- include "otedama.redisConfig" $root }}
{{- end -}}

{{- define "otedama.config.miner-agent" -}}
{{- $root := .root -}}
{{- $config := $root.Values.config -}}
{{- $upstream := pick (default dict $config.pool) "url" "user" "password" "backup_pools" -}}
{{- if $upstream -}}
pool:
  enable: false
  {{- toYaml $upstream | nindent 2 }}
{{- else -}}
{{ include "otedama.poolsConfig" (dict "root" $root "omit" (list "daemons" "wallet" "payouts" "merged_mining" "splits" "bankroll" "profiles") "omitMerged" (list)) }}
{{- end }}
mining:
  {{- $gateways := list }}
  {{- range (include "otedama.stratumPorts" $root | fromJson).ports }}
  {{- $gateways = append $gateways (printf "stratum+tcp://%s:%d" (include "otedama.serviceName" (dict "root" $root "service" "stratum-gateway")) (int .port)) }}
  {{- end }}
  {{- $own := ternary (dict) (dict "gateways" $gateways) (gt (len $upstream) 0) }}
  {{- toYaml (merge (dict "enable" true) (default dict $config.mining) $own) | nindent 2 }}
{{- end -}}

{{/*
A file for the program. As JSON, which is YAML, too: helm leaves texts without quotes that others take for numbers, such
as the addresses of Ethereum.
*/}}
{{- define "otedama.file" -}}
{{- $file := fromYaml . -}}
{{- if hasKey $file "Error" -}}{{- fail $file.Error -}}{{- end -}}
{{- toPrettyJson $file -}}
{{- end -}}

{{/* The whole configuration of a service. Arguments: root, service, values. */}}
{{- define "otedama.config" -}}
{{- $shared := include "otedama.sharedConfig" . -}}
{{- $own := include (printf "otedama.config.%s" .service) . -}}
{{- include "otedama.file" (printf "%s\n%s" $shared $own) -}}
{{- end -}}

{{/* As long as the sleep before the signal, the drain, and a little for the process itself. */}}
{{- define "otedama.gracePeriod" -}}
{{- add (int .preStopSeconds) (int .drainSeconds) 10 -}}
{{- end -}}
