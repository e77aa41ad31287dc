# A working group with two lines of effort.
# expect: shape:S10-line id:wg-stabilisation
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

INSERT DATA { id:wg-stabilisation ckg:pursues id:line-military }
