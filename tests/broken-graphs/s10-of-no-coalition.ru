# A working group outside the coalition.
# expect: shape:S10-coalition id:wg-stabilisation
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:coalition ckg:hasBody id:wg-stabilisation }
