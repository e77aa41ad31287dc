# Two states with one alpha-3 code.
# expect: shape:S05-state id:state-DNK
# expect: shape:S05-state id:state-NOR
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:state-DNK ckg:isoAlpha3 "DNK" } ;
INSERT DATA { id:state-DNK ckg:isoAlpha3 "NOR" }
