#!/bin/sh
# The engine sends the runtime options of Pulumi.yaml by RPC; a language host of this age knows them as flags only.
exec "$(dirname "$0")/pulumi-language-nodejs-3.40" -typescript=false "-nodeargs=--import tsx" "$@"
