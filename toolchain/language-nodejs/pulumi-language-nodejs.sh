#!/bin/sh
# The engine sends the runtime options of Pulumi.yaml by RPC; a language host of this age knows them as flags only. It starts in
# the folder of the program's `main`.
project=$PWD
while [ ! -e "$project/Pulumi.yaml" ] && [ "$project" != / ]; do project=$(dirname "$project"); done
nodeargs=$(sed -n 's/^ *nodeargs: *//p' "$project/Pulumi.yaml")
exec "$(dirname "$0")/pulumi-language-nodejs-3.40" -typescript=false "-nodeargs=$nodeargs" "$@"
