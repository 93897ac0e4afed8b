#!/usr/bin/env bash
# Builds the image and runs it as compose.yaml and the chart do: as its user, with no capability, on a file system that it
# cannot write to. By Docker; or by Debian's podman, with a base made here where no registry gives the one of the Dockerfile.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() { echo "skipped: $1"; exit 0; }
fail() { echo "not ok: $1" >&2; exit 1; }
ok() { echo "ok: $1"; }

if docker info >/dev/null 2>&1; then engine=(docker)
elif [ "$(id -u)" = 0 ] && command -v podman >/dev/null && command -v runc >/dev/null && command -v debootstrap >/dev/null; then
  # Neither systemd nor the journal is needed to look at an image, nor is it there in every sandbox.
  engine=(podman --runtime runc --cgroup-manager=cgroupfs --events-backend=file)
else skip 'no Docker engine here, nor podman, runc and debootstrap as root (Debian: apt-get install podman runc debootstrap)'
fi

base=$(sed -n 's/^FROM \(\S*\).*/\1/p' Dockerfile | head -n 1)
image=signalbox-check
work=$(mktemp -d)
names=()
finish() {
  for name in "${names[@]}"; do "${engine[@]}" rm --force "$name" >/dev/null 2>&1 || true; done
  [ ! -f "$work/redis.pid" ] || kill "$(cat "$work/redis.pid")" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

# A Debian of the same version with this machine's Node, where that is the one of the base.
make_base() {
  local node root=$work/base
  node=$(realpath "$(command -v node)")
  [[ "$base" == node:$("$node" -p 'process.versions.node.split(".")[0]')-bookworm* ]] || skip "no registry has $base for us, and this machine's Node is another one"
  echo "making $base of Debian's packages and $node"
  debootstrap --variant=minbase bookworm "$root" >"$work/debootstrap.log" || { tail "$work/debootstrap.log"; fail 'debootstrap'; }
  install -m 755 "$node" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -r "$(npm root --global)/npm" "$root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  chroot "$root" useradd --uid 1000 --user-group --create-home --shell /bin/bash node
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  tar -C "$root" -c . | "${engine[@]}" import --quiet - "docker.io/library/$base" >/dev/null
  rm -rf "$root"
}

build=(build --quiet --tag "$image" --build-arg VERSION=image-check)
if [ "${engine[0]}" = podman ]; then
  if ! "${engine[@]}" image exists "docker.io/library/$base"; then make_base; fi
  # The network and the certificates of this machine: npm may stand behind a proxy of its own.
  build+=(--isolation chroot --network host --pull=never --volume /etc/ssl/certs:/etc/ssl/certs:ro)
  [ ! -f /etc/ssl/certs/ca-certificates.crt ] || { echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$work/npmrc"; build+=(--volume "$work/npmrc:/root/.npmrc:ro"); }
fi
started=$SECONDS
"${engine[@]}" "${build[@]}" . >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log"; fail 'the image is not built'; }
bytes=$("${engine[@]}" image inspect --format '{{.Size}}' "$image")
ok "built in $((SECONDS - started)) s, $((bytes / 1000000)) MB with its base"

# Nothing but what compose.yaml gives: a folder for temporary files, and one for data.
bare=(--read-only --cap-drop ALL --security-opt no-new-privileges --network host)
# Where podman gives more than that, or would raise limits, which not every sandbox allows.
[ "${engine[0]}" != podman ] || bare+=(--read-only-tmpfs=false --ulimit nofile=4096:4096 --ulimit nproc=2048:2048)
hardened=("${bare[@]}" --tmpfs /tmp:mode=1777)
token=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
port=$(node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })")

run() { # name, options of the engine, --, arguments of signalbox
  local name=$image-$1 options=(); shift
  while [ "$1" != -- ]; do options+=("$1"); shift; done; shift
  names+=("$name")
  "${engine[@]}" run --detach --name "$name" "${hardened[@]}" --env HOST=127.0.0.1 --env "SIGNALBOX_TOKEN=$token" "${options[@]}" "$image" "$@" >/dev/null
}
inside() { "${engine[@]}" exec "$image-$1" "${@:2}"; }
ready() {
  for _ in $(seq 120); do
    ! curl -sf "http://127.0.0.1:$2/ready" -o /dev/null || { ok "$1 is ready"; return; }
    sleep 0.5
  done
  "${engine[@]}" logs "$image-$1" | tail -n 20
  fail "$1 is not ready"
}
dump() { # in which container: the example of the README
  inside "$1" signalbox submit new_assembly --genome minimus_exemplaris --set assembly=MEX1 --set fasta=examples/genome/minimus.fa \
    --set gff3=examples/genome/minimus.gff3 --wait 2m --url "http://127.0.0.1:$port" >"$work/$1.out" 2>&1 || { cat "$work/$1.out"; fail "an event on $1"; }
  grep -q '✔ dump_verified' "$work/$1.out" || { cat "$work/$1.out"; fail "an event on $1"; }
  ok "an event ran to its end on $1, with what followed"
}
stopped() {
  "${engine[@]}" stop --time 40 "$image-$1" >/dev/null
  local code; code=$("${engine[@]}" inspect --format '{{.State.ExitCode}}' "$image-$1")
  [ "$code" = 0 ] || { "${engine[@]}" logs "$image-$1" | tail -n 20; fail "$1 ended with $code"; }
  ok "$1 stopped by itself when it was asked to"
}

run start --env "PORT=$port" -- start
ready start "$port"
[ "$(inside start id -u)" = 1000 ] || fail 'it does not run as the user node'
inside start sh -c '! touch /app/here 2>/dev/null && ! touch /usr/local/bin/here 2>/dev/null && touch /app/var/here' || fail 'what it may write to'
[ "$(inside start sh -c 'grep CapEff /proc/1/status')" = "$(printf 'CapEff:\t0000000000000000')" ] || fail 'it has capabilities'
mapfile -t health < <(node -p "JSON.parse(process.argv[1]).join('\n')" "$(sed -n 's/^HEALTHCHECK.* CMD //p' Dockerfile)")
inside start "${health[@]}" || fail 'the health check of the image'
ok 'it runs as node, without capabilities, and can write to /app/var and /tmp alone'
dump start
inside start env "SIGNALBOX_URL=http://127.0.0.1:$port" signalbox doctor >"$work/doctor.out" || { cat "$work/doctor.out"; fail doctor; }
ok "doctor: $(tail -n 1 "$work/doctor.out")"
stopped start

command -v redis-server >/dev/null || skip 'the roles apart: no Redis here (Debian: apt-get install redis-server)'
redis=$((port + 1))
redis-server --port "$redis" --bind 127.0.0.1 --save '' --daemonize yes --pidfile "$work/redis.pid" --dir "$work" >/dev/null
mkdir -m 777 "$work/store"
shared=(--env "SIGNALBOX_BACKEND=redis://127.0.0.1:$redis" --env SIGNALBOX_STORE=file:/data/store --volume "$work/store:/data/store")
"${engine[@]}" run --rm "${bare[@]}" "${shared[@]}" "$image" migrate >"$work/migrate.out" 2>&1 || { cat "$work/migrate.out"; fail 'migrate'; }
ok "migrate, with no folder to write to"
run api "${shared[@]}" --env "PORT=$port" -- api
run worker "${shared[@]}" --env "SIGNALBOX_STATUS_PORT=$((port + 2))" -- worker
run results "${shared[@]}" --env "SIGNALBOX_STATUS_PORT=$((port + 3))" -- results
ready api "$port"
ready worker $((port + 2))
ready results $((port + 3))
dump api
for role in api worker results; do stopped "$role"; done
