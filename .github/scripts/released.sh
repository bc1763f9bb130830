#!/usr/bin/env bash
# Say of each ENVIRONMENT whether it ever had a release. Before the first one there is nothing to
# deploy; where it was taken away again, `darkroom deploy` has to be asked and says what is wrong.
#   released.sh ENVIRONMENT...
set -euo pipefail

for environment in "$@"; do
  commit=$(git log -1 --format=%h -- "config/releases/$environment.json")
  released=true
  if [[ -z $commit ]]; then
    released=false
    echo "::notice::environment $environment never had a release, so nothing is deployed to it;" \
      "the first one is a commit of config/releases/$environment.json"
  fi
  echo "$environment=$released" >> "$GITHUB_OUTPUT"
done
