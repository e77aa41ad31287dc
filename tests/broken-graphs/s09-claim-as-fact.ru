# A claimed outcome passed off as a fact.
# expect: shape:S09-modality id:F210
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE DATA { id:F210 ckg:modality id:modality-claim } ;
INSERT DATA { id:F210 ckg:modality id:modality-fact }
