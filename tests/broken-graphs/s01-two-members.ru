# One membership node for two states.
# expect: shape:S01-member id:mem-coalition-BFA-member
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX org: <http://www.w3.org/ns/org#>

INSERT DATA { id:mem-coalition-BFA-member org:member id:state-NER }
