# The role of a membership is a concept that is no org:Role.
# expect: shape:S01-role id:mem-africa-focus-group-MAR-co-chair
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX org: <http://www.w3.org/ns/org#>

DELETE DATA { id:mem-africa-focus-group-MAR-co-chair org:role id:role-co-chair } ;
INSERT DATA { id:mem-africa-focus-group-MAR-co-chair org:role id:action-train }
