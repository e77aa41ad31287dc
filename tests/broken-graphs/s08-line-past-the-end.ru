# A statement from line 52 of 51.
# expect: shape:S08-line id:F842
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

DELETE WHERE { id:F842 ckg:sourceLine ?line } ;
INSERT DATA { id:F842 ckg:sourceLine 52 }
