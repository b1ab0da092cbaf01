#!/usr/bin/env bash
# What the commands cost on the demo's workbooks: seconds and peak memory.
#
#   bash tests/bench/run.sh PROGRAM        e.g. target/release/yuebao
#
# Needs GNU time (Debian's package `time`). Builds nothing, writes to a temporary folder, prints a
# Markdown table. Every case is run three times; the median is shown.
set -euo pipefail
program=$(realpath "${1:?usage: run.sh PROGRAM}")
project=$(realpath "$(dirname "$0")/../..")
rounds=3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# measure FOLDER ARGUMENTS...: appends "seconds kilobytes" to FOLDER/times; the program's say is kept
measure() {
    local folder=$1
    shift
    mkdir -p "$folder"
    /usr/bin/time -f '%e %M' -a -o "$folder/times" \
        "$program" --project "$project" "$@" >"$folder/say" 2>"$folder/log"
}

median() { sort -n | sed -n "$(((rounds + 1) / 2))p"; }

# row NAME FOLDER: one line of the table
row() {
    local seconds kilobytes
    seconds=$(cut -d' ' -f1 "$2/times" | median)
    kilobytes=$(cut -d' ' -f2 "$2/times" | median)
    printf '| %s | %s | %s |\n' "$1" "$seconds" "$((kilobytes / 1024))"
}

# The demo leaves an archive and no inbox. Puts a month's files back as they came: `received.csv` has
# their names, `cp -p` keeps the time of receipt, which is the modification time.
unpack() {
    local month=$1 inbox=$2 hash extension name
    tail -n +2 "$month/received.csv" | while IFS=, read -r _ hash extension name; do
        mkdir -p "$(dirname "$inbox/$name")"
        cp -p "$month/$hash.$extension" "$inbox/$name"
    done
}

"$program" --project "$project" --output "$work/demo" demo >/dev/null 2>&1
newest=$(find "$work/demo/archive" -mindepth 1 -maxdepth 1 -name '20*' | sort | tail -n 1)
mkdir -p "$work/all"
for month in "$work/demo/archive"/*; do unpack "$month" "$work/all"; done
files=$(find "$work/all" -type f | wc -l)
# one tidy report of the newest month arrives after all others
last=$(find "$work/all/$(basename "$newest")" -name '*B204-1.xlsx' | sort | head -n 1)

for ((round = 0; round < rounds; round++)); do
    rm -rf "$work/out"
    mkdir -p "$work/out"
    cp -rp "$work/all" "$work/out/inbox"
    rm "$work/out/inbox/${last#"$work/all/"}"
    measure "$work/of/cold" --output "$work/out" run
    measure "$work/of/idle" --output "$work/out" run
    mkdir -p "$work/out/inbox/$(basename "$newest")"
    cp -p "$last" "$work/out/inbox/${last#"$work/all/"}"
    measure "$work/of/one" --output "$work/out" run
    measure "$work/of/check" --output "$work/out" check "$last"
    measure "$work/of/status" --output "$work/out" status
done
cat "$work/of/cold/say" "$work/of/idle/say" "$work/of/one/say" >&2

echo "| case | seconds | peak MB |"
echo "| --- | ---: | ---: |"
row "\`run\`: $((files - 1)) workbooks from the inbox to an edition, nothing there before" "$work/of/cold"
row "\`run\`: nothing new" "$work/of/idle"
row "\`run\`: one workbook more, for the newest month" "$work/of/one"
row "\`check\`: one workbook" "$work/of/check"
row "\`status\`" "$work/of/status"
