# A class with a slip of the pen: Organisation.
# expect: shape:S14-declared-terms <https://w3id.org/coalition-kg/ontology>
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

INSERT DATA { id:coalition a ckg:Organisation }
