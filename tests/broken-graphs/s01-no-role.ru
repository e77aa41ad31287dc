# A membership without a role.
# expect: shape:S01-role id:mem-africa-focus-group-NER-co-chair
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX org: <http://www.w3.org/ns/org#>

DELETE DATA { id:mem-africa-focus-group-NER-co-chair org:role id:role-co-chair }
