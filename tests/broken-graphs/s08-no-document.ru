# A statement from nowhere.
# expect: shape:S08-document id:F101
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:F101 ckg:fromDocument id:source-page }
