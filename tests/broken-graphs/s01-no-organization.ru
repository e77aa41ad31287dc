# A membership of nothing.
# expect: shape:S01-organization id:mem-coalition-BFA-member
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX org: <http://www.w3.org/ns/org#>

DELETE DATA { id:mem-coalition-BFA-member org:organization id:coalition }
