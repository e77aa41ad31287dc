# A working group that has only co-chairs.
# expect: shape:S10-chair id:wg-stabilisation
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX org: <http://www.w3.org/ns/org#>

DELETE { ?seat org:role id:role-chair }
INSERT { ?seat org:role id:role-co-chair }
WHERE { ?seat org:organization id:wg-stabilisation ; org:role id:role-chair }
