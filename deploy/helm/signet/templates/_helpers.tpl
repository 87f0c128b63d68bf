{{- define "signet.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "signet.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "signet.labels" -}}
{{ include "signet.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* A variable from a secret: (list NAME (dict "secret" … "key" …)). */}}
{{- define "signet.secretVariable" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ (index . 1).secret }}
      key: {{ (index . 1).key }}
{{- end }}

{{- define "signet.environment" -}}
- name: SIGNET_LISTEN
  value: 0.0.0.0:8080
- name: SIGNET_DATA_DIR
  value: /var/lib/signet
- name: SIGNET_LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
- name: SIGNET_APPLICATION
  value: {{ .Values.application | quote }}
- name: SIGNET_CORS_ORIGINS
  value: {{ join "," .Values.corsOrigins | quote }}
- name: SIGNET_DATABASE_CONNS
  value: {{ .Values.database.connections | quote }}
{{- with .Values.externalURL | default (ternary (printf "https://%s" .Values.ingress.host) "" .Values.ingress.enabled) }}
- name: SIGNET_EXTERNAL_URL
  value: {{ . | quote }}
- name: SIGNET_WEBAUTHN_ORIGINS
  value: {{ join "," ($.Values.webauthn.origins | default (list .)) | quote }}
{{- end }}
- name: SIGNET_WEBAUTHN_NAME
  value: {{ .Values.webauthn.name | quote }}
{{- with .Values.redirectOrigins }}
- name: SIGNET_REDIRECT_ORIGINS
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.federationAllowPrivate }}
- name: SIGNET_FEDERATION_ALLOW_PRIVATE
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.signIn }}
- name: SIGNET_SELF_REGISTRATION
  value: {{ .selfRegistration | quote }}
- name: SIGNET_LOGO_URL
  value: {{ .logoURL | quote }}
- name: SIGNET_SESSION_LIFE
  value: {{ .sessionLife | quote }}
- name: SIGNET_REFRESH_LIFE
  value: {{ .refreshLife | quote }}
- name: SIGNET_ACCESS_LIFE
  value: {{ .accessLife | quote }}
- name: SIGNET_KEY_LIFE
  value: {{ .keyLife | quote }}
- name: SIGNET_LOCKOUT_ATTEMPTS
  value: {{ .lockoutAttempts | quote }}
{{- with .trustedProxies }}
- name: SIGNET_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- end }}
{{ include "signet.secretVariable" (list "SIGNET_DATABASE_URL" .Values.database.url) }}
{{ include "signet.secretVariable" (list "SIGNET_MASTER_KEY" .Values.masterKey) }}
{{- if .Values.nats.url.secret }}
{{ include "signet.secretVariable" (list "SIGNET_NATS_URL" .Values.nats.url) }}
{{- end }}
{{- with .Values.smtp }}
{{- if .host }}
- name: SIGNET_SMTP_HOST
  value: {{ .host | quote }}
- name: SIGNET_SMTP_PORT
  value: {{ .port | quote }}
- name: SIGNET_SMTP_ENCRYPTION
  value: {{ .encryption | quote }}
- name: SIGNET_SMTP_FROM
  value: {{ required "smtp.from is needed with smtp.host" .from | quote }}
{{- if .user }}
- name: SIGNET_SMTP_USER
  value: {{ .user | quote }}
{{- end }}
{{- if .password.secret }}
{{ include "signet.secretVariable" (list "SIGNET_SMTP_PASSWORD" .password) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
