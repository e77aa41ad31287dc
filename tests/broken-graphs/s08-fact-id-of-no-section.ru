# A fact identifier of a section that does not exist.
# expect: shape:S08-fact-id id:F101
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:F101 ckg:factId "F101" } ;
INSERT DATA { id:F101 ckg:factId "F901" }
