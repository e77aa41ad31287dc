# An alpha-3 code in small letters.
# expect: shape:S05-alpha-3 id:state-QAT
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:state-QAT ckg:isoAlpha3 "QAT" } ;
INSERT DATA { id:state-QAT ckg:isoAlpha3 "qat" }
