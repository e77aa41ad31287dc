# A claim of 195 per cent.
# expect: shape:S09-percentage id:F210
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE WHERE { id:F210 ckg:percentage ?share } ;
INSERT DATA { id:F210 ckg:percentage "195"^^xsd:decimal }
