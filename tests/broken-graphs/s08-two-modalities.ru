# A statement that is a fact and a claim.
# expect: shape:S08-modality id:F101
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

INSERT DATA { id:F101 ckg:modality id:modality-claim }
