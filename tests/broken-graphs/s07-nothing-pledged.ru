# A pledge of zero.
# expect: shape:S07-amount id:pledge-ffis
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE WHERE { id:pledge-ffis ckg:minimumAmount ?amount } ;
INSERT DATA { id:pledge-ffis ckg:minimumAmount "0"^^xsd:decimal }
