{{- define "signalbox.name" -}}{{ printf "%s" .Release.Name | trunc 40 | trimSuffix "-" }}{{- end }}
{{- define "signalbox.image" -}}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{- end }}
{{- define "signalbox.secret" -}}{{ .Values.secret.existing | default (include "signalbox.name" .) }}{{- end }}
{{- define "signalbox.labels" -}}
app.kubernetes.io/name: signalbox
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "signalbox.selector" -}}
app.kubernetes.io/name: signalbox
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}
{{/* A deployment of one role: root, component, role, replicas (nil where KEDA counts), resources, env. */}}
{{- define "signalbox.deployment" -}}
{{- $root := .root }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "signalbox.name" $root }}-{{ .component }}
  labels: {{- include "signalbox.labels" $root | nindent 4 }}
spec:
  {{- if not (kindIs "invalid" .replicas) }}
  replicas: {{ .replicas }}
  {{- end }}
  selector:
    matchLabels: {{- include "signalbox.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "signalbox.selector" . | nindent 8 }}
      annotations:
        checksum/settings: {{ toJson $root.Values.settings | sha256sum }}
        prometheus.io/scrape: 'true'
        prometheus.io/port: '3000'
    spec:
      serviceAccountName: {{ include "signalbox.name" $root }}
      automountServiceAccountToken: false
      # Longer than SIGNALBOX_DRAIN_MS, SIGNALBOX_SHUTDOWN_MS and SIGNALBOX_GRACE_MS together, so that work is handed back and not torn off.
      terminationGracePeriodSeconds: 45
      securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: {{ .role }}
          image: {{ include "signalbox.image" $root }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [{{ .role }}]
          envFrom:
            - configMapRef: { name: {{ include "signalbox.name" $root }} }
            - secretRef: { name: {{ include "signalbox.secret" $root }} }
          env:
            - { name: SIGNALBOX_WORKER_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
            {{- range $name, $value := .env }}
            - { name: {{ $name }}, value: {{ $value | quote }} }
            {{- end }}
          ports: [{ name: http, containerPort: 3000 }]
          startupProbe: { httpGet: { path: /live, port: http }, failureThreshold: 60, periodSeconds: 2 }
          livenessProbe: { httpGet: { path: /live, port: http }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
          readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 5, timeoutSeconds: 4 }
          resources: {{- toYaml (default dict .resources) | nindent 12 }}
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            - { name: var, mountPath: /app/var }
            {{- if $root.Values.lookups }}
            - { name: lookups, mountPath: /etc/signalbox/lookups, readOnly: true }
            {{- end }}
            {{- if $root.Values.volumeClaim }}
            - { name: data, mountPath: /data }
            {{- end }}
      volumes:
        - { name: tmp, emptyDir: {} }
        - { name: var, emptyDir: {} }
        {{- if $root.Values.lookups }}
        - { name: lookups, configMap: { name: {{ include "signalbox.name" $root }}-lookups } }
        {{- end }}
        {{- if $root.Values.volumeClaim }}
        - { name: data, persistentVolumeClaim: { claimName: {{ $root.Values.volumeClaim }} } }
        {{- end }}
{{- end }}
