#!/usr/bin/env bash
# What the waiting daemon costs: processor time and memory, with ten thousand files in the archive.
#
#   bash tests/bench/idle.sh PROGRAM [SECONDS]        e.g. target/release/yuebao, 300
#
# Linux only: reads /proc. Builds nothing, writes to a temporary folder, prints a Markdown table.
# Runs that come due meanwhile (the shipped intake, every ten minutes) are processes of their own and
# counted apart.
set -euo pipefail
program=$(realpath "${1:?usage: idle.sh PROGRAM [SECONDS]}")
seconds=${2:-300}
project=$(realpath "$(dirname "$0")/../..")
files=10000
work=$(mktemp -d)
trap 'kill "$daemon" 2>/dev/null || true; rm -rf "$work"' EXIT

# 24 months of archived workbooks; what is in them does not matter, nothing opens them. The receipts
# are missing, as after a crash, so that no run takes them for its own.
for ((month = 0; month < 24; month++)); do
    folder=$(printf '%s/archive/%d-%02d' "$work" $((2024 + month / 12)) $((month % 12 + 1)))
    mkdir -p "$folder"
    for ((file = month; file < files; file += 24)); do
        printf x >"$(printf '%s/%064x.xlsx' "$folder" "$file")"
    done
done

"$program" --project "$project" --output "$work" --log json daemon --listen 127.0.0.1:0 \
    2>"$work/log" &
daemon=$!
until grep -q 'daemon ready' "$work/log"; do
    kill -0 "$daemon" || { cat "$work/log"; exit 1; }
    sleep 0.2
done
sleep 15

# ticks FIELD...: the sum of fields of /proc/PID/stat, counted after the name in parentheses
ticks() {
    local fields sum=0 field
    read -r -a fields <<<"$(sed 's/.*) //' "/proc/$daemon/stat")"
    for field in "$@"; do sum=$((sum + fields[field - 3])); done
    echo "$sum"
}
memory() { awk -v key="$1:" '$1 == key { print int($2 / 1024) }' "/proc/$daemon/status"; }

own=$(ticks 14 15)
runs=$(ticks 16 17)
sleep "$seconds"
own=$(($(ticks 14 15) - own))
runs=$(($(ticks 16 17) - runs))
second=$(getconf CLK_TCK)

echo "| files in the archive | seconds waited | processor seconds | of one core | of its runs, seconds | memory now, MiB | at most, MiB |"
echo "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
awk -v files="$files" -v seconds="$seconds" -v own="$own" -v runs="$runs" -v second="$second" \
    -v now="$(memory VmRSS)" -v most="$(memory VmHWM)" 'BEGIN {
    printf "| %d | %d | %.2f | %.3f %% | %.2f | %d | %d |\n",
        files, seconds, own / second, 100 * own / second / seconds, runs / second, now, most
}'
