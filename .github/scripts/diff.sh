#!/usr/bin/env bash
# Write what `darkroom diff` says of HEAD against the revision BASE into FILE, a pull request's
# comment, and hand the verdict to the jobs that follow: harmless, attention or refused.
#   diff.sh BASE FILE
set -euo pipefail
base=$1
file=$2

code=0
.venv/bin/darkroom diff --base "$base" --head HEAD --format markdown > "$file" || code=$?
case $code in
  0) verdict=harmless ;;
  3) verdict=attention ;;
  *)
    verdict=refused
    # Without it the comment of an earlier push would go on speaking for this one.
    run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
    printf '%s\n' '<!-- darkroom diff -->' \
      "**\`darkroom diff\` refused this change** (exit code $code); [the run]($run) says why." > "$file"
    ;;
esac

cat "$file" >> "$GITHUB_STEP_SUMMARY"
echo "verdict=$verdict" >> "$GITHUB_OUTPUT"
[[ $verdict != refused ]] || exit "$code"
