#!/bin/sh
# Runs one Kedro pipeline for one job: kedro_run.sh PIPELINE. Kedro splits --params at commas, so the event, which arrives
# on stdin, goes into a file whose path is the parameter. The last line of stdout is the output of the job.
set -eu
event=$(mktemp)
trap 'rm -f "$event"' EXIT
cat > "$event"
kedro run --pipeline "$1" --params "id=$SIGNALBOX_JOB_ID,event_file=$event"
printf '{"output":{"pipeline":"%s","id":"%s"}}\n' "$1" "$SIGNALBOX_JOB_ID"
