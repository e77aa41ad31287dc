# A currency that is no code.
# expect: shape:S07-currency id:pledge-ffis
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE WHERE { id:pledge-ffis ckg:currency ?currency } ;
INSERT DATA { id:pledge-ffis ckg:currency "US dollars" }
