# A statement without its anchor words.
# expect: shape:S08-key-terms id:F101
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE WHERE { id:F101 ckg:keyTerms ?terms }
