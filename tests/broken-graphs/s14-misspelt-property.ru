# A property with a slip of the pen: hostedBy for host.
# expect: shape:S14-declared-terms <https://w3id.org/coalition-kg/ontology>
PREFIX ckg: <https://w3id.org/coalition-kg/ontology#>
PREFIX id: <https://w3id.org/coalition-kg/id/>

INSERT DATA { id:meeting-small-group-2021-brussels ckg:hostedBy id:state-BEL }
