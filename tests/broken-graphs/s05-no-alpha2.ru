# A state without an alpha-2 code.
# expect: shape:S05-alpha-2 id:state-QAT
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:state-QAT ckg:isoAlpha2 "QA" }
