#!/usr/bin/env bash
# Show what deploying ENVIRONMENT would change, in the log and in the run's summary; what is in the
# way ends the job here, before anything is changed.
#   plan.sh ENVIRONMENT
set -euo pipefail
environment=$1

plan=$(mktemp)
code=0
.venv/bin/darkroom deploy --env "$environment" --plan 2>&1 | tee "$plan" || code=$?
{
  echo "### $environment: what deploying changes"
  echo '~~~~text'
  cat "$plan"
  echo '~~~~'
} >> "$GITHUB_STEP_SUMMARY"
rm "$plan"
exit "$code"
