# A member of the Small Group turned into its chair.
# expect: shape:S11-small-group id:small-group
# expect: shape:S11-small-group id:small-group
PREFIX id: <https://w3id.org/coalition-kg/id/>
PREFIX org: <http://www.w3.org/ns/org#>

DELETE DATA { id:mem-small-group-USA-member org:role id:role-member } ;
INSERT DATA { id:mem-small-group-USA-member org:role id:role-chair }
