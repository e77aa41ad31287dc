# Two states with one alpha-2 code.
# expect: shape:S05-state id:state-DNK
# expect: shape:S05-state id:state-NOR
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:state-DNK ckg:isoAlpha2 "DK" } ;
INSERT DATA { id:state-DNK ckg:isoAlpha2 "NO" }
