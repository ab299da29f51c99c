#!/bin/sh
# Installs the codex binary that the specs run, in the ignored folder .cache/codex; does nothing when it is there.
set -eu
cd "$(dirname "$0")/../.."
version=0.104.0
bin=.cache/codex/node_modules/.bin/codex
if [ "$("$bin" --version 2>/dev/null)" != "codex-cli $version" ]; then
  mkdir -p .cache/codex
  npm install --prefix .cache/codex --no-save --no-package-lock --no-audit --no-fund "@openai/codex@$version"
fi
"$bin" --version
